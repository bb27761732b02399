"""Whether a picture of the window is the one that is kept in ``tests/gui/shots``.

Both are looked at half as large, each pixel the mean of four. Three things count, each in one block of the picture:

- *ink*, the mean with its sign, in blocks of 16 x 16 pixels of the screen: something came, went, moved or has another
  colour. How an edge is smoothed changes single pixels up and down; their mean stays.
- *wash*, the same in blocks of 128 x 128 pixels and much finer: a line of one pixel or a ground in a slightly other
  colour.
- *shape*, the mean without its sign, in the small blocks: other letters of as much ink.

References are written by ``--update-shots`` only, after looking: :func:`keep`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QImageWriter

REFERENCES = Path(__file__).parent / "shots"
CELL, LARGE = 4, 64
"""Sides of what is added up, in pixels of the halved picture. Small blocks are two cells wide and high and overlap, so
that nothing is missed because it lies across an edge."""
INK, WASH, SHAPE = 3.0, 0.3, 4.5
"""What a block may differ by, of 255. A 3 in place of a 2 in small dim type has a shape of 5; edges smoothed in another
way, each pixel by up to 16, stay below an ink of 2, a wash of 0.2 and a shape of 3."""
EXACT = 64
"""So many colours of a reference are kept as they are, the rest in steps of 4: a third less to store."""

Picture = npt.NDArray[np.uint8]
Levels = npt.NDArray[np.float64]


def pixels(image: QImage) -> Picture:
    """Rows of red, green, blue."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return lines[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def image_of(picture: Picture) -> QImage:
    """The picture as Qt has it."""
    rows, columns = picture.shape[:2]
    return QImage(
        np.ascontiguousarray(picture).tobytes(), columns, rows, 3 * columns, QImage.Format.Format_RGB888
    ).copy()


def halved(image: QImage) -> QImage:
    """Half as wide and high: every pixel the mean of four."""
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(image.size() / 2, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


# -- differences ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """Which cells of two pictures of one size are not alike, and why."""

    blocks: npt.NDArray[np.bool_]
    reasons: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of the picture, 0 for none."""
        return float(self.blocks.mean())


def difference(now: Picture, before: Picture) -> Difference:
    """What is not alike in two halved pictures of the same size."""
    apart = now.astype(np.float64) - before
    cells, wash = _means(apart, CELL), np.abs(_means(apart, LARGE)).max(axis=2) > WASH
    found = {
        "ink": _over(cells, INK),
        "shape": _over(_means(np.abs(apart), CELL), SHAPE),
        "wash": np.kron(wash, np.ones((LARGE // CELL, LARGE // CELL), bool))[: cells.shape[0], : cells.shape[1]],
    }
    together = found["ink"] | found["shape"] | found["wash"]
    return Difference(together, tuple(name for name, blocks in found.items() if blocks.any()))


def _over(cells: Levels, level: float) -> npt.NDArray[np.bool_]:
    """The cells of all blocks, two by two cells, whose mean is beyond a level."""
    blocks = (cells[:-1, :-1] + cells[1:, :-1] + cells[:-1, 1:] + cells[1:, 1:]) / 4
    beyond = np.abs(blocks).max(axis=2) > level
    found = np.zeros(cells.shape[:2], bool)
    rows, columns = beyond.shape
    for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        found[down : down + rows, right : right + columns] |= beyond
    return found


def _means(levels: Levels, side: int) -> Levels:
    """The mean of each block; those at the right and the lower edge may be smaller."""
    starts = [np.arange(0, length, side) for length in levels.shape[:2]]
    sums = np.add.reduceat(np.add.reduceat(levels, starts[0], axis=0), starts[1], axis=1)
    counts = [np.diff([*start, length]) for start, length in zip(starts, levels.shape[:2], strict=True)]
    return np.asarray(sums / (counts[0][:, None, None] * counts[1][None, :, None]))


# -- references -----------------------------------------------------------------------------------


def keep(image: QImage, name: str, folder: Path = REFERENCES) -> None:
    """Write a reference: half the size, without loss but for rare colours."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = QImageWriter(str(folder / f"{name}.webp"), b"webp")
    writer.setQuality(100)  # without loss
    if not writer.write(image_of(thrifty(pixels(halved(image))))):
        raise OSError(f"{name}: {writer.errorString()}")


def kept(name: str, folder: Path = REFERENCES) -> Picture | None:
    """A reference; None if there is none."""
    file = folder / f"{name}.webp"
    return pixels(QImage(str(file))) if file.is_file() else None


def thrifty(picture: Picture) -> Picture:
    """The most usual colours as they are, all others rounded: smoothed edges have thousands."""
    codes = picture.astype(np.int64) @ (1 << np.array([16, 8, 0]))
    found, counts = np.unique(codes, return_counts=True)
    usual = np.isin(codes, found[np.argsort(-counts, kind="stable")][:EXACT])
    rounded = np.minimum((picture.astype(np.int64) + 2) // 4 * 4, 255)
    return np.where(usual[:, :, None], picture, rounded).astype(np.uint8)


def compared(image: QImage, name: str, differences: Path, folder: Path = REFERENCES) -> str:
    """What is wrong with the picture, "" for nothing; where something is, old, new and difference are left as one."""
    before = kept(name, folder)
    if before is None:
        return f"{name}: there is no reference; make it with --update-shots, after looking at it"
    now = pixels(halved(image))
    if now.shape != before.shape:
        return f"{name}: {now.shape[1]} x {now.shape[0]}, the reference is {before.shape[1]} x {before.shape[0]}"
    found = difference(now, before)
    if not found.blocks.any():
        return ""
    differences.mkdir(parents=True, exist_ok=True)
    left = differences / f"{name}.png"
    image_of(np.concatenate([before, now, marked(now, found.blocks)], axis=1)).save(str(left))
    return (
        f"{name}: {found.share:.2%} of the picture is another ({', '.join(found.reasons)}); old, new and difference: "
        f"{left}; if it is meant, look at it and renew the references with --update-shots"
    )


def marked(now: Picture, blocks: npt.NDArray[np.bool_]) -> Picture:
    """The picture, with the blocks that differ in red and the rest of it dim."""
    where = np.kron(blocks, np.ones((CELL, CELL), bool))[: now.shape[0], : now.shape[1], None]
    return np.where(where, now // 2 + np.array([120, 0, 0], np.uint8), now // 2 + 32).astype(np.uint8)
