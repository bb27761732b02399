"""What one asks of a run once it is over: who left where and why, how long it took, when it was slow, for whom."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.trace import Reason
from turbulence_app.domain.workflow import Outcome

Buckets = tuple[int, int]
"""Numbers of buckets of the latency histogram, from the first to before the second: 16 per octave of microseconds."""
Sort = Literal["user", "longest", "shortest", "slowest"]
"""By number; by the whole visit; ``slowest``: by the longest single wait for an answer."""


class Among(Noun):
    """Whom all charts are about; what is left out does not matter."""

    personas: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    step: str = ""
    """Only people who came to this step; latencies are those of this step alone."""


class Wanted(Among):
    """The people behind one bar, one step or one way: all that is said must hold."""

    place: str | None = None
    """The last step that takes time; ``""`` is nowhere yet."""
    why: str | None = None
    """Key of a :class:`ReasonBar`."""
    took: Buckets | None = None
    stayed: Buckets | None = None
    asked_s: tuple[float, float] | None = None
    """Who waited for an answer that they asked for in this span of the run (seconds)."""
    asked_step: str = ""
    ways: Annotated[tuple[tuple[str, str], ...], Field(max_length=1000)] = ()
    """Who went straight from one step of a pair to the other."""


class ByPersona(Noun):
    """A number of people, whole and by persona (in the order of the crowd)."""

    people: int
    personas: tuple[int, ...] = ()


class StepBar(Noun):
    """A step of the funnel: who came to it, and whose visit ended there without success."""

    step: str
    goal: bool
    reached: ByPersona
    left: ByPersona


class ReasonBar(Noun):
    """Why visits ended without success."""

    key: str
    words: str
    reason: Reason
    place: str
    """Where most of them were; empty where there were several places alike."""
    count: ByPersona


class Spread(Noun):
    """Percentiles of times in milliseconds: nearest rank, then the middle of a bucket (within 3.2 %)."""

    n: int = 0
    mean: float = 0.0
    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0


class TimeBar(Noun):
    """People whose time lies in a span (milliseconds, the upper end excluded)."""

    low_ms: float
    high_ms: float
    buckets: Buckets
    count: ByPersona


class Distribution(Noun):
    """How long something took."""

    bars: tuple[TimeBar, ...] = ()
    whole: Spread = Spread()
    personas: tuple[Spread, ...] = ()


class LatencyLine(Noun):
    """Percentiles of waits over the run's time; None where nobody asked. One value per span of time."""

    persona: str
    n: tuple[int, ...]
    p50: tuple[float | None, ...]
    p95: tuple[float | None, ...]
    p99: tuple[float | None, ...]


class Latencies(Noun):
    """When it was slow, and for whom. ``span_s``: seconds that one value is about; the first begins at 0."""

    span_s: float = 1.0
    whole: LatencyLine | None = None
    personas: tuple[LatencyLine, ...] = ()


class TimeShare(Noun):
    """Where the time of visits goes (milliseconds per visit): waiting for answers, and everything else."""

    persona: str
    people: int = 0
    waited_ms: float = 0.0
    own_ms: float = 0.0
    requests: float = 0.0
    retries: float = 0.0


class Board(Noun):
    """Everything that the Analysis page shows, for one choice of people. Personas are in the order of the crowd."""

    run_id: str = ""
    among: Among = Among()
    personas: tuple[str, ...] = ()
    sizes: tuple[int, ...] = ()
    """People of each persona in the whole run."""
    steps: tuple[str, ...] = ()
    """Steps that take time or end the visit well, in the order of the workflow."""
    people: int = 0
    of: int = 0
    """People in the whole run."""
    outcomes: dict[str, int] = {}
    funnel: tuple[StepBar, ...] = ()
    reasons: tuple[ReasonBar, ...] = ()
    convert: Distribution = Distribution()
    dwell: Distribution = Distribution()
    latency: Latencies = Latencies()
    shares: tuple[TimeShare, ...] = ()
    notes: tuple[str, ...] = ()
    """What these numbers cannot tell."""


class Somebody(Noun):
    """One person of a list. Times in milliseconds; ``arrived_ms`` on the run's clock."""

    user: int
    persona: str
    outcome: Outcome
    why: str
    place: str
    arrived_ms: float
    took_ms: float
    stayed_ms: float
    waited_ms: float
    slowest_ms: float
    retries: int


class PeoplePage(Noun):
    """Some of the people behind a bar. ``total`` None: not everybody has been looked at yet."""

    run_id: str
    first: int
    people: tuple[Somebody, ...] = ()
    total: int | None = None
    listed: int = 0
    """How many of them can be paged to in this order."""
