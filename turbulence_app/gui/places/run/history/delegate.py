"""How a line of the list looks: mono numbers, the verdict with its sign, a small picture of who reached what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from turbulence_app.domain.history import HistoryLine
from turbulence_app.gui.places.run.history.model import (
    CHANGED,
    COMPLETES,
    RIGHT,
    RUN,
    SHAPE,
    SUBJECT,
    USERS,
    VERDICT,
    WHEN,
    Index,
    LineRole,
    cell,
)
from turbulence_app.gui.places.run.history.state import TOKENS, shares_of, subject_words
from turbulence_app.gui.theme import Theme

ROW = 32
SIDE = 11
MONO = frozenset({RUN, WHEN, USERS, COMPLETES})


class HistoryDelegate(QStyledItemDelegate):
    """Paints a :class:`HistoryLine`, column by column."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802
        """All rows are equally high."""
        return QSize(60, round(ROW * Theme.current().scale))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, box = Theme.current(), QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.color("soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, theme.color("hover", 0.5))
        painter.setPen(theme.color("line"))
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        line = index.data(LineRole)
        room = box.adjusted(SIDE, 0, -6, 0)
        if not isinstance(line, HistoryLine):
            if index.column() == RUN:
                _words(painter, room, "…", "mono", "dim")
        elif index.column() == SHAPE:
            _spark(painter, QRectF(box).adjusted(SIDE, 8, -8, -8), shares_of(line))
        elif index.column() == SUBJECT:
            _subject(painter, room, line)
        else:
            _plain(painter, room, line, index.column(), str(index.data()))
        painter.restore()


def _plain(painter: QPainter, room: QRect, line: HistoryLine, column: int, words: str) -> None:
    theme = Theme.current()
    if column == VERDICT:
        _words(painter, room, words, "small", TOKENS.get(line.verdict, "dim"))
    elif column == CHANGED:
        _words(painter, room, words, "small", "dim")
    elif column == USERS:
        _words(painter, room, f"{line.users:,}", "mono", "text", right=True)
    elif column == RUN:
        used = _words(painter, room, words, "mono", "text")
        if line.pinned:
            pin = theme.pixmap("pin", "accent", 12, painter.device().devicePixelRatioF())
            at = QRectF(room.left() + used + 4, room.center().y() - 5.5, 12, 12)
            painter.drawPixmap(at, pin, QRectF(pin.rect()))
    else:
        _words(painter, room, words, "mono", "dim" if column == WHEN else "text", right=column in RIGHT)


def _words(painter: QPainter, room: QRect, words: str, role: str, token: str, *, right: bool = False) -> int:
    """Draw, shortened to the room; returns how wide it came."""
    theme = Theme.current()
    font = theme.font("mono" if role == "mono" else "small" if role == "small" else "body")
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.setFont(font)
    painter.setPen(theme.color("text") if token == "text" else theme.ink(token))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | side), shown)
    return metrics.horizontalAdvance(shown)


def _subject(painter: QPainter, room: QRect, line: HistoryLine) -> None:
    """What ran, then its tags and whether there are notes."""
    theme = Theme.current()
    kind = {"model": "", "app": "app", "http": "http"}[line.target]
    marks = [mark for mark in ("campaign" if line.kind == "campaign" else "", kind) if mark]
    part = room.width() if not (marks or line.tags) else int(room.width() * 0.66)
    used = _words(painter, QRect(room.left(), room.top(), part, room.height()), subject_words(line), "body", "text") + 8
    small = QFontMetrics(theme.font("small"))
    for words, token in [*((mark, "dim") for mark in marks), *((tag, "accent") for tag in line.tags)]:
        width = small.horizontalAdvance(words) + 12
        if used + width > room.width():
            break
        pill = QRectF(room.left() + used, room.center().y() - 8, width, 17)
        painter.setPen(QPen(theme.color(token, 0.45), 1))
        painter.setBrush(theme.color(token, 0.08))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.ink(token))
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)
        used += width + 5
    if line.notes and used + 14 <= room.width():
        note = theme.pixmap("pencil", "dim", 12, painter.device().devicePixelRatioF())
        painter.drawPixmap(QRectF(room.left() + used, room.center().y() - 5.5, 12, 12), note, QRectF(note.rect()))


def _spark(painter: QPainter, box: QRectF, shares: Sequence[float]) -> None:
    """Who reached what: a bar per step, in the order of the flow."""
    if not shares or box.width() < 8:
        return
    theme = Theme.current()
    slot = box.width() / len(shares)
    painter.setPen(Qt.PenStyle.NoPen)
    for place, share in enumerate(shares):
        height = max(1.0, share * box.height())
        bar = QRectF(box.left() + place * slot, box.bottom() - height, max(1.5, slot - 1.5), height)
        painter.setBrush(theme.color("track"))
        painter.drawRect(QRectF(bar.left(), box.top(), bar.width(), box.height()))
        painter.setBrush(theme.color("accent", 0.75))
        painter.drawRect(bar)


def sample_words(column: int) -> str:
    """The widest usual words of a column, to size it by."""
    line = HistoryLine(
        id="r-00000", kind="run", created_at="2025-09-28T23:59:59Z", status="interrupted", workflow="w",
        users=1_000_000, completion=1.0, verdict="unfinished",
    )  # fmt: skip
    return "28 Nov 23:59" if column == WHEN else cell(line, column, datetime.now().astimezone())
