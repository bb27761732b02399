"""YAML in the theme's colours, line by line as it is typed."""

from __future__ import annotations

from pygments.lexers.data import YamlLexer  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Punctuation, _TokenType  # type: ignore[import-untyped]
from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from turbulence_app.gui.theme import Theme

BLOCK_SCALAR = QRegularExpression(r"(^|[\s:\-])[|>][+\-0-9]*\s*(#.*)?$")
NUMBER = QRegularExpression(r"^[-+]?(\d[\d_]*)(\.\d+)?([eE][-+]?\d+)?$")
WORDS = frozenset({"true", "false", "null", "yes", "no", "~"})


class YamlHighlighter(QSyntaxHighlighter):
    """Pygments reads each line; the block state carries the indent of a block scalar (``|`` or ``>``) over lines.

    State -1: none; n >= 0: inside a block scalar whose key is indented by n.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lexer = YamlLexer(ensurenl=False, stripnl=False)
        self._formats: dict[str, QTextCharFormat] = {}
        self.restyle()

    def restyle(self) -> None:
        """Take the theme's colours."""
        theme = Theme.current()
        self._formats = {
            "key": _format(theme.ink("accent").name()),
            "text": _format(theme.color("text").name()),
            "value": _format(theme.ink("second").name()),
            "dim": _format(theme.color("dim").name()),
            "comment": _format(theme.color("dim").name(), italic=True),
        }
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """One line."""
        indent = len(text) - len(text.lstrip(" "))
        inside = self.previousBlockState()
        if inside >= 0 and (not text.strip() or indent > inside):
            self.setFormat(0, len(text), self._formats["text"])
            self.setCurrentBlockState(inside)
            return
        for start, kind, value in self._lexer.get_tokens_unprocessed(text):
            if value.strip():
                self.setFormat(start, len(value), self._formats[_role(kind, value, text[start + len(value) :])])
        self.setCurrentBlockState(indent if BLOCK_SCALAR.match(text).hasMatch() else -1)


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
