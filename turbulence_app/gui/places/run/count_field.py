"""A field for whole numbers, and one for a number that may be left empty."""

from __future__ import annotations

from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import QLineEdit

from turbulence_app.gui.theme import Theme


class SizedField(QLineEdit):
    """As wide as so many pixels of the design, and hardly narrower: numbers must be seen whole."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self._wide = width
        self._size()
        Theme.current().follow(self, self._size)

    def _size(self) -> None:
        self.setMaximumWidth(Theme.current().px(self._wide))
        self.setMinimumWidth(Theme.current().px(0.6 * self._wide))


class CountField(SizedField):
    """A whole number with thousands separators; Enter or leaving takes it."""

    def __init__(self, name: str, tip: str, most: int, width: int = 100) -> None:
        super().__init__(width)
        self._most = most
        self.setProperty("kind", "number")
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setValidator(QRegularExpressionValidator(r"[0-9][0-9 ,._']{0,26}", self))

    def value(self) -> int:
        """The number, at most what is allowed."""
        digits = "".join(c for c in self.text() if c.isdigit())
        return min(int(digits or 0), self._most)

    def set_value(self, value: int) -> None:
        """Show a number."""
        self.setText(f"{value:,}")
        self.setCursorPosition(0)


class DecimalField(SizedField):
    """A number with a point, or nothing."""

    def __init__(self, name: str, tip: str, width: int = 72, hint: str = "") -> None:
        super().__init__(width)
        self.setProperty("kind", "number")
        self.setAccessibleName(name)
        self.setToolTip(tip)
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
