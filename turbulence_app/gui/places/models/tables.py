"""Models, results and what is in memory, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView

from turbulence_app.domain.bench import BenchResult
from turbulence_app.gui.places.models import bench_state as bench
from turbulence_app.gui.places.models import state
from turbulence_app.gui.places.models.state import Loaded, ModelRow
from turbulence_app.gui.widgets.fit_bar import FitDelegate
from turbulence_app.gui.widgets.rows import Column, RowsView
from turbulence_app.insight import words

MEMORY = 6
"""Column of the memory bar."""
ROOMY = 900
"""Pixels from which on a table has more room than its words need."""
T = TypeVar("T")


class NamesFirst(RowsView[T]):
    """Where there is little room, the names give way; where there is much, it is left at the right end."""

    name_column = 0

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Choose who takes what is left over."""
        header, last = self.horizontalHeader(), self.rows.columnCount() - 1
        wide = event.size().width() > ROOMY
        header.setSectionResizeMode(self.name_column, _mode(not wide))
        header.setSectionResizeMode(last, _mode(wide))
        super().resizeEvent(event)


def _mode(stretch: bool) -> QHeaderView.ResizeMode:
    return QHeaderView.ResizeMode.Stretch if stretch else QHeaderView.ResizeMode.ResizeToContents


def model_view(free: Callable[[], int]) -> RowsView[ModelRow]:
    """All models, in the order in which they are tried. ``free`` is the memory that is available."""
    view = NamesFirst[ModelRow](
        "Models",
        "Every model that could read personas here, in the order in which they are tried.",
        [
            Column("", lambda m: "●" if m.available else "○", lambda m: "good" if m.available else "warn",
                   tip=lambda m: state.ready_words(m)[0], spoken="ready"),
            Column("model", _named, stretch=True, tip=lambda m: "\n".join(p for p in (m.title, m.path) if p)),
            Column("runs in", lambda m: state.BACKENDS.get(m.backend, m.backend)),
            Column("kind", state.short_kind, mono=True, tip=_kind_tip),
            Column("size", state.size_words, mono=True),
            Column("context", lambda m: state.tokens_words(m.context), mono=True, tip=_kind_tip),
            Column("memory", lambda m: state.fit_words(m, free()), tip=lambda m: _fit_tip(m, free())),
            Column("content", lambda m: state.state_words(m)[0], lambda m: state.state_words(m)[1], tip=_content_tip),
            Column("answers", _answers, lambda m: "accent" if m.available else "warn", tip=_answers_tip),
        ],
    )  # fmt: skip
    view.setItemDelegateForColumn(
        MEMORY,
        FitDelegate(
            lambda m: (state.fit_share(m, free()), state.fit_token(m, free()), state.fit_words(m, free())), view
        ),
    )
    header = view.horizontalHeader()
    view.name_column = 1
    header.setMinimumSectionSize(28)
    header.setSectionResizeMode(0, header.ResizeMode.Fixed)
    view.setColumnWidth(0, 28)
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    return view


def _answers(row: ModelRow) -> str:
    """The tasks that come to it, or that none can."""
    return state.task_words(row) if row.available else "not ready"


def _answers_tip(row: ModelRow) -> str:
    words = (state.task_words(row),) if row.available else (state.ready_words(row)[0], row.mend)
    return "\n".join(part for part in words if part)


def _content_tip(row: ModelRow) -> str:
    return f"{state.state_words(row)[0]}\nsha256 {row.digest.removeprefix('sha256:')}" if row.digest else ""


def _named(row: ModelRow) -> str:
    return f"{row.title}  ★" if row.default else row.title


def _kind_tip(row: ModelRow) -> str:
    parts = [state.kind_words(row), row.quantisation, f"context {row.context:,} tokens" if row.context else ""]
    return ", ".join(part for part in parts if part)


def _fit_tip(row: ModelRow, free: int) -> str:
    return state.fit_sentence(row, free, 0)


