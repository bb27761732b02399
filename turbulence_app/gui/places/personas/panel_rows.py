"""Rows of the policy panel as plain data. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from turbulence_app.gui.places.personas.spans import Span
from turbulence_app.insight.words import percent

Origin = Literal["said", "assumed", "edited"]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a number is what it is: the words it came from, nothing (assumed), or a hand that changed it."""

    origin: Origin
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option of a decision, with its share now and when it was last approved."""

    name: str
    says: str
    share: float
    approved: float | None
    leaves: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """Other shares under a condition, with the approved shares where that case was there."""

    when: str
    options: tuple[OptionRow, ...]


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision and its options; ``changed``: it is not what was approved."""

    path: str
    title: str
    prompt: str
    options: tuple[OptionRow, ...]
    reason: Reason
    cases: tuple[CaseRow, ...] = ()
    changed: bool = False

    @property
    def numbers(self) -> str:
        """The strongest option, in short."""
        best = max(self.options, key=lambda option: option.share, default=None)
        return "" if best is None else f"{best.name.replace('_', ' ')} {percent(best.share)}"


@dataclass(frozen=True, slots=True)
class RangeRow:
    """Something between two numbers (patience, think time, typing, a parameter)."""

    path: str
    title: str
    unit: str
    span: Span
    approved: Span | None
    bounds: tuple[float, float]
    reason: Reason
    whole: bool = False
    log: bool = True
    absent: bool = False
    shape: str = ""
    """What the two numbers are: a key of :data:`~turbulence_app.gui.places.personas.spans.SHAPES`; "" is fixed."""
    removable: bool = False
    changed: bool = False

    @property
    def numbers(self) -> str:
        """Both ends with their unit."""
        if self.absent:
            return "for ever"
        low, high = f"{self.span.low:g}", f"{self.span.high:g}"
        return f"{low if low == high else f'{low}–{high}'} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A probability of its own (a toggle, a correction, a skipped field)."""

    path: str
    title: str
    share: float
    approved: float | None
    reason: Reason
    changed: bool = False

    @property
    def numbers(self) -> str:
        """The share."""
        return percent(self.share)


@dataclass(frozen=True, slots=True)
class CountRow:
    """How often a failed step is tried again."""

    path: str
    title: str
    count: int
    approved: int | None
    reason: Reason
    removable: bool = False
    changed: bool = False

    @property
    def numbers(self) -> str:
        """The count."""
        return f"{self.count} ×"


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """Values of which a person uses some: each with whether it is used now, and whether it was when approved."""

    path: str
    title: str
    values: tuple[tuple[str, bool, bool], ...]
    reason: Reason
    changed: bool = False

    @property
    def numbers(self) -> str:
        """Those that are used."""
        return ", ".join(name for name, on, _ in self.values if on)


@dataclass(frozen=True, slots=True)
class ListRow:
    """Values that are typed, one after another."""

    path: str
    title: str
    text: str
    reason: Reason
    changed: bool = False

    @property
    def numbers(self) -> str:
        """All of them."""
        return self.text


AnyRow = DecisionRow | RangeRow | ShareRow | CountRow | ChoiceRow | ListRow


@dataclass(frozen=True, slots=True)
class Section:
    """A group of rows under a heading; ``addable``: names of steps that could get a row of their own here."""

    key: str
    title: str
    rows: tuple[AnyRow, ...]
    addable: tuple[str, ...] = ()

    def count(self, origin: Origin) -> int:
        """Rows of one origin."""
        return sum(row.reason.origin == origin for row in self.rows)

    @property
    def changed(self) -> int:
        """Rows that are not what was approved."""
        return sum(row.changed for row in self.rows)

    @property
    def says(self) -> str:
        """The rows in a line, for when they are folded away."""
        return " · ".join(row.numbers for row in self.rows if row.numbers)


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the policy panel shows, in its order."""

    decisions: tuple[DecisionRow, ...] = ()
    patience: tuple[RangeRow, ...] = ()
    retries: tuple[CountRow, ...] = ()
    pacing: tuple[RangeRow, ...] = ()
    forms: tuple[RangeRow | ShareRow, ...] = ()
    parameters: tuple[RangeRow | ChoiceRow, ...] = ()
    toggles: tuple[ShareRow, ...] = ()
    data: tuple[ListRow, ...] = ()
    steps: tuple[str, ...] = ()
    """Steps of the workflow that send a request or show a form, in its order."""

    def sections(self) -> tuple[Section, ...]:
        """The rows under their headings; a heading without rows is left out."""
        retried = {row.path.removeprefix("retries.steps.") for row in self.retries}
        paced = {row.path.removeprefix("pacing.steps.") for row in self.pacing}
        made = (
            Section("decisions", "Decisions", self.decisions),
            Section("patience", "Patience", self.patience),
            Section("retries", "Tries again", self.retries, tuple(s for s in self.steps if s not in retried)),
            Section("pacing", "Pace", self.pacing, tuple(s for s in self.steps if s not in paced)),
            Section("forms", "Forms", self.forms),
            Section("parameters", "Varies", self.parameters),
            Section("toggles", "Switches", self.toggles),
            Section("data", "Data", self.data),
        )
        return tuple(section for section in made if section.rows)

    def rows(self) -> tuple[AnyRow, ...]:
        """All rows, in order."""
        return tuple(row for section in self.sections() for row in section.rows)
