"""Words of the line at the window's foot."""

from __future__ import annotations

from turbulence_app.gui.widgets.basics import Label


class StatusWords(Label):
    """Words that take no room while there are none."""

    def __init__(self) -> None:
        super().__init__("", "small", "small")
        self.hide()

    def setText(self, text: str) -> None:  # noqa: N802
        """Show them, or nothing."""
        super().setText(text)
        self.setVisible(bool(text))
