"""What the Analysis page knows, and how a board becomes charts. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from turbulence_app.domain.analysis import (
    Among,
    Board,
    ByPersona,
    Distribution,
    PeoplePage,
    ReasonBar,
    Somebody,
    Sort,
    Spread,
    Wanted,
)
from turbulence_app.domain.trace import UserTrace
from turbulence_app.domain.workflow import Outcome
from turbulence_app.gui.chart_rows import BarRow, BinRow, Piece, SpanLine
from turbulence_app.gui.persona_colours import token_of

Phase = Literal["idle", "waiting", "counting", "shown", "stopped", "error"]
Share = Literal["p50", "p95", "p99"]
SHARES: tuple[Share, ...] = ("p50", "p95", "p99")
OUTCOME_WORDS: dict[Outcome, str] = {"completed": "completed", "abandoned": "left", "failed": "failed"}
OUTCOME_TOKENS: dict[Outcome, str] = {"completed": "good", "abandoned": "warn", "failed": "bad"}
OUTCOMES: tuple[Outcome, ...] = ("completed", "abandoned", "failed")
SORTS: tuple[tuple[Sort, str, str], ...] = (
    ("user", "number", "by number"),
    ("longest", "longest", "longest visit first"),
    ("shortest", "shortest", "shortest visit first"),
    ("slowest", "slowest", "longest wait first"),
)


@dataclass(frozen=True, slots=True)
class Counting:
    """How far counting is; the page's phase besides."""

    phase: Phase = "idle"
    run_id: str = ""
    done: int = 0
    total: int = 0
    eta_s: float | None = None
    message: str = ""
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """The people behind something: what was asked for, in words too, and those that are there so far."""

    wanted: Wanted = field(default_factory=Wanted)
    title: str = ""
    expected: int | None = None
    """As many as the bar says; None where it does not count people."""
    sort: Sort = "user"
    people: tuple[Somebody, ...] = ()
    total: int | None = None
    whole: bool = False
    """Whether no more can be had."""
    loading: bool = False
    error: str = ""

    @property
    def count(self) -> int | None:
        """How many there are, as far as is known."""
        return self.total if self.total is not None else self.expected

    def added(self, page: PeoplePage) -> Behind:
        """With another page."""
        people = (*self.people[: page.first], *page.people)
        return replace(self, people=people, total=page.total, whole=len(page.people) < PAGE, loading=False, error="")


PAGE = 100
"""People that are asked for at once."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose visit is looked at."""

    user: int
    trace: UserTrace | None = None
    error: str = ""


def pieces(count: ByPersona, board: Board) -> tuple[Piece, ...]:
    """A bar's pieces: one per persona of the crowd."""
    return tuple(
        Piece(token_of(name), number, name) for name, number in zip(board.personas, count.personas, strict=True)
    )


def percent(part: float, whole: float) -> str:
    """``16.7 %``; small ones with more figures, none of nothing."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.1f} %" if share >= 0.095 or not share else f"{share:.2f} %"


def seconds(ms: float) -> str:
    """A time for an axis: ``0``, ``840 ms``, ``1.3 s``, ``45 s``, ``3 min``."""
    if ms < 0.5:
        return "0"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 9950:
        return f"{ms / 1000:.1f} s"
    return f"{ms / 1000:.0f} s" if ms < 119_500 else f"{ms / 60_000:.3g} min"


def mostly(count: ByPersona, board: Board) -> str:
    """Who they are, by persona, for a tooltip."""
    named = [(number, name) for name, number in zip(board.personas, count.personas, strict=True) if number]
    return ", ".join(f"{name} {number:,}" for number, name in sorted(named, key=lambda pair: -pair[0]))


def leaving_rows(board: Board, everybody: Board) -> list[BarRow]:
    """Where do people leave: who left at each place, of those who came to it. The mark is everybody's share."""
    usual = {bar.step: bar for bar in everybody.funnel}
    rows = []
    for bar in board.funnel:
        if bar.goal:
            continue
        came, left = bar.reached.people, bar.left.people
        known = usual.get(bar.step)
        rate = known.left.people / known.reached.people if known and known.reached.people else 0.0
        held = board.among != everybody.among
        against = f"; of everybody {percent(rate, 1)}" if held else ""
        rows.append(
            BarRow(
                key=bar.step,
                label=bar.step,
                pieces=pieces(bar.left, board),
                numbers=f"{left:,} of {came:,} · {percent(left, came)}",
                says=f"{bar.step}: {left:,} of {came:,} leave here, {percent(left, came)}{against}. "
                + mostly(bar.left, board),
                track=came,
                mark=rate * came if held and came else None,
            )
        )
    return rows


FEW_REASONS = 8
REST = "rest"
"""Key of the row that stands for all reasons that are not listed."""


