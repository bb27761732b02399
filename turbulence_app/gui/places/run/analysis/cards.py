"""The cards of the board: one question each."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QSizePolicy, QWidget

from turbulence_app.domain.analysis import Board, Wanted
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.analysis import state
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.analysis.state import SHARES, Share
from turbulence_app.gui.widgets.bars import BarList
from turbulence_app.gui.widgets.basics import Card, ElidedLabel
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.histogram import Histogram
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.gui.widgets.span_lines import SpanLines


class Question(Card):
    """A card whose title is a question; below it the answer in a few words, then the chart."""

    def __init__(self, context: Context, question: str, chart: QWidget, source: Callable[[], str]) -> None:
        super().__init__(question, spacing=6)
        self.answer = ElidedLabel("", "small", "dim")
        self.answer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.export = ExportButton(context, question, chart, source=source)
        self.title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.header.addWidget(self.export)
        self.body.addWidget(self.answer)
        self.chart = chart

    def ask(self, presenter: AnalysisPresenter, wanted: Wanted, title: str, expected: int | None) -> None:
        """The people behind a bar, among those whom the page is about."""
        among = presenter.among
        asked = wanted.model_copy(
            update={
                "personas": wanted.personas or among.personas,
                "outcomes": wanted.outcomes or among.outcomes,
                "step": wanted.step or among.step,
            }
        )
        presenter.show_people(asked, title, expected)


class LeavingCard(Question):
    """Where do people leave?"""

    def __init__(self, context: Context, presenter: AnalysisPresenter, source: Callable[[], str]) -> None:
        self.bars = BarList("Where do people leave?")
        self.bars.set_empty("Nobody of these came to a step that takes time.")
        super().__init__(context, "Where do people leave?", self.bars, source)
        self.body.addWidget(self.bars)
        self.body.addStretch(1)
        self._presenter = presenter
        self.bars.opened.connect(self._open)

    def show_board(self, board: Board, everybody: Board) -> None:
        """Other people."""
        rows = state.leaving_rows(board, everybody)
        self.bars.set_rows(rows)
        gone = board.people - board.outcomes.get("completed", 0)
        self.answer.setText(f"{gone:,} of {board.people:,} leave without success, {state.percent(gone, board.people)}")

    def _open(self, step: str) -> None:
        board = self._presenter.board
        bar = next((bar for bar in board.funnel if bar.step == step), None) if board else None
        if bar is not None:
            self.ask(self._presenter, Wanted(place=step), f"Left at {step}", bar.left.people)


class WhyCard(Question):
    """Why?"""

    def __init__(self, context: Context, presenter: AnalysisPresenter, source: Callable[[], str]) -> None:
        self.bars = BarList("Why do they leave?")
        self.bars.set_empty("Nobody of these leaves without success.")
        super().__init__(context, "Why do they leave?", self.bars, source)
        self.body.addWidget(self.bars)
        self.body.addStretch(1)
        self._presenter = presenter
        self._all = False
        self.bars.opened.connect(self._open)

    def show_board(self, board: Board, _everybody: Board) -> None:
        """Other people."""
        self.bars.set_rows(state.reason_rows(board, all_of_them=self._all))
        chosen = sum(bar.count.people for bar in board.reasons if bar.reason == "left")
        gone = sum(bar.count.people for bar in board.reasons)
        self.answer.setText(f"{state.percent(chosen, gone)} by a choice of their own" if gone else "")

    def _open(self, key: str) -> None:
        board = self._presenter.board
        if key == state.REST and board is not None:
            self._all = True
            self.show_board(board, board)
            return
        bar = next((bar for bar in board.reasons if bar.key == key), None) if board else None
        if bar is not None:
            self.ask(self._presenter, Wanted(why=key), bar.words[:1].upper() + bar.words[1:], bar.count.people)


class TimeCard(Question):
    """How long? ``kind``: to completion, or of hesitation before leaving."""

    def __init__(
        self, context: Context, presenter: AnalysisPresenter, source: Callable[[], str], *, leaving: bool
    ) -> None:
        question = "How long do they hesitate before they leave?" if leaving else "How long until they complete?"
        self.histogram = Histogram(question, state.seconds)
        self.histogram.set_empty("Nobody of these leaves." if leaving else "Nobody of these completes.")
        super().__init__(context, question, self.histogram, source)
        self.body.addWidget(self.histogram, 1)
        self._presenter, self._leaving = presenter, leaving
        self.histogram.opened.connect(self._open)

    def show_board(self, board: Board, everybody: Board) -> None:
        """Other people."""
        told, usual = (board.dwell, everybody.dwell) if self._leaving else (board.convert, everybody.convert)
        held = board.among != everybody.among
        rows = state.bin_rows(told, board, usual, held=held)
        self.histogram.set_data(rows, state.marks(told.whole))
        dashed = "  ·  dashed: everybody" if held and rows else ""
        self.answer.setText(state.spread_words(told.whole) + dashed)
        self.answer.setToolTip(state.spread_rows(told, board))

    def _open(self, key: str) -> None:
        board = self._presenter.board
        if board is None:
            return
        told = board.dwell if self._leaving else board.convert
        bar = next((bar for bar in told.bars if f"{bar.buckets[0]}-{bar.buckets[1]}" == key), None)
        if bar is None:
            return
        span = f"{state.seconds(bar.low_ms)} to {state.seconds(bar.high_ms)}"
        if self._leaving:
            self.ask(self._presenter, Wanted(stayed=bar.buckets), f"Left after hesitating {span}", bar.count.people)
        else:
            wanted = Wanted(took=bar.buckets, outcomes=("completed",))
            self.ask(self._presenter, wanted, f"Completed in {span}", bar.count.people)


class SlowCard(Question):
    """When was it slow, and for whom?"""

    def __init__(self, context: Context, presenter: AnalysisPresenter, source: Callable[[], str]) -> None:
        self.lines = SpanLines("When was it slow, and for whom?", state.seconds)
        self.lines.set_empty("Nobody of these asked for anything.")
        super().__init__(context, "When was it slow, and for whom?", self.lines, source)
        self.share = Segments(
            "Percentile", [(name, name, f"{name[1:]} % of the waits were at most so long") for name in SHARES]
        )
        self.share.choose(presenter.share)
        self.header.insertWidget(self.header.count() - 1, self.share)
        self.body.addWidget(self.lines, 1)
        self._presenter = presenter
        self.share.chosen.connect(self._choose)
        self.lines.opened.connect(self._open)
        self.lines.pointed.connect(self._point)

    def show_board(self, board: Board, _everybody: Board) -> None:
        """Other people."""
        self.lines.set_data(state.latency_lines(board, self._presenter.share), board.latency.span_s)
        self._point(-1)

    def _choose(self, key: str) -> None:
        share: Share = next(name for name in SHARES if name == key)
        self._presenter.choose_share(share)

    def _point(self, span: int) -> None:
        board = self._presenter.board
        if span >= 0:
            self.answer.setText(self.lines.says(span))
            return
        step = board.among.step if board else ""
        what = f"one answer of {step}" if step else "one answer, any step"
        share = self._presenter.share
        self.answer.setText(f"{share} of the wait for {what}, where {state.ENOUGH[share]} or more were asked for")

    def _open(self, span: int) -> None:
        board = self._presenter.board
        if board is None:
            return
        width = board.latency.span_s
        wanted = Wanted(asked_s=(span * width, (span + 1) * width), asked_step=board.among.step)
        spoken = self.lines.says(span).split(":")[0] if span < 0 else _span_words(span, width)
        self.ask(self._presenter, wanted, f"Waited {spoken}", None)


class TimeShareCard(Question):
    """Where does the time of a visit go?"""

    def __init__(self, context: Context, presenter: AnalysisPresenter, source: Callable[[], str]) -> None:
        self.bars = BarList("Where does the time of a visit go?")
        self.bars.set_empty("Nobody.")
        super().__init__(context, "Where does the time of a visit go?", self.bars, source)
        self.body.addWidget(self.bars)
        self.body.addStretch(1)
        self._presenter = presenter
        self.bars.opened.connect(self._open)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def show_board(self, board: Board, _everybody: Board) -> None:
        """Other people."""
        self.bars.set_rows(state.share_rows(board))
        self.answer.setText("full: waiting for answers · faint: thinking, typing, pausing")

    def _open(self, persona: str) -> None:
        board = self._presenter.board
        share = next((share for share in board.shares if share.persona == persona), None) if board else None
        if share is not None:
            self.ask(self._presenter, Wanted(personas=(persona,)), persona, share.people)


def _span_words(span: int, width: float) -> str:
    from turbulence_app.gui.widgets.charts import clock

    return f"between {clock(span * width)} and {clock((span + 1) * width)}"
