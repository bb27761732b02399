"""A workflow: what users can do, step by step, and what must always hold.

The original Turbulence's scenario files are workflows here; their fields keep their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Expression, Identifier, Noun, Probability
from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.quantity import Quantity
from turbulence_app.domain.services import Service

Json = Any
HttpMethod = Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
Outcome = Literal["completed", "abandoned", "failed"]


class AnswerModel(Noun):
    """One possible answer of a modelled service: its probability, status and body."""

    p: Probability
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    json_: Json = Field(default=None, alias="json")


class ServiceModel(Noun):
    """How a service answers on the model target.

    ``ok`` is 2xx, ``declined`` 402, ``error`` 500, ``timeout`` no answer within the service's timeout; any other name
    needs a status of its own. Probabilities sum to 1.
    """

    latency_ms: Quantity = 100.0
    outcomes: dict[Identifier, Probability | AnswerModel] = {"ok": 1.0}
    idempotent: bool | None = None

    @model_validator(mode="after")
    def _probabilities(self) -> ServiceModel:
        total = sum(o.p if isinstance(o, AnswerModel) else o for o in self.outcomes.values())
        if abs(total - 1.0) > 1e-6:
            raise ValueError(f"outcomes sum to {total:g}, not to 1")
        for name, answer in self.outcomes.items():
            known = name in ("ok", "declined", "error", "timeout")
            if not known and (not isinstance(answer, AnswerModel) or answer.status is None):
                raise ValueError(f"outcome {name!r} needs a status, for example {{p: 0.01, status: 409}}")
        return self


class Retry(Noun):
    """The client's own retries on a step, as in the original (a policy's ``retries`` come on top of none)."""

    max_attempts: Annotated[int, Field(ge=1, le=50)] = 3
    on_status: tuple[int, ...] = ()
    on_timeout: bool = False
    on_connection_error: bool = False
    backoff: Literal["fixed", "exponential"] = "fixed"
    delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 1000
    base_delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 100
    max_delay_ms: Annotated[int, Field(ge=0, le=3_600_000)] = 10_000


class Expectation(Noun):
    """What an ``assert`` (or a ``wait``) expects of the last answer; every given field must hold."""

    status_code: int | tuple[int, ...] | None = None
    jsonpath: str | None = None
    context_path: str | None = None
    equals: Json = None
    contains: Json = None
    schema_: Json = Field(default=None, alias="schema")
    expression: Expression | None = None
    timeout: Annotated[float, Field(gt=0, le=3600)] | None = None


class BaseStep(Noun):
    """Common to all steps. ``when`` (original: ``condition``) skips the step where it is false."""

    name: Identifier
    description: str = ""
    when: Expression | None = None
    condition: Expression | None = None

    @property
    def guard(self) -> str | None:
        """The expression that lets the step run, whichever key it was written under."""
        return self.when if self.when is not None else self.condition


class CallStep(BaseStep):
    """Common to the steps that ask a service over HTTP: what is sent, what is kept, how it answers when modelled."""

    type: str
    service: Identifier | None = None
    method: HttpMethod = "GET"
    path: str = "/"
    headers: dict[str, str] = Field(default_factory=dict)
    query: dict[str, Json] = Field(default_factory=dict)
    json_: Json = Field(default=None, alias="json")
    extract: dict[Identifier, str] = Field(default_factory=dict)
    model: ServiceModel | None = None


class HttpStep(CallStep):
    """One request to a service."""

    type: Literal["http"]
    retry: Retry | None = None
    idempotent: bool = False


class WaitStep(CallStep):
    """Asks a service again and again until the expectation holds or the time is up."""

    type: Literal["wait"]
    interval_seconds: Annotated[float, Field(gt=0, le=86_400)] = 1.0
    timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    expect: Expectation | None = None


class AssertStep(BaseStep):
    """A check of the last answer; a visit in which it fails is a failed visit."""

    type: Literal["assert"]
    expect: Expectation


class GrpcStep(BaseStep):
    """A gRPC call; loads, runs only on a target that can."""

    type: Literal["grpc"]
    service: Identifier | None = None
    method: str = ""
    message: Json = None
    metadata: dict[str, str] = Field(default_factory=dict)
    extract: dict[Identifier, str] = Field(default_factory=dict)
    retry: Retry | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    model: ServiceModel | None = None


class DecideStep(BaseStep):
    """A choice of the person. ``options`` say in words what choosing each means; the policy gives the weights."""

    type: Literal["decide"]
    decision: Identifier
    prompt: str = ""
    options: dict[Identifier, str] = Field(default_factory=dict)
    output_var: Identifier = "decision_result"
    policy_ref: str | None = None


class FormField(Noun):
    """One field of a form. ``chars`` is what a person types into it (characters)."""

    name: Identifier
    kind: Literal["text", "email", "tel", "number", "password", "date", "select", "radio", "checkbox", "textarea"] = (
        "text"
    )
    label: str = ""
    required: bool = True
    chars: Annotated[int, Field(ge=0, le=10_000)] | None = None
    options: tuple[str, ...] = ()


class FormStep(BaseStep):
    """A form that the person fills in: typing, corrections, optional fields skipped or not."""

    type: Literal["form"]
    fields: Annotated[tuple[FormField, ...], Field(min_length=1, max_length=200)]


class ThinkStep(BaseStep):
    """Time that passes without a request; the policy's pacing applies where ``time_ms`` is absent."""

    type: Literal["think"]
    time_ms: Quantity | None = None


