"""How the models are, at a glance: cache, times, fallbacks, and each breaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.telemetry.state import breaker_words, duration, share, who
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ElidedLabel, Label

FIGURES = (
    ("cache", "from the cache", "Answered without asking a model"),
    ("p95", "p95", "Nineteen of twenty answers came faster"),
    ("fallbacks", "fallbacks", "Somebody other than the first choice answered"),
)
MOST_BREAKERS = 4
SIGNS = {"good": "circle-check", "warn": "triangle-alert", "bad": "circle-alert"}


class GlanceCard(Card):
    """Figures of the time that Telemetry looks at, and the breakers that are not closed first."""

    def __init__(self, context: Context) -> None:
        super().__init__("How they are")
        self.title.setMinimumHeight(24)
        self.header.addWidget(
            Button("Telemetry", "quiet", "activity", "All of it", lambda: context.navigation.go("telemetry"))
        )
        self.figures: dict[str, Label] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(0)
        for column, (key, name, tip) in enumerate(FIGURES):
            figure, told = Label("–", "figure"), ElidedLabel(name, "small", "small")
            figure.setAccessibleName(name)
            for widget in (figure, told):
                widget.setToolTip(tip)
            grid.addWidget(figure, 0, column)
            grid.addWidget(told, 1, column)
            self.figures[key] = figure
        grid.setColumnStretch(len(FIGURES), 1)
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(10)
        self._lines.setVerticalSpacing(6)
        self._lines.setColumnStretch(0, 1)
        self.breakers: list[tuple[ElidedLabel, Chip]] = []
        for line in range(MOST_BREAKERS):
            pair = (ElidedLabel("", "small"), Chip("", "good"))
            self._lines.addWidget(pair[0], line, 0)
            self._lines.addWidget(pair[1], line, 1, Qt.AlignmentFlag.AlignRight)
            self.breakers.append(pair)
        self.rest = Label("", "small", "small")
        filled = QWidget()
        column_ = QVBoxLayout(filled)
        column_.setContentsMargins(0, 0, 0, 0)
        column_.setSpacing(10)
        column_.addLayout(grid)
        column_.addLayout(self._lines)
        column_.addWidget(self.rest)
        column_.addStretch(1)
        self.nothing = Label("Nothing was asked within this hour. Compile a persona, and it is counted.", kind="dim")
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.pages = QStackedWidget()
        self.pages.addWidget(filled)
        self.pages.addWidget(self.nothing)
        self.body.addWidget(self.pages, 1)
        context.hub.telemetry.connect(self.show_report)
        self.show_report({})

    def show_report(self, report: Mapping[str, Any]) -> None:
        """The report at hand."""
        total = report.get("total", {})
        self.pages.setCurrentIndex(0 if total.get("requests") else 1)
        self.figures["cache"].setText(share(float(total.get("hit_rate", 0))))
        self.figures["p95"].setText(duration(float(total.get("p95_ms", 0))))
        fallen = float(total.get("fallback_share", 0))
        self.figures["fallbacks"].setText(share(fallen))
        self.figures["fallbacks"].set_kind("warn" if fallen > 0.2 else "")
        found = sorted(report.get("breakers", ()), key=lambda b: b.get("state") == "closed")
        for place, (name, chip) in enumerate(self.breakers):
            there = place < len(found)
            name.setVisible(there)
            chip.setVisible(there)
            if there:
                words, tone = breaker_words(found[place])
                backend, model = (str(found[place].get(key, "")) for key in ("backend", "model"))
                name.setText(model or who(backend, ""))
                chip.setToolTip(who(backend, model))
                chip.set(words, "good" if tone == "good" else "warn" if tone == "warn" else "bad", SIGNS[tone])
        more = len(found) - MOST_BREAKERS
        self.rest.setText(f"and {more} more" if more > 0 else "" if found else "No model was asked lately.")
        self.rest.setVisible(bool(self.rest.text()))
