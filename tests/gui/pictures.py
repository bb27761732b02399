"""Pictures of the window: taken as soon as nothing moves any more, judged, and compared with those in the repository.

``TURBULENCE_SHOTS`` is a folder that keeps the pictures in full size for somebody who looks at them. With
``--update-shots`` the references in ``tests/gui/shots`` are written anew instead of being compared. References are
half as wide and high as the window, in 250 colours. What differs from run to run (the clock, how long something took)
is written over with constants before a picture is taken, see :func:`calmed`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, Qt, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.gui.chrome import NavigationButton, SearchField
from turbulence_app.gui.widgets.basics import Chip, ElidedLabel
from turbulence_app.gui.window import MainWindow

REFERENCES = Path(__file__).parent / "shots"
KEEP = os.environ.get("TURBULENCE_SHOTS", "")
BLOCK = 8
"""Pixels of a side of the blocks that are compared, in the half-size picture."""
DIFFERENT = 10.0
"""Mean difference of a block, of 255, from which on it counts as another picture: the rounding of edges stays below."""
SHARE = 0.004
"""Share of blocks that may differ."""
MOVES_MS = 400
"""Timers shorter than this and under way mean that something is about to change."""

Picture = npt.NDArray[np.uint8]


def settle(qtbot: QtBot, window: MainWindow, timeout: int = 20_000) -> None:
    """Wait until nobody is asked anything and no short timer runs: nothing will change by itself any more."""

    def moving() -> bool:
        timers = window.findChildren(QTimer)
        short = any(t.isActive() and t.isSingleShot() and t.interval() <= MOVES_MS for t in timers)
        asked = [job for job in window.bridge.under_way() if job.op not in ("log_search", "log_page")]
        return short or bool(asked)

    quiet = 0
    for _ in range(timeout // 10):
        qtbot.wait(10)
        quiet = 0 if moving() else quiet + 1
        if quiet >= 3:
            return
    told = [job.op for job in window.bridge.under_way()]
    raise AssertionError(f"the window never came to rest; under way: {told}")


# -- judging --------------------------------------------------------------------------------------


def colours(image: QImage) -> int:
    """How many different colours there are on a coarse grid: a blank picture has one."""
    return len({tuple(pixel) for pixel in pixels(image)[3::7, 3::7].reshape(-1, 3).tolist()})


def cut(root: QWidget, *, elided: bool = True) -> list[str]:
    """Visible widgets that have less room than their words need.

    ``elided`` counts words that end in an ellipsis, too: they are whole in the tip, which is all that can be done for
    large type on a small screen.
    """
    found: list[str] = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, ElidedLabel):
            short = elided and widget.text() != widget.full_text() and not widget.full_text().startswith("/")
        elif isinstance(widget, QLabel) and widget.wordWrap():
            short = bool(widget.text()) and widget.heightForWidth(widget.width()) > widget.height() + 1
        elif isinstance(widget, QAbstractButton) and not elided:
            icon = widget.iconSize().width() if not widget.icon().isNull() else 0
            words = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            short = (
                bool(widget.text())
                and not isinstance(widget, SearchField | NavigationButton)
                and words + icon > widget.width() - 4
            )
        elif isinstance(widget, QLabel | QAbstractButton | QCheckBox):
            words = bool(widget.text())
            short = words and (
                widget.minimumSizeHint().width() > widget.width() + 1
                or widget.minimumSizeHint().height() > widget.height() + 1
            )
        else:
            continue
        if short:
            text = widget.full_text() if isinstance(widget, ElidedLabel) else widget.text()
            found.append(f"{widget.metaObject().className()} {text!r} in {widget.width()} x {widget.height()}")
    return found


# -- comparing ------------------------------------------------------------------------------------

CONSTANTS: tuple[tuple[str, str], ...] = (
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", "2026-02-19 21:17"),
    (r"in [\d.,]+ (ms|s) · [\d,]+/s", "in 0.20 s · 100,000/s"),
    (r"re-run in [\d.,]+ (ms|s)", "re-run in 50 ms"),
    (r"[\d.]+ GB of [\d.]+ GB", "8.0 GB of 16.0 GB"),
    (r"^\d+ ms$", "20 ms"),
    (r"\btook [\d.]+ (ms|s)\b", "took 20 ms"),
    (r"\b\d\d:\d\d(:\d\d)?\b(?!\.)", "12:00"),
    (r"/\S*/shown\d+", "~/somebody"),
    (r"\bjust now\b|\b\d+ (s|seconds|minutes?) ago\b", "just now"),
)  # fmt: skip


@contextmanager
def calmed(qtbot: QtBot, window: QWidget) -> Iterator[None]:
    """Words that say when, or how long this machine took, are the same each time while the picture is taken."""
    changed: list[tuple[QLabel | Chip | QAbstractButton, str]] = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QLabel | Chip | QAbstractButton) or not widget.isVisible():
            continue
        before = widget.full_text() if isinstance(widget, ElidedLabel) else widget.text()
        after = before
        for pattern, words in CONSTANTS:
            after = re.sub(pattern, words, after)
        if after != before:
            changed.append((widget, before))
            _say(widget, after)
    if changed:
        qtbot.wait(20)  # other words, another layout
    yield
    for widget, before in changed:
        _say(widget, before)


def _say(widget: QLabel | Chip | QAbstractButton, words: str) -> None:
    if isinstance(widget, Chip):
        widget.set(words)
    else:
        widget.setText(words)


def masked(window: QWidget, image: QImage, part: Callable[..., QWidget] | None) -> QImage:
    """The picture without a part that is never the same twice."""
    if part is not None:
        widget = part(window)
        painter = QPainter(image)
        painter.fillRect(QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size()), Qt.GlobalColor.gray)
        painter.end()
    return image


def pixels(image: QImage) -> Picture:
    """Rows of red, green, blue."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return lines[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()


