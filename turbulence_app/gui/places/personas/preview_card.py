"""The live preview: 20,000 of one persona on the workflow, while a slider moves."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.domain.run import Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.preview import Headline, funnel_rows, headlines
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Card, ElidedLabel, Label
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.funnel import FunnelView


class Figure(QWidget):
    """A number in large type, what it is, and how it changed."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.value = Label("", "figure")
        self.delta = Label("", "strong")
        self.label = ElidedLabel("", "small", "small")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.value)
        head.addWidget(self.delta, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self.label)

    def show_headline(self, item: Headline) -> None:
        """Show a number."""
        self.value.setText(item.value)
        self.label.setText(item.label if item.good is not None or not item.delta else f"{item.label}, {item.delta}")
        self.delta.setText(item.delta if item.good is not None else "")
        self.delta.set_kind("" if item.good is None else "good" if item.good else "bad")
        self.setAccessibleName(f"{item.label} {item.value} {item.delta}".strip())


class DashKey(QWidget):
    """A dashed box: the sign of the baseline, for the legend."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A letter's size."""
        return QSize(16, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Dashes."""
        painter = QPainter(self)
        painter.setPen(QPen(Theme.current().color("dim"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 9), 2, 2)


class PreviewCard(Card):
    """Headline numbers and the funnel, with the approved policy dashed behind it."""

    def __init__(self, context: Context, users: int) -> None:
        super().__init__("Live preview")
        self.setMinimumHeight(270)
        self._users = users
        self.took = Label("", "mono_small", "dim")
        self.took.setToolTip("From the request to the numbers, the other process included")
        self.header.addWidget(self.took)
        self.figures = [Figure() for _ in range(3)]
        line = QHBoxLayout()
        line.setSpacing(18)
        for number, figure in enumerate(self.figures):
            line.addWidget(figure, 3 if number == 2 else 2)
        self.body.addLayout(line)
        self.funnel = FunnelView()
        self.funnel.setAccessibleName("Funnel of this persona")
        self.funnel.set_empty_text("Compile the policy, and 20,000 of this persona walk through the workflow.")
        self.body.addWidget(self.funnel, 1)
        self.header.addWidget(ExportButton(context, self.title.accessibleName, self.funnel))
        self.legend = QWidget()
        foot = QHBoxLayout(self.legend)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(6)
        foot.addWidget(DashKey())
        foot.addWidget(Label("approved policy", "small", "small"))
        foot.addStretch(1)
        self.note = ElidedLabel("", "small", "small")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        foot.addWidget(self.note, 1)
        self.body.addWidget(self.legend)
        self.show_nothing("")

    def show_subject(self, name: str, workflow: str) -> None:
        """Whose preview it is."""
        on = f" on {workflow}" if workflow else ""
        self.title.setText(f"Live preview · {self._users:,} × {name}{on}" if name else "Live preview")

    def show_summary(self, summary: Summary, baseline: Summary | None, took_ms: float) -> None:
        """Show what came out."""
        items: Sequence[Headline] = headlines(summary, baseline)
        for number, figure in enumerate(self.figures):
            figure.setVisible(number < len(items))
            if number < len(items):
                figure.show_headline(items[number])
        self.funnel.set_data(funnel_rows(summary, baseline))
        self.took.setText(f"{took_ms:.0f} ms")
        self.legend.setVisible(True)
        self.note.setText("no faults in the preview")

    def show_nothing(self, why: str) -> None:
        """There is nothing to run; say why."""
        for figure in self.figures:
            figure.setVisible(False)
        self.funnel.set_data([])
        if why:
            self.funnel.set_empty_text(why)
        self.took.setText("")
        self.legend.setVisible(False)
