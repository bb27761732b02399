"""Makes a tiny llama-architecture model with random weights: real enough for llama.cpp, small enough for a test.

The same arguments give the same bytes. ``python -m tests.llm.tiny_gguf OUT`` writes one by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np

TEMPLATE = (
    "{% for m in messages %}{{ '<|' + m['role'] + '|>\n' + m['content'] + '<|end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
BLANK_BYTES = ("<0x09>", "<0x0A>", "<0x0D>", "<0x20>")
CHAT = ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
FRAGMENTS = ('{"', '":', '",', '"}', ":null", "null", "min", "max", '":{"', ":{", "},", '},"', "percent", "because")
WORDS = "the and that for with not you are this have what which when how often they people answer page step wait leave "
WORDS += "description decision policy option number min max range from give words such time again visit next before"


def vocabulary() -> list[tuple[str, int]]:
    """Pieces with their kind. A piece of SentencePiece is only reached if its prefixes are pieces too."""
    kinds = gguf.TokenType
    pieces: dict[str, int] = {"<unk>": kinds.UNKNOWN, "<s>": kinds.CONTROL, "</s>": kinds.CONTROL}
    pieces |= {f"<0x{byte:02X}>": kinds.BYTE for byte in range(256)}
    pieces |= dict.fromkeys(CHAT, kinds.CONTROL)
    plain = ["\u2581", "\n", *map(chr, range(33, 127)), *(" " * n for n in range(2, 5))]
    plain += [f[:n] for f in FRAGMENTS for n in range(2, len(f) + 1)]
    for word in WORDS.split():
        plain += [word[:n] for n in range(2, len(word) + 1)] + ["\u2581" + word[:n] for n in range(1, len(word) + 1)]
    for piece in plain:
        pieces.setdefault(piece, kinds.NORMAL)
    return [(piece, int(kind)) for piece, kind in pieces.items()]


def write(path: Path, *, seed: int = 7, width: int = 64, layers: int = 2, context: int = 8192) -> Path:
    """Writes the model (F32) and returns its path."""
    pieces = vocabulary()
    texts = [piece for piece, _ in pieces]
    heads, hidden, end = 4, 2 * width, texts.index("<|end|>")
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny-random")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(len(texts))
    writer.add_file_type(0)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_scores([0.0 if kind != gguf.TokenType.NORMAL else -float(i) for i, (_, kind) in enumerate(pieces)])
    writer.add_token_types([kind for _, kind in pieces])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(end)
    writer.add_eot_token_id(end)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)
    _tensors(writer, np.random.default_rng(seed), texts, width, hidden, layers)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _tensors(
    writer: gguf.GGUFWriter, random: np.random.Generator, pieces: list[str], width: int, hidden: int, layers: int
) -> None:
    def put(name: str, *shape: int, scale: float | None = None) -> None:
        drawn = random.standard_normal(shape) * (scale if scale is not None else shape[-1] ** -0.5)
        writer.add_tensor(name, drawn.astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(width, np.float32))

    put("token_embd.weight", len(pieces), width, scale=1.0)
    for block in range(layers):
        base = f"blk.{block}."
        ones(base + "attn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            put(f"{base}{part}.weight", width, width)
        ones(base + "ffn_norm.weight")
        put(base + "ffn_gate.weight", hidden, width)
        put(base + "ffn_up.weight", hidden, width)
        put(base + "ffn_down.weight", width, hidden)
    ones("output_norm.weight")
    head = random.standard_normal((len(pieces), width)) * 3.0 * width**-0.5
    # No liking for white space, which Ollama's grammar lets through without end: some other piece is always likelier.
    head[[i for i, piece in enumerate(pieces) if not piece.strip(" \u2581\n") or piece in BLANK_BYTES]] = 0.0
    writer.add_tensor("output.weight", head.astype(np.float32))


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
