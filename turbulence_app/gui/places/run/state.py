"""What the Run place knows, and how a summary becomes pictures. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from turbulence_app.domain.faults import Fault
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Invariant, Target
from turbulence_app.domain.run import RunManifest, Summary, Timeline
from turbulence_app.domain.scenario import Arrivals, Scenario
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.chart_rows import RangeRow
from turbulence_app.gui.graph_model import Flow
from turbulence_app.gui.persona_colours import place_of
from turbulence_app.gui.places.run.target import possible

Phase = Literal["idle", "starting", "running", "stopping", "ended", "error"]
Array = npt.NDArray[np.float64]

REASON_WORDS = {
    "step_patience": "gave up",
    "visit_patience": "too slow",
    "step_failed": "step failed",
    "assertion_failed": "assertion failed",
    "max_steps": "too many steps",
    "left": "left",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the strip is set to. ``scenario`` '' is the chosen workflow with the project's crowd and no faults."""

    scenario: str = ""
    users: int = 20_000
    seed: int = 42
    workers: int = 0
    target: Target = "model"
    arrivals: Arrivals | None = None
    """How people come; None leaves the scenario's word."""
    profile: str = ""
    """Http target: the environment of the SUT file; '' is the project's."""
    time_scale: float | None = None
    """Http target: what people's pauses are multiplied with; None is 1."""
    off_faults: frozenset[str] = frozenset()
    off_invariants: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Live:
    """A run as far as it has come."""

    phase: Phase = "idle"
    manifest: RunManifest | None = None
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None
    summary: Summary | None = None
    message: str = ""

    @property
    def busy(self) -> bool:
        """Whether a run is under way."""
        return self.phase in ("starting", "running", "stopping")


@dataclass(frozen=True, slots=True)
class PastRun:
    """A line of the history."""

    manifest: RunManifest
    completion: float | None = None
    broken: int = 0


def faults_of(scenario: Scenario | None) -> list[tuple[str, Fault]]:
    """A scenario's faults by a key that tells equal labels apart."""
    return [(f"{index}:{fault.label}", fault) for index, fault in enumerate(scenario.faults)] if scenario else []


def invariants_of(workflow: Workflow | None, scenario: Scenario | None) -> list[Invariant]:
    """The workflow's own and the scenario's."""
    return [*(workflow.invariants if workflow else ()), *(scenario.invariants if scenario else ())]


def apply_switches(inputs: RunInputs, settings: Settings) -> RunInputs:
    """The inputs without what is switched off for this run, and without the faults that the target cannot do.

    With nothing taken out they are the very same, hence the same digest.
    """
    if settings.arrivals is not None and settings.arrivals != inputs.arrivals:
        inputs = inputs.model_copy(update={"arrivals": settings.arrivals})
    off = settings.off_invariants
    keep = tuple(
        f
        for i, f in enumerate(inputs.faults)
        if f"{i}:{f.label}" not in settings.off_faults and possible(f, inputs.target)
    )
    if keep == inputs.faults and not off:
        return inputs
    own = tuple(i for i in inputs.workflow.invariants if i.name not in off)
    rest = tuple(i for i in inputs.invariants if i.name not in off)
    workflow = inputs.workflow.model_copy(update={"invariants": own})
    return inputs.model_copy(update={"faults": keep, "invariants": rest, "workflow": workflow})


def flow_of(summary: Summary, broken: Mapping[str, int], *, by_persona: bool = False) -> Flow:
    """Counts for the graph; ``by_persona`` with who they are."""
    gone: dict[str, tuple[int, str]] = {}
    for stats in summary.funnel:
        cut = {reason: n for reason, n in stats.reasons.items() if reason not in ("end", "", "left")}
        if stats.type != "end" and cut:
            worst = max(cut, key=lambda reason: cut[reason])
            gone[stats.step] = (sum(cut.values()), REASON_WORDS.get(worst, worst.replace("_", " ")))
    return Flow(
        users=summary.users,
        reached={stats.step: stats.reached for stats in summary.funnel},
        ways={(edge.source, edge.target): edge.users for edge in summary.edges},
        broken=dict(broken),
        gone=gone,
        mix=_mix(summary) if by_persona else {},
    )


