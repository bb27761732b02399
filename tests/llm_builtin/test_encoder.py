"""The encoder: same tokens as BERT, same vector whatever stands beside it, and no damaged weights."""

import shutil

import numpy as np
import pytest

from turbulence_app.domain.errors import MachineError
from turbulence_app.llm.builtin.container import pack, quantise_rows, restore_rows, unpack
from turbulence_app.llm.builtin.encoder import MODEL_FILE, VOCABULARY_FILE, Encoder, models_folder, shared_encoder
from turbulence_app.llm.builtin.tokens import MAX_TOKENS, WordPieces, basic_words

TEXTS = [
    "She gives up at once.",
    "",
    "He waits for the page until it has loaded, however long that may take, and drinks a coffee meanwhile.",
    "预约医生 🙂",
    "naïve Café",
]


def test_words_follow_berts_rules():
    assert basic_words("Naïve Café: don't!\u00a0预约\x00\t“x”") == [
        "naive", "cafe", ":", "don", "'", "t", "!", "预", "约", "“", "x", "”",
    ]  # fmt: skip


def test_longest_piece_first_unknown_and_cut():
    pieces = WordPieces("\n".join(["[PAD]", "[CLS]", "[SEP]", "[UNK]", "wait", "##ing", "##s", "a"]))
    assert pieces("Waiting waits a waitx") == [1, 4, 5, 4, 6, 7, 3, 2]
    assert pieces("a" * 101) == [1, 3, 2]
    assert len(pieces("a " * 5000)) == MAX_TOKENS


def test_a_vector_does_not_depend_on_its_neighbours():
    together = Encoder()(TEXTS)
    alone = np.concatenate([Encoder()([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-5
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_near_in_meaning_is_near_in_cosine():
    a, b, c = shared_encoder()(["The page takes long to load.", "The site is slow.", "She plays the violin."])
    assert a @ b > 0.5 > 0.3 > a @ c


@pytest.mark.parametrize("name", [MODEL_FILE, VOCABULARY_FILE])
def test_damaged_or_missing_files_are_refused(tmp_path, name):
    folder = shutil.copytree(models_folder(), tmp_path / "models")
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    with pytest.raises(MachineError, match="damaged"):
        Encoder(folder)
    (folder / name).unlink()
    with pytest.raises(MachineError, match="missing"):
        Encoder(folder)


def test_container_round_trip_and_bounds():
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((5, 192)).astype(np.float32)
    integers, scale = quantise_rows(matrix)
    assert np.abs(restore_rows(integers, scale) - matrix).max() <= scale.max() / 2 + 1e-6
    raw = pack({"b": integers, "a": scale}, {"k": "v"})
    assert raw == pack({"a": scale, "b": integers}, {"k": "v"})
    tensors, metadata = unpack(raw)
    assert metadata == {"k": "v"}
    assert (tensors["b"] == integers).all()
    for broken in (b"", raw[:6], raw[:40], raw[:-1]):
        with pytest.raises(ValueError, match=r".+"):
            unpack(broken)
