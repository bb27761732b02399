"""Reads the header of a GGUF file without trusting it: bounded, and checked against the file's real size.

Format: the GGUF specification of the ggml project (versions 2 and 3, little endian).
"""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import stat
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from turbulence_app.llm.errors import ModelFileError

MAX_ENTRIES = 100_000
MAX_STRING = 4_000_000
MAX_ARRAY = 4_000_000
MAX_KEPT = 4096
"""Longest array of whole numbers that is kept (numbers per layer); of longer ones only the length is."""
MAX_DIMENSIONS, MAX_NAME = 4, 63
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
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
    42: ("Q2_0", 64, 18),
}
_REPACKED = {"x86": frozenset({"Q4_0", "Q4_K", "Q2_K", "IQ4_NL", "MXFP4"})}
_REPACKED["arm"] = _REPACKED["x86"] - {"Q2_K"} | {"Q5_K", "Q6_K", "Q8_0"}
"""Kinds of weights of which llama.cpp keeps a second copy, laid out for the processor (ggml-cpu/repack.cpp)."""


class Shape(NamedTuple):
    """What the working memory of a model depends on: widths in numbers, ``heads`` per layer."""

    embedding: int
    feed_forward: int
    heads: int
    key: int
    vocabulary: int


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
    repacked_bytes: int
    shape: Shape

    def ram_bytes(self, context: int = 4096) -> int:
        """Estimate of the memory in use at ``context`` tokens: see :mod:`turbulence_app.llm.memory`."""
        from turbulence_app.llm.memory import estimate

        return estimate(self, context).total


def located(path: Path | str) -> Path:
    """Where a file is: absolute, ``~`` and links followed as far as they lead (a loop of links does not raise)."""
    return Path(os.path.realpath(os.path.expanduser(path)))  # noqa: PTH111 - of an unknown user, ~ stays as it is


def read_header(path: Path) -> Header:
    """Reads and checks the header. Raises :class:`ModelFileError` for anything that is not a whole GGUF file.

    A file with the same place, size, time and inode as before is not read again.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():  # opening a pipe would wait for its writer
            raise ModelFileError(f"{path}: not a file", "give the path of a .gguf file")
        return _read(path, fingerprint(path))
    except FileNotFoundError:
        raise ModelFileError(f"{path}: no such file", "give the path of a .gguf file") from None
    except OSError as error:
        raise ModelFileError(f"{path}: {error.strerror or error}", "check the path and its permissions") from None


def fingerprint(path: Path) -> tuple[int, int, int]:
    """Size, time of change (ns) and inode: what tells a file from another one without reading it."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino


@functools.lru_cache(maxsize=32)
def _read(path: Path, mark: tuple[int, int, int]) -> Header:
    with path.open("rb") as file:
        return _Reader(file, path, mark[0]).header()


OnRead = Callable[[int], object]
"""Told how many bytes are read, now and then; what it raises ends the reading."""
BLOCK = 4 * 2**20


