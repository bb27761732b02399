"""SimHash (M. Charikar, STOC 2002) over three-letter sequences: texts that look alike differ in few of 64 bits.

It only finds candidates; :mod:`turbulence_app.llm.cache.gate` decides.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
_count = getattr(np, "bitwise_count", None)
"""NumPy's own from 2.0 on; a hundred times quicker than unpacking."""
_LOW, _HIGH = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def simhash(text: str) -> int:
    """64 bits; letter case and blanks do not count."""
    plain = f"  {' '.join(text.casefold().split())}  "
    letters = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    grams = letters[:-2] | (letters[1:-1] << np.uint64(21)) | (letters[2:] << np.uint64(42))
    bits = np.unpackbits(_mixed(grams).astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    ones = bits.sum(axis=0, dtype=np.int64)
    return int(np.packbits(2 * ones > len(grams), bitorder="little").view("<u8")[0])


def distances(known: Bits, wanted: int) -> NDArray[np.int64]:
    """Differing bits of each of ``known`` (shape: n)."""
    differing = known ^ np.uint64(wanted)
    if _count is not None:
        return np.asarray(_count(differing), dtype=np.int64)
    counted: NDArray[np.int64] = np.unpackbits(differing.view(np.uint8).reshape(-1, 8), axis=1).sum(1, dtype=np.int64)
    return counted


def _mixed(values: Bits) -> Bits:
    """Spreads each value over all bits (the finaliser of SplitMix64; Steele, Lea and Flood, OOPSLA 2014)."""
    values = (values ^ (values >> np.uint64(30))) * _LOW
    values = (values ^ (values >> np.uint64(27))) * _HIGH
    return values ^ (values >> np.uint64(31))
