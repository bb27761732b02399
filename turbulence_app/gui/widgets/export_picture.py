"""What a chart shows, as a picture to keep: PNG at twice the size, SVG of real vectors, with title and source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsView, QScrollArea, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import CARD, GRID, Role

RATIO = 2.0
"""Pixels of a PNG per pixel of the screen."""
LEAST = QSize(320, 120)
"""What was never shown is given at least this room."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A widget with the words around it: ``title`` above, ``source`` (run, seed, digest) below."""

    widget: QWidget
    title: str = ""
    source: str = ""

    def size(self) -> QSize:
        """Of the whole picture, in pixels of the screen."""
        body = _size(self.widget)
        return QSize(max(body.width(), 240) + 2 * CARD, self._head() + body.height() + self._foot() + 2 * CARD)

    def paint(self, painter: QPainter) -> None:
        """Ground, words and the widget's own painting."""
        theme, size = Theme.current(), self.size()
        painter.fillRect(QRect(QPoint(0, 0), size), theme.color("panel"))
        room = QRectF(CARD, CARD, size.width() - 2 * CARD, size.height() - 2 * CARD)
        if self.title:
            self._words(painter, self.title, "heading", "text", room)
        if self.source:
            foot = QRectF(room.left(), room.bottom() - self._foot() + GRID, room.width(), self._foot() - GRID)
            self._words(painter, self.source, "mono_small", "dim", foot)
        painter.save()
        painter.translate(CARD, CARD + self._head())
        render(self.widget, painter)
        painter.restore()

    def _words(self, painter: QPainter, words: str, role: Role, token: str, room: QRectF) -> None:
        theme = Theme.current()
        font = theme.font(role)
        painter.setFont(font)
        painter.setPen(theme.ink(token))
        shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft), shown)

    def _head(self) -> int:
        return QFontMetrics(Theme.current().font("heading")).height() + 2 * GRID if self.title else 0

    def _foot(self) -> int:
        return QFontMetrics(Theme.current().font("mono_small")).height() + 2 * GRID if self.source else 0


def image(plate: Plate) -> QImage:
    """The plate at :data:`RATIO`."""
    size = plate.size()
    made = QImage(size * RATIO, QImage.Format.Format_ARGB32_Premultiplied)
    made.setDevicePixelRatio(RATIO)
    made.fill(Theme.current().color("panel"))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plate.paint(painter)
    painter.end()
    made.setText("Title", plate.title)
    made.setText("Source", plate.source)
    return made


def png(plate: Plate) -> bytes:
    """The picture as the bytes of a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image(plate).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def svg(plate: Plate) -> bytes:
    """The picture as the bytes of an SVG file: every line and letter is a vector."""
    buffer, size = QBuffer(), plate.size()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(QPoint(0, 0), size))
    generator.setResolution(96)
    generator.setTitle(plate.title)
    generator.setDescription(plate.source)
    painter = QPainter(generator)
    plate.paint(painter)
    painter.end()
    return bytes(QByteArray(buffer.data()).data())


@runtime_checkable
class Drawn(Protocol):
    """What is larger than its widget: it draws the whole of itself, not the part that is in sight."""

    def picture_size(self) -> QSize:
        """Of the whole, at scale 1."""
        ...

    def paint_picture(self, painter: QPainter) -> None:
        """The whole, from (0, 0) on."""
        ...


def render(widget: QWidget, painter: QPainter) -> None:
    """Draw a widget with its own paint code, without what it has of the pointer and the keyboard."""
    if isinstance(widget, Drawn):
        widget.paint_picture(painter)
        return
    if isinstance(widget, QGraphicsView):
        size = _size(widget)
        widget.render(painter, QRectF(0, 0, size.width(), size.height()))
        return
    with _sized(widget):
        flags = QWidget.RenderFlag.DrawChildren
        widget.render(painter, QPoint(0, 0), renderFlags=flags)


def unwrapped(widget: QWidget) -> QWidget:
    """What a scroll area shows: the whole of it, not the part that is in sight."""
    inner = widget.widget() if isinstance(widget, QScrollArea) else None
    return inner if inner is not None else widget


def _size(widget: QWidget) -> QSize:
    if isinstance(widget, Drawn):
        return widget.picture_size().expandedTo(LEAST)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Created) and widget.width() > 1 and widget.height() > 1:
        return widget.size()
    return widget.sizeHint().expandedTo(LEAST)


_drawing: list[QWidget] = []


def drawing() -> bool:
    """Whether a picture to keep is drawn just now: controls leave themselves out of it."""
    return bool(_drawing)


@contextmanager
def _sized(widget: QWidget) -> Iterator[None]:
    """What was never shown gets a size for the picture; controls know that they are not wanted."""
    before, wanted = widget.size(), _size(widget)
    if before != wanted:
        widget.resize(wanted)
    _drawing.append(widget)
    try:
        yield
    finally:
        _drawing.pop()
