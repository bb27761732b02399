"""A field for whole numbers, and one for a number that may be left empty."""

from __future__ import annotations

from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit


class CountField(QLineEdit):
    """A whole number with thousands separators; Enter or leaving takes it."""

    def __init__(self, name: str, tip: str, most: int, width: int = 100) -> None:
        super().__init__()
        self._most = most
        self.setProperty("kind", "number")
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMaximumWidth(width)
        self.setValidator(QRegularExpressionValidator(r"[0-9][0-9 ,._']{0,26}", self))

    def value(self) -> int:
        """The number, at most what is allowed."""
        digits = "".join(c for c in self.text() if c.isdigit())
        return min(int(digits or 0), self._most)

    def set_value(self, value: int) -> None:
        """Show a number."""
        self.setText(f"{value:,}")
        self.setCursorPosition(0)


class DecimalField(QLineEdit):
    """A number with a point, or nothing."""

    def __init__(self, name: str, tip: str, width: int = 72, hint: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "number")
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setMaximumWidth(width)
        self.setPlaceholderText(hint)
        self.setValidator(QRegularExpressionValidator(r"-?[0-9]{0,12}(\.[0-9]{0,9})?", self))

    def value(self) -> float | None:
        """The number; None where there is none."""
        try:
            return float(self.text())
        except ValueError:
            return None

    def set_value(self, value: float | None) -> None:
        """Show a number, or nothing."""
        self.setText("" if value is None else f"{value:.12g}")
        self.setCursorPosition(0)