def result_view() -> RowsView[BenchResult]:
    """What the bench measured, the best first. A model that failed says why in the place of its numbers."""
    view = NamesFirst[BenchResult](
        "Results of the bench",
        "Models on people whom none was tuned on, the best first. Answers came past the cache.",
        [
            Column("model", bench.title, stretch=True, tip=lambda r: f"{bench.title(r)}\n{r.machine}\n{r.measured_at}"),
            Column("right, 95 %", _right, lambda r: "bad" if failed(r) else "", mono=True, tip=_accuracy_tip),
            Column("valid", bench.validity_words, mono=True, tip=bench.validity_tip),
            Column("a policy", lambda r: bench.seconds_words(r.spent.median_s), mono=True, tip=_seconds_tip),
            Column("p95", lambda r: bench.seconds_words(r.spent.p95_s), lambda _r: "dim", mono=True, tip=_seconds_tip),
            Column("tok/s", bench.speed_words, mono=True, tip=_tokens_tip),
            Column("same", bench.same_words, bench.same_token, tip=bench.same_tip),
            Column("memory", bench.memory_words, mono=True, tip=_memory_tip),
            Column("people", _asked, lambda r: bench.status_words(r)[1], mono=True, tip=_asked_tip),
        ],
    )  # fmt: skip
    view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    return view


def failed(row: BenchResult) -> bool:
    """Whether there are no numbers, only a reason."""
    return row.status == "failed" and not row.done


def span_failures(view: RowsView[BenchResult], rows: Sequence[BenchResult]) -> None:
    """Let reasons run over the columns that they leave empty."""
    view.clearSpans()
    for place, row in enumerate(rows):
        if failed(row):
            view.setSpan(place, 1, 1, view.rows.columnCount() - 1)


def _right(row: BenchResult) -> str:
    if failed(row):
        return row.why
    return f"{bench.accuracy_words(row)}  {bench.interval_words(row)}" if row.accuracy.of else ""


def _accuracy_tip(row: BenchResult) -> str:
    if failed(row):
        return _asked_tip(row)
    return f"{row.accuracy.hits} of {row.accuracy.of} expectations met; Wilson interval at 95 %"


def _seconds_tip(row: BenchResult) -> str:
    parts = [f"median {bench.seconds_words(row.spent.median_s)}", f"95 % within {bench.seconds_words(row.spent.p95_s)}"]
    if row.spent.cpu_s is not None:
        parts.append(f"{bench.seconds_words(row.spent.cpu_s) or '0 ms'} of processor time")
    if row.spent.load_s:
        parts.append(f"loaded in {bench.seconds_words(row.spent.load_s)}")
    return "\n".join(parts)


def _tokens_tip(row: BenchResult) -> str:
    t = row.tokens
    if not t.answer and not t.prompt:
        return "It does not count tokens."
    return f"a policy: {t.prompt:,.0f} tokens read at {t.prompt_per_s:,.0f}/s, {t.answer:,.0f} written"


def _memory_tip(row: BenchResult) -> str:
    told = []
    if row.memory.measured:
        told.append(f"at most {words.bytes_(row.memory.measured)} in its process")
    if row.memory.estimated:
        told.append(f"estimated before loading: {words.bytes_(row.memory.estimated)}")
    return "\n".join(told) or "not known"


def _asked(row: BenchResult) -> str:
    return str(row.done) if row.status == "done" else f"{row.done} of {row.personas}" if row.personas else ""


def _asked_tip(row: BenchResult) -> str:
    return "\n".join(part for part in (bench.status_words(row)[0], row.mend, *row.notes) if part)


def loaded_view(now: Callable[[], str]) -> RowsView[Loaded]:
    """What the Ollama server has in memory."""
    return RowsView(
        "Models in the Ollama server's memory",
        "What the server keeps in memory, and until when. Click unload to free it.",
        [
            Column("model", lambda m: m.name, stretch=True),
            Column("memory", lambda m: words.bytes_(m.size), mono=True, tip=_gpu_tip),
            Column("leaves in", lambda m: state.until_words(m.until, now()), mono=True),
            Column("", lambda _m: "unload", lambda _m: "accent", spoken="what can be done"),
        ],
    )


def _gpu_tip(row: Loaded) -> str:
    context = f", context {row.context:,} tokens" if row.context else ""
    return f"{words.bytes_(row.size)}, of it {words.bytes_(row.gpu_size)} on a graphics card{context}"