def reason_rows(board: Board, *, all_of_them: bool = False) -> list[BarRow]:
    """Why do they leave: the commonest reasons, and how many more there are."""
    gone = sum(bar.count.people for bar in board.reasons)
    rest = () if all_of_them or len(board.reasons) <= FEW_REASONS + 1 else board.reasons[FEW_REASONS:]
    rows = [_reason(bar, board, gone) for bar in board.reasons[: len(board.reasons) - len(rest)]]
    if rest:
        people = sum(bar.count.people for bar in rest)
        count = ByPersona(people=people, personas=tuple(map(sum, zip(*(b.count.personas for b in rest), strict=True))))
        label = f"{len(rest)} rarer reasons…"
        numbers = f"{people:,} · {percent(people, gone)}"
        says = f"{label} {numbers}. Enter lists them"
        rows.append(BarRow(REST, label, pieces(count, board), numbers, says, tone="dim"))
    return rows


def _reason(bar: ReasonBar, board: Board, gone: int) -> BarRow:
    return BarRow(
        key=bar.key,
        label=bar.words,
        pieces=pieces(bar.count, board),
        numbers=f"{bar.count.people:,} · {percent(bar.count.people, gone)}",
        says=f"{bar.words}: {bar.count.people:,} people, {percent(bar.count.people, gone)} of those who left. "
        + mostly(bar.count, board),
    )


def bin_rows(told: Distribution, board: Board, usual: Distribution, *, held: bool) -> list[BinRow]:
    """Columns of a distribution; the mark is as high as the column would be if these people were like everybody."""
    n, of = told.whole.n, usual.whole.n
    rows = []
    for bar in told.bars:
        mark = None
        if held and of:
            overlap = sum(
                other.count.people * _shared(bar.buckets, other.buckets)
                for other in usual.bars
                if other.buckets[0] < bar.buckets[1] and bar.buckets[0] < other.buckets[1]
            )
            mark = overlap * n / of
        rows.append(
            BinRow(
                key=f"{bar.buckets[0]}-{bar.buckets[1]}",
                low=bar.low_ms,
                high=bar.high_ms,
                pieces=pieces(bar.count, board),
                says=f"{seconds(bar.low_ms)} to {seconds(bar.high_ms)}: {bar.count.people:,} people, "
                f"{percent(bar.count.people, n)}. {mostly(bar.count, board)}",
                mark=mark,
            )
        )
    return rows


def _shared(one: tuple[int, int], two: tuple[int, int]) -> float:
    """Which part of ``two`` lies in ``one``."""
    return max(0, min(one[1], two[1]) - max(one[0], two[0])) / (two[1] - two[0])


def marks(spread: Spread) -> list[tuple[str, float]]:
    """Percentiles as lines of a histogram."""
    return [("p50", spread.p50), ("p95", spread.p95), ("p99", spread.p99)] if spread.n else []


def spread_words(spread: Spread) -> str:
    """``p50 15 s · p95 20 s · p99 25 s``."""
    if not spread.n:
        return ""
    return " · ".join(f"{name} {seconds(getattr(spread, name))}" for name in ("p50", "p95", "p99"))


def spread_rows(told: Distribution, board: Board) -> str:
    """The same by persona, one line each, for a tooltip."""
    lines = [
        f"{name}: {spread_words(spread)} ({spread.n:,})"
        for name, spread in zip(board.personas, told.personas, strict=False)
        if spread.n
    ]
    return "\n".join(lines)


ENOUGH: dict[Share, int] = {"p50": 2, "p95": 20, "p99": 100}
"""Waits that a percentile needs: with fewer it would only be the longest one."""


def latency_lines(board: Board, share: Share) -> list[SpanLine]:
    """A line per persona that is shown and asked anything; spans with too few waits have no value."""
    shown = set(board.among.personas) or set(board.personas)
    return [
        SpanLine(
            line.persona,
            token_of(line.persona),
            tuple(value if n >= ENOUGH[share] else None for n, value in zip(line.n, getattr(line, share), strict=True)),
        )
        for line in board.latency.personas
        if line.persona in shown and any(line.n)
    ]


def share_rows(board: Board) -> list[BarRow]:
    """Where does the time go: waiting in the persona's full colour, all else in its faint one."""
    shown = set(board.among.personas) or set(board.personas)
    rows = []
    for share in board.shares:
        if share.persona not in shown or not share.people:
            continue
        whole = share.waited_ms + share.own_ms
        again = f" · {share.retries:.2f} retries" if share.retries >= 0.005 else ""
        rows.append(
            BarRow(
                key=share.persona,
                label=share.persona,
                pieces=(
                    Piece(token_of(share.persona), share.waited_ms, "waited ms"),
                    Piece(token_of(share.persona), share.own_ms, "own ms", faint=True),
                ),
                numbers=f"{percent(share.waited_ms, whole)} waiting{again}",
                says=f"{share.persona}: a visit takes {seconds(whole)}, {seconds(share.waited_ms)} of it waiting for "
                f"{share.requests:.1f} answers, {seconds(share.own_ms)} thinking, typing and pausing; "
                f"{share.retries:.2f} retries a visit",
            )
        )
    return rows


def among_words(among: Among) -> str:
    """Whom the page is about, in words; empty for everybody."""
    said = []
    if among.personas:
        said.append(" and ".join(among.personas))
    if among.outcomes:
        said.append(" or ".join(OUTCOME_WORDS[outcome] for outcome in among.outcomes))
    if among.step:
        said.append(f"came to {among.step}")
    return ", ".join(said)
