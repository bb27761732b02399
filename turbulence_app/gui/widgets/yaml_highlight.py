"""YAML in the theme's colours, line by line: a few lines when they change, the others when they come into view."""

from __future__ import annotations

from pygments.lexers.data import YamlLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Punctuation, _TokenType  # type: ignore[import-untyped]
from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextBlock, QTextCharFormat, QTextDocument

from turbulence_app.gui.theme import Theme

BLOCK_SCALAR = QRegularExpression(r"(^|[\s:\-])[|>][+\-0-9]*\s*(#.*)?$")
NUMBER = QRegularExpression(r"^[-+]?(\d[\d_]*)(\.\d+)?([eE][-+]?\d+)?$")
WORDS = frozenset({"true", "false", "null", "yes", "no", "~"})
AT_ONCE = 40
"""Lines that one change colours at once. Reading the words of a line takes a fifth of a millisecond."""


class YamlHighlighter(QSyntaxHighlighter):
    """Pygments reads each line; the block state carries the indent of a block scalar (``|`` or ``>``) over lines.

    State -1: none; n >= 0: inside a block scalar whose key is indented by n. It is known for every line at once, so
    that the words of a line can be read whenever somebody looks at it, and have the same colours then.
    """

    def __init__(self, document: QTextDocument) -> None:
        # not with the document: Qt would hear of a change before this does
        super().__init__(document.parent())  # type: ignore[arg-type]
        self.setParent(document)
        self._lexer = YamlLexer(ensurenl=False, stripnl=False)
        self._formats: dict[str, QTextCharFormat] = {}
        self._done = bytearray()
        """For each line whether it has its colours."""
        self._left = AT_ONCE
        document.contentsChange.connect(self._changed)  # before Qt's own, which colours what changed
        self.setDocument(document)
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's colours. What is in view has them when it is painted."""
        theme = Theme.current()
        self._formats = {
            "key": _format(theme.ink("accent").name()),
            "text": _format(theme.color("text").name()),
            "value": _format(theme.ink("second").name()),
            "dim": _format(theme.color("dim").name()),
            "comment": _format(theme.color("dim").name(), italic=True),
        }
        self._done = bytearray(self.document().blockCount())

    @property
    def waiting(self) -> int:
        """How many lines have no colours yet, or those of another theme."""
        return self._done.count(0)

    def finish(self, first: int = 0, last: int | None = None) -> None:
        """Colour the lines that wait, from the ``first`` to the ``last`` (from 0, both included)."""
        end = len(self._done) if last is None else last + 1
        while (line := self._done.find(0, first, end)) >= 0:
            self._left = 1
            self.rehighlightBlock(self.document().findBlockByNumber(line))
            self._done[line] = 1
        self._left = 0

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """One line: how it hands on a block scalar, and its colours where there is time for them."""
        indent = len(text) - len(text.lstrip(" "))
        inside = self.previousBlockState()
        within = inside >= 0 and (not text.strip() or indent > inside)
        if within:
            self.setCurrentBlockState(inside)
        else:
            self.setCurrentBlockState(indent if BLOCK_SCALAR.match(text).hasMatch() else -1)
        self._left -= 1
        if self._note(self.currentBlock(), done=self._left >= 0):
            self._colour(text, within=within)

    def _colour(self, text: str, *, within: bool) -> None:
        if within:
            self.setFormat(0, len(text), self._formats["text"])
            return
        for start, kind, value in self._lexer.get_tokens_unprocessed(text):
            if value.strip():
                self.setFormat(start, len(value), self._formats[_role(kind, value, text[start + len(value) :])])

    def _note(self, block: QTextBlock, *, done: bool) -> bool:
        line = block.blockNumber()
        if line < len(self._done):
            self._done[line] = done
        return done

    def _changed(self, position: int, _removed: int, added: int) -> None:
        """Lines came and went: those that stayed keep what they have."""
        document = self.document()
        first = document.findBlock(position)
        last = document.findBlock(position + added)
        begin = first.blockNumber() if first.isValid() else 0
        new = (last if last.isValid() else document.lastBlock()).blockNumber() - begin + 1
        old = new - (document.blockCount() - len(self._done))
        self._done[begin : begin + max(0, old)] = bytes(new)
        if len(self._done) != document.blockCount():  # Qt counted otherwise: all of them are coloured anew
            self._done = bytearray(document.blockCount())
        self._left = AT_ONCE


def _role(kind: _TokenType, value: str, rest: str) -> str:
    """``rest`` is what follows in the line: inside braces Pygments takes values for keys too."""
    if kind in Comment:
        return "comment"
    if kind in Keyword or ((kind in Name.Tag or kind in Name.Variable) and rest.lstrip().startswith(":")):
        return "key"
    if kind in Punctuation:
        return "dim"
    if kind in Number or value in WORDS or NUMBER.match(value).hasMatch():
        return "value"
    return "text"


def _format(colour: str, *, italic: bool = False) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(Theme.current().color(colour))
    if italic:
        made.setFontItalic(True)
        made.setFontWeight(QFont.Weight.Normal)
    return made