def halved(image: QImage) -> QImage:
    """Half as wide and high: every pixel the mean of four."""
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(image.size() / 2, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def save_reference(image: QImage, file: Path) -> None:
    """As small as it can be: half the size, a palette of its own colours."""
    file.parent.mkdir(parents=True, exist_ok=True)
    small = halved(image)
    flat = Qt.ImageConversionFlag.ThresholdDither | Qt.ImageConversionFlag.AvoidDither
    small.convertToFormat(QImage.Format.Format_Indexed8, _palette(pixels(small)), flat).save(str(file), "PNG", 0)  # type: ignore[call-overload]


def _palette(picture: Picture, most: int = 250) -> list[int]:
    """The colours that a picture has most of."""
    coarse = (picture.reshape(-1, 3).astype(np.int64) // 4 * 4 + 2) @ (1 << np.array([16, 8, 0]))
    found, counts = np.unique(coarse, return_counts=True)
    return [0xFF000000 | int(color) for color in found[np.argsort(-counts)][:most]]


def differing(one: Picture, other: Picture) -> npt.NDArray[np.bool_]:
    """Which blocks of two pictures of the same size are not the same."""
    rows, columns = (side // BLOCK for side in one.shape[:2])
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).mean(axis=2)
    blocks = apart[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    return np.asarray(blocks.mean(axis=(1, 3)) > DIFFERENT)


def compared(image: QImage, name: str, differences: Path) -> str:
    """What is wrong with the picture, "" for nothing; where something is, a picture of it is left in a folder."""
    file = REFERENCES / f"{name}.png"
    if not file.is_file():
        return f"there is no reference {file.name}; make it with --update-shots, after looking at it"
    now, before = pixels(halved(image)), pixels(QImage(str(file)))
    if now.shape != before.shape:
        return f"{name}: {now.shape[1]} x {now.shape[0]}, the reference is {before.shape[1]} x {before.shape[0]}"
    blocks = differing(now, before)
    if blocks.mean() <= SHARE:
        return ""
    differences.mkdir(parents=True, exist_ok=True)
    left = differences / f"{name}-differs.png"
    marked = _marked(now, before, blocks)
    QImage(marked.tobytes(), marked.shape[1], marked.shape[0], 3 * marked.shape[1], QImage.Format.Format_RGB888).save(
        str(left)
    )
    return f"{name}: {blocks.mean():.1%} of the picture differs, see {left}"


def _marked(now: Picture, before: Picture, blocks: npt.NDArray[np.bool_]) -> Picture:
    """Before, now, and now with the blocks that differ in red."""
    red = now.copy()
    tall, wide = (side * BLOCK for side in blocks.shape)
    where = np.kron(blocks, np.ones((BLOCK, BLOCK), bool))
    red[:tall, :wide][where] = red[:tall, :wide][where] // 2 + np.array([120, 0, 0], np.uint8)
    return np.concatenate([before, now, red], axis=1)