class BranchStep(BaseStep):
    """Two ways on. Its own ``condition`` is what is asked; ``when`` may still skip it."""

    type: Literal["branch"]
    condition: Expression
    if_true: tuple[Step, ...] = ()
    if_false: tuple[Step, ...] = ()

    @property
    def guard(self) -> str | None:
        """A branch's ``condition`` chooses the way; only ``when`` skips it."""
        return self.when


class RepeatStep(BaseStep):
    """A loop: while the expression holds, at most ``max`` times."""

    type: Literal["repeat"]
    while_: Expression = Field(alias="while")
    max: Annotated[int, Field(ge=1, le=1000)]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


class EndStep(BaseStep):
    """The visit ends here."""

    type: Literal["end"]
    outcome: Outcome = "completed"


Step = Annotated[
    HttpStep | WaitStep | AssertStep | GrpcStep | DecideStep | FormStep | ThinkStep | BranchStep | RepeatStep | EndStep,
    Field(discriminator="type"),
]


class RangeParameter(Noun):
    """An integer between ``min`` and ``max``, both included."""

    type: Literal["range"]
    min: Annotated[int, Field(ge=-(10**9), le=10**9)]
    max: Annotated[int, Field(ge=-(10**9), le=10**9)]

    @model_validator(mode="after")
    def _ordered(self) -> RangeParameter:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; swap them")
        return self


class ChoiceParameter(Noun):
    """One of the given values, all equally likely."""

    type: Literal["choice"]
    values: Annotated[tuple[Json, ...], Field(min_length=1, max_length=1000)]


Parameter = Annotated[RangeParameter | ChoiceParameter, Field(discriminator="type")]


class Toggle(Noun):
    """On for a share of the users."""

    name: Identifier
    probability: Probability = 0.5


class IntRange(Noun):
    """Whole milliseconds between ``min`` and ``max`` (original ``timing`` and ``latency_ms``)."""

    min: Annotated[int, Field(ge=0, le=10**9)] = 0
    max: Annotated[int, Field(ge=0, le=10**9)] = 0

    @model_validator(mode="after")
    def _ordered(self) -> IntRange:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; swap them")
        return self


class VariationTiming(Noun):
    """Extra time of the original's variation, in milliseconds."""

    jitter_ms: IntRange | None = None
    step_delay_ms: IntRange | None = None


class Variation(Noun):
    """The original's variation: parameters, toggles and timing that differ between users."""

    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    toggles: tuple[Toggle, ...] = ()
    timing: VariationTiming | None = None


class PressurePolicy(Noun):
    """The original's fault policy of one level (global, service or action)."""

    latency_ms: IntRange | None = None
    timeout_after_ms: Annotated[int, Field(ge=0, le=10**9)] | None = None
    retry_count: Annotated[int, Field(ge=0, le=50)] | None = None


class Pressure(Noun):
    """The original's ``turbulence`` block; merge order is global, then service, then action."""

    global_: PressurePolicy | None = Field(default=None, alias="global")
    services: dict[Identifier, PressurePolicy] = Field(default_factory=dict)
    actions: dict[Identifier, PressurePolicy] = Field(default_factory=dict)


class Entry(Noun):
    """What a visit starts with."""

    seed_data: dict[Identifier, Json] = Field(default_factory=dict)


class StopWhen(Noun):
    """When a visit stops early (the visit then counts as failed)."""

    any_assertion_fails: bool = False
    any_action_fails: bool = False


class Workflow(Noun):
    """What users do, in order; the source of every policy's schema."""

    id: Identifier
    description: str = ""
    services: dict[Identifier, Service] = Field(default_factory=dict)
    app: str | None = None
    """``module:attribute`` of an ASGI application or of a factory that makes one (the app target)."""
    durable: tuple[str, ...] = ()
    """What survives a crash of the application: ``state.NAME`` of the application, or ``module:NAME``."""
    entry: Entry = Entry()
    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    flow: Annotated[tuple[Step, ...], Field(min_length=1)]
    assertions: tuple[AssertStep, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    stop_when: StopWhen = StopWhen()
    max_steps: Annotated[int, Field(ge=1, le=10_000)] = 100
    turbulence: Pressure | None = None
    variation: Variation | None = None

    def steps(self) -> Iterator[Step]:
        """Every step, nested ones too, in the order in which they are written."""
        yield from _walk(self.flow)

    def decisions(self) -> dict[str, DecideStep]:
        """The first step of each decision point, by decision name."""
        found: dict[str, DecideStep] = {}
        for step in self.steps():
            if isinstance(step, DecideStep):
                found.setdefault(step.decision, step)
        return found

    def all_parameters(self) -> dict[str, Parameter]:
        """Parameters of the workflow and of the original's variation block together."""
        return {**(self.variation.parameters if self.variation else {}), **self.parameters}


def _walk(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if isinstance(step, BranchStep):
            yield from _walk(step.if_true)
            yield from _walk(step.if_false)
        elif isinstance(step, RepeatStep):
            yield from _walk(step.steps)


BranchStep.model_rebuild()
RepeatStep.model_rebuild()
Workflow.model_rebuild()
