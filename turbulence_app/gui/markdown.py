"""Markdown pages in the look of the rest."""

from __future__ import annotations

from PySide6.QtGui import (
    QColor,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser

from turbulence_app.gui.theme import Theme


def dress(browser: QTextBrowser, theme: Theme) -> None:
    """Give a Markdown page the look of the rest: the program's type, air between lines, code on a ground of its own."""
    document = browser.document()
    mono, accent = theme.font("mono"), theme.ink("accent")
    block = document.begin()
    while block.isValid():
        cursor = QTextCursor(block)
        shape = QTextBlockFormat(block.blockFormat())
        heading = shape.headingLevel()
        code = _is_code(block)
        shape.setLineHeight(100 if code else 128, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
        if heading:
            shape.setTopMargin(18 if block.blockNumber() else 0)
            shape.setBottomMargin(6)
        elif not code:
            _air(shape, block)
        if code:
            shape.setNonBreakableLines(False)  # a long line goes on below: nothing scrolls sideways
            shape.setBackground(theme.color("raised"))
            shape.setLeftMargin(8)
            shape.setTopMargin(0 if _is_code(block.previous()) else 8)
            shape.setBottomMargin(0 if _is_code(block.next()) else 12)
        cursor.setBlockFormat(shape)
        for piece in block.textFormats():
            look = piece.format
            cursor.setPosition(block.position() + piece.start)
            cursor.setPosition(block.position() + piece.start + piece.length, QTextCursor.MoveMode.KeepAnchor)
            if heading:
                look.setFont(theme.font("title" if heading == 1 else "heading"))
            elif look.fontFixedPitch() or code:
                look.setFont(mono)
                if not code:
                    look.setBackground(theme.color("raised"))
            if look.isAnchor():
                look.setForeground(accent)
            cursor.setCharFormat(look)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _dress_table(frame, theme.color("line"))


def _air(shape: QTextBlockFormat, block: QTextBlock) -> None:
    """Paragraphs stand apart; entries of a list and cells of a table do not; what follows a table does."""
    table = QTextCursor(block).currentTable()
    entry = block.textList() is not None
    shape.setBottomMargin(0 if table is not None else 3 if entry else 9)
    before = block.previous()
    after_table = table is None and before.isValid() and QTextCursor(before).currentTable() is not None
    shape.setTopMargin(10 if after_table else 0)


def _is_code(block: QTextBlock) -> bool:
    shape = block.blockFormat()
    return block.isValid() and (
        bool(shape.property(QTextBlockFormat.Property.BlockCodeFence)) or shape.nonBreakableLines()
    )


def _dress_table(table: QTextTable, line: QColor) -> None:
    shape = table.format()
    shape.setBorderCollapse(True)
    shape.setBorder(1)
    shape.setBorderBrush(line)
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setCellPadding(5)
    shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    table.setFormat(shape)