def sha256(path: Path, on_read: OnRead | None = None) -> str:
    """SHA-256 of a whole file, as lower-case hex."""
    with path.open("rb") as file:
        if on_read is None:
            return hashlib.file_digest(file, "sha256").hexdigest()
        found, done = hashlib.sha256(), 0
        while block := file.read(BLOCK):
            found.update(block)
            done += len(block)
            on_read(done)
        return found.hexdigest()


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
        found = [self._tensor() for _ in range(tensors)]
        self._usable(values, found)
        self._whole(found, values.get("general.alignment", 32))
        return self._summary(values, found)

    def _usable(self, values: dict[str, Any], tensors: list[_Tensor]) -> None:
        """A whole language model: not one part of several, not an adapter, not a vocabulary alone."""
        if _whole_number(values, "split.count", 1) > 1:
            raise ModelFileError(f"{self.path}: one part of several", "join them with llama-gguf-split --merge")
        if (kind := values.get("general.type", "model")) != "model":
            raise ModelFileError(f"{self.path}: not a model but of type {_word(kind)}", "choose the model's own file")
        if not tensors:
            raise ModelFileError(f"{self.path}: the file holds no weights", "choose the model's own file")
        if len({tensor.name for tensor in tensors}) != len(tensors):
            self._damaged()

    def _summary(self, values: dict[str, Any], tensors: list[_Tensor]) -> Header:
        kind = values.get("general.architecture", "")
        if not isinstance(kind, str) or not kind.isprintable() or not 0 < len(kind) <= MAX_NAME:
            raise ModelFileError(f"{self.path}: the file does not say its architecture", "convert the model again")
        by_type: dict[str, int] = {}
        for tensor in tensors:
            by_type[tensor.kind] = by_type.get(tensor.kind, 0) + tensor.weights
        layers = _whole_number(values, f"{kind}.block_count", 0)
        shape = _shape(values, kind, tensors)
        value = _whole_number(values, f"{kind}.attention.value_length", shape.embedding // max(1, shape.heads))
        kv_heads = _per_layer(values.get(f"{kind}.attention.head_count_kv", shape.heads), layers)
        return Header(
            name=str(values.get("general.name", "")) or self.path.stem,
            architecture=kind,
            parameters=sum(by_type.values()),
            quantisation=max(by_type, key=lambda name: by_type[name]),
            context_length=_whole_number(values, f"{kind}.context_length", 0),
            layers=layers,
            kv_bytes_per_token=2 * kv_heads * (shape.key + value),
            size_bytes=self.size,
            chat_template="tokenizer.chat_template" in values,
            repacked_bytes=sum(tensor.size for tensor in tensors if tensor.repacked),
            shape=shape,
        )

    def _whole(self, tensors: list[_Tensor], alignment: Any) -> None:
        """The weights that the header promises lie inside the file, aligned, none over another."""
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1) or alignment > 2**20:
            self._damaged()
        start = -(-self.file.tell() // alignment) * alignment
        end = 0
        for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
            if tensor.offset % alignment or tensor.offset < end:
                self._damaged()
            end = tensor.offset + tensor.size
            if start + end > self.size:
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
            data = self._take(count * struct.calcsize(_SCALARS[inner]))
            return struct.unpack(f"<{count}{_SCALARS[inner][1]}", data) if count <= MAX_KEPT else _Long(count)
        for _ in range(count):
            self._value(inner, depth + 1)
        return _Long(count)

    def _tensor(self) -> _Tensor:
        name = self._string()
        dimensions = self._count("<I", MAX_DIMENSIONS)
        sizes = tuple(self._count("<Q", 2**40) for _ in range(dimensions))
        code = self._number("<I")
        if code not in _TYPES:
            raise ModelFileError(
                f"{self.path}: weights of unknown kind {code}", "use a common quantisation, such as Q4_K_M"
            )
        kind, block, _ = _TYPES[code]
        if not sizes or 0 in sizes or sizes[0] % block or not 0 < len(name) <= MAX_NAME:
            self._damaged()
        return _Tensor(name, sizes, kind, code, self._count("<Q", 2**50))

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


class _Long(NamedTuple):
    """A long array, of which only the length is kept."""

    length: int


class _Tensor(NamedTuple):
    name: str
    sizes: tuple[int, ...]
    kind: str
    code: int
    offset: int

    @property
    def weights(self) -> int:
        product = 1
        for size in self.sizes:
            product *= size
        return product

    @property
    def size(self) -> int:
        """Bytes in the file."""
        _, block, size = _TYPES[self.code]
        return self.weights // block * size

    @property
    def repacked(self) -> bool:
        """Whether llama.cpp keeps a second copy: matrices whose rows go by eights; not the table of the tokens."""
        kinds = _REPACKED["arm" if platform.machine().lower() in ("arm64", "aarch64") else "x86"]
        matrix = len(self.sizes) > 1 and self.sizes[1] % 8 == 0
        return matrix and self.kind in kinds and not self.name.startswith("token_embd")


def _shape(values: dict[str, Any], kind: str, tensors: list[_Tensor]) -> Shape:
    embedding = _whole_number(values, f"{kind}.embedding_length", 0)
    heads = _most(values.get(f"{kind}.attention.head_count", 1))
    table = next((tensor for tensor in tensors if tensor.name == "token_embd.weight"), None)
    return Shape(
        embedding=embedding,
        feed_forward=_most(values.get(f"{kind}.feed_forward_length", 0)),
        heads=heads,
        key=_whole_number(values, f"{kind}.attention.key_length", embedding // max(1, heads)),
        vocabulary=table.sizes[-1] if table else 0,
    )


def _most(value: Any) -> int:
    """A number, or the largest of those that the layers have."""
    numbers = value if isinstance(value, tuple) and not isinstance(value, _Long) else (value,)
    return max((n for n in numbers if isinstance(n, int) and 0 <= n < 2**32), default=0)


def _per_layer(value: Any, layers: int) -> int:
    """The sum over the layers of a number that is the same for all of them or one for each."""
    if isinstance(value, tuple) and not isinstance(value, _Long):
        return sum(n for n in value if isinstance(n, int) and 0 <= n < 2**32)
    return layers * value if isinstance(value, int) and 0 <= value < 2**32 else 0


def _word(value: Any) -> str:
    return ascii(str(value)[:40])


def _whole_number(values: dict[str, Any], key: str, default: int) -> int:
    value = values.get(key, default)
    return value if isinstance(value, int) and 0 <= value < 2**40 else default