def legend(summary: Summary) -> list[tuple[str, str]]:
    """Each persona, and with how many in words, in the order of the crowd."""
    return [(p.persona, f"{p.persona} {p.users:,}") for p in summary.personas]


def _mix(summary: Summary) -> dict[str, tuple[int, ...]]:
    """Users who reached each step, by persona in the order of their colours."""
    places = {place_of(p.persona): p.reached for p in summary.personas}
    whole = range(max(places, default=-1) + 1)
    return {s.step: tuple(places.get(place, {}).get(s.step, 0) for place in whole) for s in summary.funnel}


@dataclass(frozen=True, slots=True)
class Curves:
    """A timeline as series over virtual seconds."""

    seconds: Array = field(default_factory=lambda: np.zeros(0))
    active: Array = field(default_factory=lambda: np.zeros(0))
    arrived: Array = field(default_factory=lambda: np.zeros(0))
    completed: Array = field(default_factory=lambda: np.zeros(0))
    abandoned: Array = field(default_factory=lambda: np.zeros(0))
    failed: Array = field(default_factory=lambda: np.zeros(0))


def curves_of(timeline: Timeline) -> Curves:
    """Users active (arrived and not yet gone) and rates per second of virtual time."""
    names = ("arrived", "completed", "abandoned", "failed")
    bins = max((len(getattr(timeline, name)) for name in names), default=0)
    counts = {name: np.zeros(bins) for name in names}
    for name in names:
        values = getattr(timeline, name)
        counts[name][: len(values)] = values
    active = np.cumsum(counts["arrived"] - counts["completed"] - counts["abandoned"] - counts["failed"])
    width = timeline.bin_us / 1e6
    seconds: Array = np.arange(1.0, bins + 1.0) * width
    rates = {name: values / width for name, values in counts.items()}
    return Curves(seconds, active, rates["arrived"], rates["completed"], rates["abandoned"], rates["failed"])


def latency_rows(summary: Summary) -> list[RangeRow]:
    """Steps whose requests have been answered, in the order of the flow."""
    return [
        RangeRow(s.step, s.latency.p50, s.latency.p95, s.latency.p99, s.latency.n)
        for s in summary.funnel
        if s.latency is not None and s.latency.n
    ]


def weighty(notes: Sequence[str]) -> list[str]:
    """Notes with what casts doubt on the numbers first, and what was merely left out last."""

    def weight(note: str) -> int:
        return 0 if "driver" in note else 2 if "not asked" in note else 1

    return sorted(notes, key=weight)


def duration(ms: float) -> str:
    """Milliseconds for a headline: ``840 ms``, ``62 s``, ``3 min 20 s``."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def eta_words(live: Live) -> str:
    """How long yet, or how long it took."""
    if live.phase == "starting":
        return "starting…"
    if live.phase == "stopping":
        return "stopping…"
    if live.phase == "running":
        rate = f"{live.rate:,.0f}/s" if live.rate else ""
        left = f"{live.eta_s:.1f} s left" if live.eta_s is not None else ""
        return " · ".join(part for part in (rate, left) if part)
    if live.manifest is not None and live.manifest.elapsed_s:
        done = live.manifest.status == "done"
        rate = f" · {live.manifest.users / live.manifest.elapsed_s:,.0f}/s" if done else f" · {live.manifest.status}"
        whole = live.done == live.total
        users = f"{live.done:,} users" if whole else f"{live.done:,} of {live.total:,} users"
        return f"{users} in {live.manifest.elapsed_s:.2f} s{rate}"
    return live.manifest.status if live.manifest is not None else ""


def read_past(item: Any) -> PastRun:
    """One run as the service lists it: a manifest, alone or beside its summary."""
    if isinstance(item, RunManifest):
        return PastRun(item)
    data = dict(item)
    manifest = RunManifest.model_validate(data.get("manifest", {k: v for k, v in data.items() if k in _MANIFEST_KEYS}))
    summary = data.get("summary")
    if summary is None:
        return PastRun(manifest, data.get("completion"), int(data.get("broken") or 0))
    known = Summary.model_validate(summary)
    return PastRun(manifest, known.completion if known.users else None, broken_count(known))


_MANIFEST_KEYS = frozenset(RunManifest.model_fields)


def broken_count(summary: Summary) -> int:
    """Invariants that are broken."""
    return sum(1 for verdict in summary.verdicts if verdict.status == "broken")
