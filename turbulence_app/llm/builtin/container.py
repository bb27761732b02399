"""The model's container: the safetensors layout (a JSON head, then the bytes), read and written without its library.

Matrices are 8-bit integers with one scale per block of a row (``<name>`` of type I8, ``<name>.scale`` of type F32);
everything else is F32.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[str, type[np.generic]] = {"I8": np.int8, "F16": np.float16, "F32": np.float32}
_NAMES = {np.dtype(kind): name for name, kind in _TYPES.items()}
_MAX_HEAD = 1 << 20
BLOCK = 96
"""Columns that share a scale."""


def unpack(raw: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Tensors (views of ``raw``, not copied) and the metadata.

    Raises ``ValueError`` where the bytes are not of this layout.
    """
    if len(raw) < 8:
        raise ValueError("too short for a safetensors file")
    (length,) = struct.unpack("<Q", raw[:8])
    if length > min(_MAX_HEAD, len(raw) - 8):
        raise ValueError("the head is longer than the file")
    head = json.loads(raw[8 : 8 + length])
    base = 8 + length
    tensors: dict[str, NDArray[Any]] = {}
    for name, entry in head.items():
        if name == "__metadata__" or entry["dtype"] not in _TYPES:
            continue
        shape = tuple(entry["shape"])
        begin, end = entry["data_offsets"]
        kind = np.dtype(_TYPES[entry["dtype"]])
        count = int(np.prod(shape, dtype=np.int64))
        if not 0 <= begin <= end <= len(raw) - base or end - begin != count * kind.itemsize:
            raise ValueError(f"tensor {name} lies outside the file")
        tensors[name] = np.frombuffer(raw, kind, count, base + begin).reshape(shape)
    return tensors, head.get("__metadata__", {})


def pack(tensors: Mapping[str, NDArray[Any]], metadata: Mapping[str, str]) -> bytes:
    """The bytes of a container: tensors in the order of their names, so that equal content gives equal bytes."""
    head: dict[str, Any] = {"__metadata__": dict(sorted(metadata.items()))}
    parts: list[bytes] = []
    offset = 0
    for name in sorted(tensors, key=lambda n: (-tensors[n].dtype.itemsize, n)):
        array = np.ascontiguousarray(tensors[name])
        part = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        head[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(part)],
        }
        parts.append(part)
        offset += len(part)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)


def quantise_rows(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """A matrix as 8-bit integers and one scale per :data:`BLOCK` columns of a row (largest absolute value = 127).

    Rounded half to even. Whole rows as blocks lose too much: single columns of this model are far larger than the rest.
    """
    rows, columns = matrix.shape
    blocks = matrix.reshape(rows, columns // BLOCK, BLOCK)
    largest = np.abs(blocks).max(axis=2)
    scale = np.where(largest > 0, largest / np.float32(127), np.float32(1)).astype(np.float32)
    integers = np.clip(np.rint(blocks / scale[:, :, None]), -127, 127).astype(np.int8)
    return integers.reshape(rows, columns), scale


def restore_rows(integers: NDArray[Any], scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """What :func:`quantise_rows` made small: ``integers`` (rows x columns) times their blocks' scales."""
    rows, blocks = scale.shape
    restored: NDArray[np.float32] = integers.reshape(rows, blocks, -1) * scale[:, :, None]
    return restored.reshape(rows, -1)
