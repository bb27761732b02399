"""The Telemetry place's parts: the line of figures, the two charts, the cache."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.telemetry.presenter import TelemetryPresenter
from turbulence_app.gui.places.telemetry.state import (
    SPANS,
    cache_levels,
    clock_of,
    count,
    curves,
    duration,
    share,
)
from turbulence_app.gui.widgets.basics import Card, Chip, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.charts import Line, SeriesChart
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.insight import words

FIGURES = (
    ("requests", "requests", "Answers that were asked for"),
    ("hits", "from the cache", "Answered without asking a model: kept, or shared with an equal question under way"),
    ("p95", "p95", "Nineteen of twenty answers came faster"),
    ("fallbacks", "fallbacks", "Somebody other than the first choice answered, and said so"),
    ("saved", "saved", "What the kept answers took when a model made them"),
)


class FiguresStrip(Card):
    """Which length of time, and what happened in it."""

    def __init__(self, presenter: TelemetryPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.span = Segments("Length of time", [(key, text, f"The last {text}") for key, _, text in SPANS])
        self.span.chosen.connect(presenter.choose_span)
        self.alarms = Chip("", "neutral")
        self.figures = {key: Label("–", "figure") for key, _, _ in FIGURES}
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.span)
        line.addSpacing(14)
        for key, name, tip in FIGURES:
            figure, told = self.figures[key], ElidedLabel(name, "small", "small", least=30)
            told.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            for widget in (told, figure):
                widget.setToolTip(tip)
                line.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
            figure.setAccessibleName(name)
            line.addSpacing(12)
        line.addStretch(1)
        line.addWidget(self.alarms)
        self.body.addLayout(line)

    def show_report(self) -> None:
        """The sums of the report at hand."""
        report = self._presenter.report
        total = report.get("total", {})
        asked = int(total.get("requests", 0))
        shown = {
            "requests": count(asked),
            "hits": share(float(total.get("hit_rate", 0))) if asked else "–",
            "p95": duration(float(total.get("p95_ms", 0))) if asked else "–",
            "fallbacks": share(float(total.get("fallback_share", 0))) if asked else "–",
            "saved": duration(float(total.get("saved_ms", 0))) if total.get("saved_ms") else "–",
        }
        for key, text in shown.items():
            self.figures[key].setText(text)
        self.figures["fallbacks"].set_kind("warn" if float(total.get("fallback_share", 0)) > 0.2 else "")
        on = len(report.get("alerts", ()))
        watched = sum(bool(t.get("on")) for t in report.get("thresholds", ()))
        self.alarms.setVisible(bool(report))
        if on:
            self.alarms.set(f"{on} alarm{'s' * (on != 1)}", "bad", "triangle-alert")
        else:
            words, tone = ("all within limits", "good") if watched else ("nothing is watched", "neutral")
            self.alarms.set(words, "good" if tone == "good" else "neutral", "circle-check" if watched else "")
        self.alarms.setToolTip(f"{watched} limits are watched; see Limits below")


class LatencyCard(Card):
    """How long does an answer take?"""

    def __init__(self, context: Context, presenter: TelemetryPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.chart = SeriesChart(
            "How long does an answer take?",
            [Line("p50", "good"), Line("p95", "warn"), Line("p99", "bad")],
            say=duration,
        )
        self.chart.head.addWidget(ExportButton(context, self.chart.accessibleName(), self.chart))
        self.body.addWidget(self.chart, 1)

    def show_report(self) -> None:
        """Percentiles by minute."""
        found = curves(self._presenter.report)
        self.chart.set_axis(clock_of(found.start, self._presenter.minutes))
        self.chart.set_data(found.at, found.latency)
        total = self._presenter.report.get("total", {})
        values = {name: f"{name} {duration(float(total.get(f'{name}_ms', 0)))}" for name in ("p50", "p95", "p99")}
        self.chart.set_headline(self.chart.coloured(values) if total.get("requests") else "")


class AnsweredCard(Card):
    """Who answers?"""

    def __init__(self, context: Context, presenter: TelemetryPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.chart = SeriesChart(
            "Who answered when?",
            [
                Line("cache", "good", filled=True),
                Line("asked", "accent", filled=True),
                Line("fallback", "warn"),
                Line("failed", "bad"),
            ],
            say=count,
        )
        self.chart.head.addWidget(ExportButton(context, self.chart.accessibleName(), self.chart))
        self.body.addWidget(self.chart, 1)

    def show_report(self) -> None:
        """Requests by who answered them."""
        found = curves(self._presenter.report)
        self.chart.set_axis(clock_of(found.start, self._presenter.minutes))
        self.chart.set_data(found.at, found.answered)
        sums = {name: sum(values) for name, values in found.answered.items()}
        told = {"cache": "cache", "asked": "models", "fallback": "fallbacks", "failed": "nobody"}
        shown = {name: f"{told[name]} {count(sums[name])}" for name in told if sums[name] or name in ("cache", "asked")}
        self.chart.set_headline(self.chart.coloured(shown) if any(sums.values()) else "")


class CacheCard(Card):
    """What is kept, and what it was good for."""

    def __init__(self, presenter: TelemetryPresenter) -> None:
        super().__init__("Cache")
        self._presenter = presenter
        self.clear = IconButton(
            "trash-2", "Clear the cache: forget all answers that are kept", "quiet", presenter.clear_cache
        )
        self.header.addWidget(self.clear)
        self.kept = Label("", "body")
        self.levels = ElidedLabel("", "small", "small")
        self.saved = ElidedLabel("", "small", "small")
        self.similar = Label("", "small", "dim", wrap=True)
        for widget in (self.kept, self.levels, self.saved, self.similar):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.body.setSpacing(5)

    def show_counts(self) -> None:
        """Entries, hits by level, what was saved."""
        stats = self._presenter.cache
        entries = int(stats.get("entries", 0))
        self.clear.setEnabled(bool(entries))
        size = words.bytes_(int(stats.get("bytes", 0)))
        self.kept.setText(
            f"{entries:,} answer{'s' * (entries != 1)} kept, {size}" if entries else "Nothing is kept yet."
        )
        levels = cache_levels(stats)
        self.levels.setText(
            "Hits: " + ", ".join(f"{count(n)} {text}" for text, n in levels)
            if levels
            else "No hit since the program started."
        )
        told = []
        if stats.get("ms_saved"):
            told.append(f"{duration(float(stats['ms_saved']))} of a model's time")
        if stats.get("tokens_saved"):
            told.append(f"{count(float(stats['tokens_saved']))} tokens")
        self.saved.setText("Saved " + " and ".join(told) + "." if told else "")
        self.saved.setVisible(bool(told))
        self._show_similar()

    def _show_similar(self) -> None:
        audit = self._presenter.cache.get("false_hits") or {}
        audited = int(audit.get("audited", 0))
        self.similar.setVisible(bool(audited))
        if audited:
            told = f"Similar answers: {audit['disagreed']:,} of {audited:,} that were checked differ"
            self.similar.setText(f"{told} ({share(float(audit['low']))} to {share(float(audit['high']))}).")
