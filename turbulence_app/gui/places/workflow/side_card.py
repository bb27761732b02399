"""What is known of the chosen step, as a form."""

from __future__ import annotations

from turbulence_app.domain.workflow import Step, Workflow
from turbulence_app.gui.places.workflow.inspector import Inspector
from turbulence_app.gui.widgets.basics import Card, Label


class SideCard(Card):
    """The form, with what is wrong with the step above it."""

    def __init__(self) -> None:
        super().__init__("Step")
        self.inspector = Inspector()
        self.wrong = Label("", "small", "bad", wrap=True)
        self.wrong.hide()
        self.body.addWidget(self.wrong)
        self.body.addWidget(self.inspector, 1)

    def show_step(self, step: Step | None, workflow: Workflow | None, wrong: str, severity: str) -> None:
        """Another step, or the same one changed."""
        self.title.setText(f"Step · {TYPES.get(step.type, step.type)}" if step is not None else "Step")
        self.wrong.setText(wrong)
        self.wrong.set_kind("bad" if severity == "error" else "warn")
        self.wrong.setVisible(bool(wrong))
        self.inspector.show_step(step, workflow)


TYPES = {
    "http": "request", "grpc": "gRPC call", "wait": "wait", "assert": "check", "decide": "decision", "form": "form",
    "think": "pause", "branch": "branch", "repeat": "loop", "end": "end",
}  # fmt: skip
