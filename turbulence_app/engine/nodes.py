"""A plan: a workflow and the policies of a crowd, compiled to integers. Both executors read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from turbulence_app.domain.expressions import Call
from turbulence_app.domain.expressions import Node as Tree
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import InvariantKind
from turbulence_app.domain.workflow import Outcome
from turbulence_app.engine.answers import Answer, Check
from turbulence_app.engine.arrival_times import Schedule
from turbulence_app.engine.quantiles import Sampler
from turbulence_app.engine.templates import Wire

FOREVER = 1 << 62
"""A time that never comes, in microseconds."""
CERTAIN = 1 << 32
"""The threshold of probability 1 on a 32-bit word."""
OUTCOMES: tuple[Outcome, ...] = ("completed", "abandoned", "failed")
REASONS = ("", "left", "step_patience", "visit_patience", "step_failed", "assertion_failed", "max_steps", "end")


@dataclass(frozen=True, slots=True, eq=False)
class FaultPlan:
    """One fault; ``number`` is its place in the run's list and its lane. Times in microseconds of the run."""

    number: int
    kind: str
    label: str
    threshold: int
    nth: int | None = None
    when: Tree | None = None
    start_us: int = 0
    stop_us: int = FOREVER
    add: Sampler | None = None
    timeout_us: int = FOREVER
    status: int = 500
    personas: frozenset[int] | None = None
    moments: tuple[tuple[int, int], ...] = ()
    """``at_seconds``: from when to when; with any, it strikes only inside them."""
    skew_us: int = 0
    keep_bytes: int | None = None
    purpose: str = ""
    """Purpose of its draw; ``_add`` and ``_acts`` behind it are those of what it adds and whether it took effect."""

    @property
    def windowed(self) -> bool:
        """Whether it strikes only at times."""
        return self.start_us > 0 or self.stop_us < FOREVER or bool(self.moments)

    def at(self, now: int) -> bool:
        """Whether it may strike at this moment of the run (microseconds; both ends of a window are inside)."""
        if not self.start_us <= now <= self.stop_us:
            return False
        return not self.moments or any(start <= now <= stop for start, stop in self.moments)


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """Common to all nodes: the step's name, type, number in the funnel, site of its draws, and its guard."""

    name: str
    type: str
    number: int
    site: int
    guard: Tree | None


@dataclass(frozen=True, slots=True, eq=False)
class WaitRule:
    """Asking again: interval, bound on the whole, and what is expected."""

    interval_us: int
    timeout_us: int
    check: Check | None


@dataclass(frozen=True, slots=True, eq=False)
class RetryRule:
    """The step's own retries: attempts in total, on what, and the pause before attempt k+1 (microseconds, by k)."""

    attempts: int
    statuses: frozenset[int]
    on_timeout: bool
    pauses: tuple[int, ...]
    on_connection_error: bool = False

    def again(self, answer: Answer) -> bool:
        """Whether a failed attempt that ended so is followed by another."""
        if answer.came:
            return answer.status in self.statuses
        return self.on_timeout if answer.name == "timeout" else self.on_connection_error and answer.name != "gave_up"


@dataclass(frozen=True, slots=True, eq=False)
class Request(Base):
    """A request to a modelled service (``http``, ``grpc``, ``wait``). Tuples ``think``, ``retries`` go by persona."""

    think: tuple[Sampler, ...]
    delays: tuple[Sampler | None, Sampler | None]
    latency: Sampler
    cuts: tuple[int, ...]
    """Upper thresholds of the outcomes; outcome i is drawn where cuts[i-1] <= word < cuts[i]."""
    codes: tuple[int, ...]
    best_word: int
    """A word that draws the likeliest outcome that is not a failure (the likeliest of all, if all are)."""
    limit_us: int
    retries: tuple[int, ...]
    rule: RetryRule | None
    faults: tuple[FaultPlan, ...]
    quiet: tuple[FaultPlan, ...]
    idempotent: bool
    timeout_code: int
    gave_up_code: int
    error_codes: Mapping[int, int]
    """Answer code of an injected status."""
    refused_code: int
    """Answer code of a connection that was refused or reset (0 where no fault does that)."""
    extract: tuple[tuple[str, Mapping[int, Any]], ...]
    """Variable and its value by answer code (:data:`turbulence_app.engine.answers.MISSING`: not in the body)."""
    wait: WaitRule | None = None
    service: str = ""
    wire: Wire | None = None
    """What is really sent, on the targets that send."""


