"""Reads the header of a GGUF file without trusting it: bounded, and checked against the file's real size.

Format: the GGUF specification of the ggml project (versions 2 and 3, little endian).
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from turbulence_app.llm.errors import ModelFileError

MAX_ENTRIES = 100_000
MAX_STRING = 4_000_000
MAX_ARRAY = 4_000_000
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
# ggml type: (name, weights per block, bytes per block), from ggml's type table.
_TYPES = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
}
_REPACKED = frozenset({"Q4_0", "Q4_K", "Q8_0", "IQ4_NL", "Q5_K", "Q6_K", "Q2_K"})
"""Kinds of weights that llama.cpp lays out a second time in memory for the processor."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF file says of itself. ``context_length`` in tokens, 0 where it is not said."""

    name: str
    architecture: str
    parameters: int
    quantisation: str
    context_length: int
    layers: int
    kv_bytes_per_token: int
    size_bytes: int
    chat_template: bool

    def ram_bytes(self, context: int = 4096) -> int:
        """Estimate of the memory in use at ``context`` tokens: weights, their repacked copy, cache, work space."""
        copy = self.size_bytes if self.quantisation in _REPACKED else 0
        return self.size_bytes + copy + context * self.kv_bytes_per_token + 64 * 2**20


def read_header(path: Path) -> Header:
    """Reads and checks the header. Raises :class:`ModelFileError` for anything that is not a whole GGUF file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _Reader(file, path, size).header()
    except FileNotFoundError:
        raise ModelFileError(f"{path}: no such file", "give the path of a .gguf file") from None
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror or error}", "check the path and its permissions") from None


def sha256(path: Path) -> str:
    """SHA-256 of a whole file, as lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Reader:
    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self.file, self.path, self.size = file, path, size

    def header(self) -> Header:
        if self.file.read(4) != b"GGUF":
            raise ModelFileError(f"{self.path}: not a GGUF file", "convert the model to GGUF, or choose another file")
        version = self._number("<I")
        if version not in (2, 3):
            raise ModelFileError(f"{self.path}: GGUF version {version} cannot be read", "convert it again (version 3)")
        tensors, entries = self._count("<Q", MAX_ENTRIES), self._count("<Q", MAX_ENTRIES)
        values = dict(self._entry() for _ in range(entries))
        infos = [self._tensor() for _ in range(tensors)]
        self._whole(infos, values.get("general.alignment", 32))
        return self._summary(values, infos)

    def _summary(self, values: dict[str, Any], infos: list[tuple[int, int, int]]) -> Header:
        kind = str(values.get("general.architecture", ""))
        if not kind:
            raise ModelFileError(f"{self.path}: the file does not say its architecture", "convert the model again")
        by_type: dict[int, int] = {}
        for weights, code, _ in infos:
            by_type[code] = by_type.get(code, 0) + weights
        main = max(by_type, key=lambda code: by_type[code], default=0)
        heads = _whole_number(values, f"{kind}.attention.head_count", 1)
        width = _whole_number(values, f"{kind}.embedding_length", 0) // max(1, heads)
        kv_heads = _whole_number(values, f"{kind}.attention.head_count_kv", heads)
        key = _whole_number(values, f"{kind}.attention.key_length", width)
        value = _whole_number(values, f"{kind}.attention.value_length", width)
        layers = _whole_number(values, f"{kind}.block_count", 0)
        return Header(
            name=str(values.get("general.name", "")) or self.path.stem,
            architecture=kind,
            parameters=sum(by_type.values()),
            quantisation=_TYPES[main][0],
            context_length=_whole_number(values, f"{kind}.context_length", 0),
            layers=layers,
            kv_bytes_per_token=2 * layers * kv_heads * (key + value),
            size_bytes=self.size,
            chat_template="tokenizer.chat_template" in values,
        )

    def _whole(self, infos: list[tuple[int, int, int]], alignment: Any) -> None:
        """The weights that the header promises must all lie inside the file."""
        step = alignment if isinstance(alignment, int) and 0 < alignment <= 2**20 else 32
        start = -(-self.file.tell() // step) * step
        for weights, code, offset in infos:
            _, block, size = _TYPES[code]
            if start + offset + weights // block * size > self.size:
                raise ModelFileError(
                    f"{self.path}: the file is cut off ({self.size} bytes)", "copy or download it again"
                )

    def _entry(self) -> tuple[str, Any]:
        return self._string(), self._value(self._number("<I"))

    def _value(self, code: int, depth: int = 0) -> Any:
        if code in _SCALARS:
            return self._number(_SCALARS[code])
        if code == _STRING:
            return self._string()
        if code != _ARRAY or depth > 2:
            self._damaged()
        inner, count = self._number("<I"), self._count("<Q", MAX_ARRAY)
        if inner in _SCALARS:
            self._take(count * struct.calcsize(_SCALARS[inner]))
        else:
            for _ in range(count):
                self._value(inner, depth + 1)
        return None

    def _tensor(self) -> tuple[int, int, int]:
        """Weights, type code and offset of one tensor."""
        self._string()
        dimensions = self._count("<I", 8)
        weights = 1
        for _ in range(dimensions):
            weights *= self._count("<Q", 2**40)
        code = self._number("<I")
        if code not in _TYPES:
            raise ModelFileError(
                f"{self.path}: weights of unknown kind {code}", "use a common quantisation, such as Q4_K_M"
            )
        return weights, code, self._count("<Q", 2**50)

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._take(struct.calcsize(form)))[0]

    def _count(self, form: str, most: int) -> int:
        number = int(self._number(form))
        if number > most:
            self._damaged()
        return number

    def _string(self) -> str:
        return self._take(self._count("<Q", MAX_STRING)).decode("utf-8", "replace")

    def _take(self, count: int) -> bytes:
        if count > self.size:
            self._damaged()
        data = self.file.read(count)
        if len(data) != count:
            raise ModelFileError(f"{self.path}: the file is cut off ({self.size} bytes)", "copy or download it again")
        return data

    def _damaged(self) -> Any:
        raise ModelFileError(f"{self.path}: the header is damaged", "copy or download the file again")


def _whole_number(values: dict[str, Any], key: str, default: int) -> int:
    value = values.get(key, default)
    return value if isinstance(value, int) and 0 <= value < 2**40 else default
