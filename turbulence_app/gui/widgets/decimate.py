"""Fewer points for the same picture."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Series = npt.NDArray[np.float64]


def decimate(x: npt.ArrayLike, y: npt.ArrayLike, pixels: int) -> tuple[Series, Series]:
    """At most two samples per pixel: the smallest and the largest value of each pixel's share, in their order.

    Peaks survive, which plain striding would lose. ``x`` and ``y`` have equal lengths; short series come back whole.
    """
    xs: Series = np.asarray(x, dtype=np.float64)
    ys: Series = np.asarray(y, dtype=np.float64)
    buckets = max(1, pixels)
    size = -(-len(ys) // buckets)
    if size <= 2:
        return xs, ys
    pad = buckets * size - len(ys)
    grid: Any = np.concatenate([ys, np.full(pad, ys[-1])]).reshape(buckets, size)
    low, high = grid.argmin(axis=1), grid.argmax(axis=1)
    starts = np.arange(buckets) * size
    picks = np.sort(np.stack([starts + low, starts + high], axis=1), axis=1).reshape(-1)
    picks = np.unique(np.minimum(picks, len(ys) - 1))
    return xs[picks], ys[picks]