@dataclass(frozen=True, slots=True, eq=False)
class Choose(Base):
    """A decision: per persona its weights and its cases, as thresholds over ``options``."""

    options: tuple[str, ...]
    output: str
    cuts: tuple[tuple[int, ...], ...]
    cases: tuple[tuple[tuple[Tree, tuple[int, ...]], ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One field of a form."""

    name: str
    chars: int
    required: bool


@dataclass(frozen=True, slots=True, eq=False)
class Fill(Base):
    """A form. ``correction`` and ``skip`` are thresholds by persona."""

    think: tuple[Sampler, ...]
    fields: tuple[Field, ...]
    typing: tuple[Sampler, ...]
    correction: tuple[int, ...]
    skip: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pause(Base):
    """Time that passes."""

    time: tuple[Sampler, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Verify(Base):
    """An assertion on the last answer."""

    check: Check


@dataclass(frozen=True, slots=True, eq=False)
class Split(Base):
    """A branch."""

    condition: Tree
    if_true: tuple[PlanNode, ...]
    if_false: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop(Base):
    """A loop."""

    condition: Tree
    times: int
    body: tuple[PlanNode, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Finish(Base):
    """The visit ends here."""

    outcome: Outcome


PlanNode: TypeAlias = Request | Choose | Fill | Pause | Verify | Split | Loop | Finish


SIDES = ("true", "false")
"""The ways of a branch."""


def ways(node: PlanNode) -> tuple[str, ...]:
    """The options of a decision, the sides of a branch; nothing else has any."""
    if isinstance(node, Choose):
        return node.options
    return SIDES if isinstance(node, Split) else ()


@dataclass(frozen=True, slots=True, eq=False)
class Initial:
    """A variable that a visit starts with: where it comes from, its site, and its values (by persona).

    ``kind``: ``range`` (low, high), ``choice`` (values), ``toggle`` (threshold), ``value`` (a constant).
    """

    name: str
    source: str
    address: str
    site: int
    kinds: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """An invariant; ``steps`` are those it names (numbers), ``changes`` those after which it must be asked again.

    ``changes`` None means after every step.
    """

    name: str
    kind: InvariantKind
    expression: str
    says: str
    tree: Tree | None
    """What must hold (``never``: negated; ``within``: what opens the promise); None: not asked of visits."""
    steps: tuple[int, ...]
    changes: frozenset[int] | None
    then: Tree | None = None
    within_us: int = 0
    key: Tree | None = None
    """``once_per``: what is asked after each success of the step ``steps[0]``."""
    at_world_end: bool = False
    """Asked once, when the world ends, and not of single visits."""
    probes: tuple[Call, ...] = ()
    """Its calls of ``probe``, answered before it is asked."""
    asleep: str = ""
    """Why this target cannot ask it."""

    @property
    def of_visits(self) -> bool:
        """Whether it is asked along visits."""
        return self.tree is not None and not self.at_world_end


@dataclass(frozen=True, slots=True, eq=False)
class PersonaPlan:
    """A member of the crowd."""

    name: str
    cut: int
    """Upper threshold of the persona draw."""
    visit_patience: Sampler | None
    step_patience: Sampler | None


@dataclass(eq=False)
class Plan:
    """Everything that an execution needs."""

    inputs: RunInputs
    seed: int
    users: int
    personas: tuple[PersonaPlan, ...]
    flow: tuple[PlanNode, ...]
    nodes: tuple[PlanNode, ...]
    """All nodes by number."""
    answers: tuple[Answer, ...]
    initials: Mapping[str, Initial]
    variables: frozenset[str]
    faults: tuple[FaultPlan, ...]
    rules: tuple[Rule, ...]
    max_steps: int
    stop_on_assertion: bool
    stop_on_failure: bool
    arrival: Schedule
    in_loop: frozenset[int]
    """Numbers of the nodes that one user may visit more than once."""
    longest: int
    """Most steps that a visit can execute, without the bound."""
    trees: tuple[Tree, ...] = ()
    """Every expression about one user, for what must be tracked."""
    cache: dict[str, Any] = field(default_factory=dict)
    """What the vectorised executor prepares once."""
    numbers: dict[str, int] = field(default_factory=dict)
    """Places of the steps in ``nodes``, by name."""
    notes: tuple[str, ...] = ()
    """What a reader of the results must know of rules that are not asked here."""

    @property
    def live(self) -> bool:
        """Whether real code answers (targets app and http)."""
        return self.inputs.target != "model"
