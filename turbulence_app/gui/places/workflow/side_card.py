"""What is known of the chosen step, as a form; or the walk of one user."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.domain.workflow import Step, Workflow
from turbulence_app.gui.places.workflow.inspector import Inspector
from turbulence_app.gui.widgets.basics import Card, Label
from turbulence_app.gui.widgets.segments import Segments


class SideCard(Card):
    """Two pages: the form of the step, with what is wrong with it above, and the walk of one user."""

    turned = Signal()
    """The other page came to the front."""

    def __init__(self, walk: QWidget) -> None:
        super().__init__("Step")
        self.switch = Segments(
            "What is shown",
            (
                ("step", "Step", "The chosen step as a form"),
                ("walk", "Walk", "Go through it as one user (Ctrl+Shift+U)"),
            ),
        )
        self.switch.chosen.connect(self.show_page)
        self.header.addWidget(self.switch)
        self.inspector = Inspector()
        self.wrong = Label("", "small", "bad", wrap=True)
        self.wrong.hide()
        form = QWidget()
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.wrong)
        column.addWidget(self.inspector, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(form)
        self.pages.addWidget(walk)
        self.body.addWidget(self.pages, 1)
        self._type = ""

    def show_page(self, key: str) -> None:
        """``step`` or ``walk``."""
        self.switch.choose(key)
        self.pages.setCurrentIndex(1 if key == "walk" else 0)
        self.turned.emit()
        self._head()

    def walking(self) -> bool:
        """Whether the walk is in front."""
        return self.pages.currentIndex() == 1

    def _head(self) -> None:
        kind = f"Step · {self._type}" if self._type else "Step"
        self.title.setText("One user" if self.walking() else kind)

    def show_step(self, step: Step | None, workflow: Workflow | None, wrong: str, severity: str) -> None:
        """Another step, or the same one changed."""
        self._type = TYPES.get(step.type, step.type) if step is not None else ""
        self._head()
        self.wrong.setText(wrong)
        self.wrong.set_kind("bad" if severity == "error" else "warn")
        self.wrong.setVisible(bool(wrong))
        self.inspector.show_step(step, workflow)


TYPES = {
    "http": "request", "grpc": "gRPC call", "wait": "wait", "assert": "check", "decide": "decision", "form": "form",
    "think": "pause", "branch": "branch", "repeat": "loop", "end": "end",
}  # fmt: skip
