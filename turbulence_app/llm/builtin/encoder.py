"""all-MiniLM-L6-v2 in NumPy: sentences to unit vectors of 384 numbers.

Six transformer layers, 12 heads, mean pooling, unit length (Reimers & Gurevych 2019; Wang et al. 2020). NumPy was
taken over onnxruntime because it is a dependency anyway, has wheels everywhere and is quick enough.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from math import sqrt
from pathlib import Path
from threading import RLock

import numpy as np
from numpy.typing import NDArray

from turbulence_app.domain.errors import MachineError
from turbulence_app.llm.builtin.blas import one_thread
from turbulence_app.llm.builtin.container import restore_rows, unpack
from turbulence_app.llm.builtin.tokens import WordPieces

Array = NDArray[np.float32]

LAYERS, HEADS, WIDTH = 6, 12, 384
HEAD_WIDTH = WIDTH // HEADS
MODEL_FILE = "minilm-l6-v2-int8.safetensors"
VOCABULARY_FILE = "minilm-l6-v2-vocab.txt"
CHECKSUMS = "SHA256SUMS"
TAPPED = (0, 4, 6)
"""Layers whose mean is kept: the words alone, a middle one, the last."""
PACK_TOKENS = 384
"""Tokens that go through the matrices together: enough to keep them busy, small enough for the processor's cache."""
KEPT_VECTORS = 4096
"""Texts whose vectors are kept; 4.6 kB each."""


def models_folder() -> Path:
    """Where the built-in model lies: beside the installed package, else in the checkout's ``resources``."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_resources" / "models"
    return installed if installed.is_dir() else package.parent / "resources" / "models"


def read_checked(folder: Path, name: str) -> bytes:
    """A model file whose SHA-256 agrees with the list beside it; raises ``MachineError`` where it does not."""
    try:
        lines = (line.split(maxsplit=1) for line in (folder / CHECKSUMS).read_text().splitlines())
        listed = {name: digest for digest, name in lines}
        raw = (folder / name).read_bytes()
    except OSError as error:
        raise MachineError(f"the built-in model is missing: {error}", "install the program again") from error
    if hashlib.sha256(raw).hexdigest() != listed.get(name):
        raise MachineError(
            f"{folder / name} is damaged: its SHA-256 is not the listed one", "install the program again"
        )
    return raw


def _erf(x: Array) -> Array:
    """Error function by Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7."""
    a = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * a)
    poly = t * np.float32(1.061405429)
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        poly += np.float32(coefficient)
        poly *= t
    np.multiply(a, -a, out=a)
    poly *= np.exp(a, out=a)
    return np.copysign(1 - poly, x)


class Encoder:
    """Sentences to unit vectors; keeps the vectors of texts that it has seen. Safe to share between threads."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or models_folder()
        raw = read_checked(folder, MODEL_FILE)
        self.digest = "sha256:" + hashlib.sha256(raw).hexdigest()
        tensors, _ = unpack(raw)
        self._pieces = WordPieces(read_checked(folder, VOCABULARY_FILE).decode("utf-8"))
        self._words, self._word_scale = tensors["words"], tensors["words.scale"]
        self._places: Array = tensors["places"]
        self._w: dict[str, Array] = {
            name: np.ascontiguousarray(restore_rows(values, tensors[f"{name}.scale"]).T) if values.ndim == 2 else values
            for name, values in tensors.items()
            if name.startswith(("layer", "norm")) and not name.endswith(".scale")
        }
        self._kept: OrderedDict[str, Array] = OrderedDict()
        self._lock = RLock()

    def __call__(self, texts: Sequence[str]) -> Array:
        """Unit vectors, shape ``(len(texts), 384)``; a text's vector does not depend on its neighbours (to 1e-5)."""
        return self.layers(texts)[:, -1]

    def layers(self, texts: Sequence[str]) -> Array:
        """Unit vectors of the layers :data:`TAPPED`, shape ``(len(texts), 3, 384)``; the last is the sentence's vector.

        Earlier layers keep more of the single words: `slowly` and `quickly` are further apart there.
        """
        with self._lock:
            new = [text for text in dict.fromkeys(texts) if text not in self._kept]
            with one_thread():
                fresh = dict(zip(new, self._encode_all(new), strict=True))
            vectors = [fresh[text] if text in fresh else self._kept[text] for text in texts]
            self._kept.update(fresh)
            while len(self._kept) > KEPT_VECTORS:
                self._kept.popitem(last=False)
        return np.array(vectors, dtype=np.float32).reshape(len(texts), len(TAPPED), WIDTH)

    def _encode_all(self, texts: list[str]) -> list[Array]:
        rows = [self._pieces(text) for text in texts]
        vectors: list[Array] = []
        begin = 0
        while begin < len(rows):
            end, tokens = begin + 1, len(rows[begin])
            while end < len(rows) and tokens + len(rows[end]) <= PACK_TOKENS:
                tokens += len(rows[end])
                end += 1
            vectors += self._forward(rows[begin:end])
            begin = end
        return vectors

    def _norm(self, x: Array, name: str) -> Array:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / WIDTH + np.float32(1e-12))
        x *= self._w[f"{name}.weight"]
        x += self._w[f"{name}.bias"]
        return x

    def _linear(self, x: Array, name: str) -> Array:
        y: Array = x @ self._w[f"{name}.weight"]
        y += self._w[f"{name}.bias"]
        return y

    def _forward(self, rows: list[list[int]]) -> list[Array]:
        """All sentences end to end as one matrix; only attention and pooling look at each sentence alone."""
        bounds = np.cumsum([0, *map(len, rows)]).tolist()
        spans = [slice(a, b) for a, b in pairwise(bounds)]
        ids = np.concatenate(rows)
        x: Array = restore_rows(self._words[ids], self._word_scale[ids])
        x += np.concatenate([self._places[: len(row)] for row in rows])
        x = self._norm(x, "norm")
        means = [np.stack([x[span].mean(0) for span in spans])]
        for layer in range(LAYERS):
            name = f"layer{layer}"
            mixed = self._attention(self._linear(x, f"{name}.qkv"), spans)
            x = self._norm(x + self._linear(mixed, f"{name}.out"), f"{name}.norm1")
            h = self._linear(x, f"{name}.up")
            gate = _erf(h * np.float32(1 / sqrt(2)))
            gate += 1
            h *= gate
            h *= np.float32(0.5)
            x = self._norm(x + self._linear(h, f"{name}.down"), f"{name}.norm2")
            if layer + 1 in TAPPED:
                means.append(np.stack([x[span].mean(0) for span in spans]))
        pooled = np.stack(means, axis=1)
        pooled /= np.linalg.norm(pooled, axis=2, keepdims=True)
        return list(pooled)

    @staticmethod
    def _attention(qkv: Array, spans: list[slice]) -> Array:
        mixed: Array = np.empty((len(qkv), WIDTH), np.float32)
        for span in spans:
            q, k, v = qkv[span].reshape(-1, 3, HEADS, HEAD_WIDTH).transpose(1, 2, 0, 3)
            scores = q @ k.transpose(0, 2, 1)
            scores *= np.float32(1 / sqrt(HEAD_WIDTH))
            scores -= scores.max(-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(-1, keepdims=True)
            mixed[span] = (scores @ v).transpose(1, 0, 2).reshape(-1, WIDTH)
        return mixed


@cache
def shared_encoder() -> Encoder:
    """The process's one encoder, loaded on first use."""
    return Encoder()
