"""Hypothesis strategies for the nouns: anything that their types allow, not only what would run."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from turbulence_app.domain.faults import FAULT_KINDS, Fault
from turbulence_app.domain.invariants import Invariant, OncePer, Within
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Case, DecisionPolicy, Forms, Pacing, Patience, Policy, Provenance, Retries
from turbulence_app.domain.project import ModelDefaults, Project, Route, Routes, RunDefaults
from turbulence_app.domain.quantity import Exponential, Lognormal, Percentiles, Table, Uniform
from turbulence_app.domain.scenario import Arrivals, Scenario, StopRule
from turbulence_app.domain.services import HttpService, Service, Sut, SutProfile
from turbulence_app.domain.workflow import (
    AnswerModel,
    AssertStep,
    BranchStep,
    ChoiceParameter,
    DecideStep,
    EndStep,
    Entry,
    Expectation,
    FormField,
    FormStep,
    GrpcStep,
    HttpStep,
    IntRange,
    Pressure,
    PressurePolicy,
    RangeParameter,
    RepeatStep,
    Retry,
    ServiceModel,
    StopWhen,
    ThinkStep,
    Toggle,
    Variation,
    VariationTiming,
    WaitStep,
    Workflow,
)

identifiers = st.one_of(
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,12}", fullmatch=True),
    st.sampled_from(["yes", "no", "on", "null", "true", "type", "y", "pay", "e1", "_1"]),
)
texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
awkward = st.sampled_from([
    "", " ", "null", "~", "yes", "1", "1e3", "0x1F", "- a", "a: b", "#x", "a #b", "{{ x }}", "[1]", "'", '"',
    "\\", "%a", "@a", "`a", "a\nb\n", "  a\n b", "\n", "a\n\n", "\ta", "|", ">", "*a", "&a", "!a", "?", "? a",
    "-", "---", "...", "é", "\x85", "\u2028", "\ufeff", "😀", "2020-01-01", "1_000", "a:", ":", "=", "<<",
    ".5", "+1", "a\r\nb", "x" * 300,
])  # fmt: skip
words = st.one_of(texts, awkward)
expressions = st.one_of(st.sampled_from(["a == 'b'", "pay.failed", "effects('pay') <= 1", "true"]), texts.filter(bool))
numbers = st.floats(0, 1e9, allow_nan=False)
positive = st.floats(1e-6, 1e9, allow_nan=False)
probabilities = st.floats(0, 1, allow_nan=False)
integers = st.integers(0, 10**9)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(-1e300, 1e300), words)
json_values: SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)


def short(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """The same strategy under a short description: Hypothesis refuses to print ones of many kilobytes."""
    return st.deferred(lambda: values)


def some(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | values


def named(values: SearchStrategy[Any], most: int = 3) -> SearchStrategy[dict[str, Any]]:
    return st.dictionaries(identifiers, values, max_size=most)


def listed(values: SearchStrategy[Any], least: int = 0, most: int = 3) -> SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=least, max_size=most).map(tuple)


def _ordered(build: Any, names: tuple[str, ...], values: SearchStrategy[Any], **fixed: Any) -> SearchStrategy[Any]:
    rows = st.lists(values, min_size=len(names), max_size=len(names)).map(sorted)
    return rows.map(lambda row: build(**dict(zip(names, row, strict=True)), **fixed))


uniforms = _ordered(Uniform, ("min", "max"), numbers)
quantities = short(
    st.one_of(
        numbers,
        uniforms,
        _ordered(Percentiles, ("p50", "p95", "p99"), positive),
        _ordered(Percentiles, ("p50", "p95"), positive),
        st.builds(Exponential, kind=st.just("exponential"), mean=positive),
        _ordered(Lognormal, ("median", "p95"), positive, kind="lognormal"),
        st.lists(numbers, min_size=2, max_size=6).map(lambda v: Table(kind="table", values=tuple(sorted(v)))),
    )
)
int_ranges = short(_ordered(IntRange, ("min", "max"), integers))
parameters = short(
    st.one_of(
        _ordered(RangeParameter, ("min", "max"), st.integers(-(10**9), 10**9), type="range"),
        st.builds(ChoiceParameter, type=st.just("choice"), values=listed(json_values, 1)),
    )
)


@st.composite
def models(draw: Any) -> ServiceModel:
    split = draw(probabilities)
    body = draw(some(json_values))
    answers: dict[str, Any] = {"ok": AnswerModel(p=split, status=draw(st.sampled_from([200, 201])), json=body)}
    answers[draw(st.sampled_from(["declined", "error", "timeout"]))] = 1 - split
    return ServiceModel(latency_ms=draw(quantities), outcomes=answers, idempotent=draw(some(st.booleans())))


retries = short(
    st.builds(
        Retry,
        max_attempts=st.integers(1, 50),
        on_status=listed(st.integers(100, 599)),
        on_timeout=st.booleans(),
        backoff=st.sampled_from(["fixed", "exponential"]),
        delay_ms=st.integers(0, 1000),
    )
)
expectations = short(
    st.builds(
        Expectation,
        status_code=some(st.integers(100, 599) | listed(st.integers(100, 599), 1)),
        jsonpath=some(words),
        context_path=some(words),
        equals=json_values,
        contains=json_values,
        schema=json_values,
        expression=some(expressions),
    )
)
common: dict[str, Any] = {"name": identifiers, "when": some(expressions)}
plain_steps = short(
    st.one_of(
        st.builds(
            HttpStep,
            **common,
            type=st.just("http"),
            service=some(identifiers),
            path=words,
            query=named(json_values),
            headers=st.dictionaries(words, words, max_size=2),
            json=json_values,
            extract=named(words),
            retry=some(retries),
            model=some(models()),
            idempotent=st.booleans(),
            method=st.sampled_from(["GET", "POST", "DELETE"]),
        ),
        st.builds(
            WaitStep,
            **common,
            type=st.just("wait"),
            path=words,
            expect=some(expectations),
            interval_seconds=st.floats(0.1, 60),
        ),
        st.builds(AssertStep, **common, type=st.just("assert"), expect=expectations),
        st.builds(GrpcStep, **common, type=st.just("grpc"), method=words, message=json_values, model=some(models())),
        st.builds(
            DecideStep,
            **common,
            type=st.just("decide"),
            decision=identifiers,
            prompt=words,
            options=named(words),
            output_var=identifiers,
            policy_ref=some(words),
        ),
        st.builds(
            FormStep,
            **common,
            type=st.just("form"),
            fields=listed(
                st.builds(FormField, name=identifiers, label=words, required=st.booleans(), options=listed(words)), 1
            ),
        ),
        st.builds(ThinkStep, **common, type=st.just("think"), time_ms=some(quantities)),
        st.builds(
            EndStep, **common, type=st.just("end"), outcome=st.sampled_from(["completed", "abandoned", "failed"])
        ),
    )
)
steps: SearchStrategy[Any] = st.recursive(
    plain_steps,
    lambda inner: st.one_of(
        st.builds(
            BranchStep,
            name=identifiers,
            type=st.just("branch"),
            condition=expressions,
            if_true=listed(inner),
            if_false=listed(inner),
        ),
        short(
            st.tuples(identifiers, expressions, st.integers(1, 1000), listed(inner, 1)).map(
                lambda t: RepeatStep(name=t[0], type="repeat", max=t[2], steps=t[3], **{"while": t[1]})
            )
        ),
    ),
    max_leaves=5,
)
invariants = short(
    st.one_of(
        st.tuples(
            identifiers, st.sampled_from(["always", "never", "at_end", "sometimes", "gate"]), expressions, words
        ).map(lambda t: Invariant(name=t[0], says=t[3], **{t[1]: t[2]})),
        st.builds(Invariant, name=identifiers, once_per=st.builds(OncePer, step=identifiers, key=expressions)),
        st.builds(
            Invariant,
            name=identifiers,
            within=st.builds(Within, after=expressions, then=expressions, seconds=positive),
            targets=st.sampled_from([("model",), ("app", "http")]),
        ),
    )
)
services = short(
    st.one_of(
        st.builds(Service, base_url=words, timeout_seconds=some(st.floats(0.1, 86_400))),
        st.builds(
            Service, http=st.builds(HttpService, base_url=words, headers=st.dictionaries(words, words, max_size=2))
        ),
    )
)
pressure_policies = short(
    st.builds(
        PressurePolicy,
        latency_ms=some(int_ranges),
        timeout_after_ms=some(integers),
        retry_count=some(st.integers(0, 50)),
    )
)
variations = short(
    st.builds(
        Variation,
        parameters=named(parameters),
        toggles=listed(st.builds(Toggle, name=identifiers, probability=probabilities)),
        timing=some(st.builds(VariationTiming, jitter_ms=some(int_ranges), step_delay_ms=some(int_ranges))),
    )
)
workflows = short(
    st.builds(
        Workflow,
        id=identifiers,
        description=words,
        services=named(services, 2),
        app=some(words),
        entry=st.builds(Entry, seed_data=named(json_values)),
        parameters=named(parameters),
        flow=listed(steps, 1),
        assertions=listed(st.builds(AssertStep, name=identifiers, type=st.just("assert"), expect=expectations), 0, 1),
        invariants=listed(invariants),
        stop_when=st.builds(StopWhen, any_assertion_fails=st.booleans(), any_action_fails=st.booleans()),
        max_steps=st.integers(1, 10_000),
        turbulence=some(st.builds(Pressure, actions=named(pressure_policies), **{"global": some(pressure_policies)})),
        variation=some(variations),
    )
)
personas = short(
    st.builds(
        Persona,
        id=identifiers,
        name=words,
        description=words,
        weight=numbers,
        hints=st.dictionaries(words, json_values, max_size=2),
    )
)
weights = st.dictionaries(identifiers, numbers, max_size=3)
decisions = short(
    st.builds(DecisionPolicy, options=weights, cases=listed(st.builds(Case, when=expressions, options=weights), 0, 2))
)
policies = short(
    st.builds(
        Policy,
        persona_id=identifiers,
        workflow=some(identifiers),
        decisions=named(decisions),
        patience=st.builds(Patience, step_wait_seconds=some(quantities), visit_seconds=some(quantities)),
        retries=st.builds(Retries, default=st.integers(0, 50), steps=named(st.integers(0, 50))),
        pacing=st.builds(Pacing, think_ms=quantities, steps=named(quantities)),
        forms=st.builds(Forms, typing_ms_per_char=quantities, skip_optional=probabilities),
        parameters=named(parameters),
        toggles=named(probabilities),
        data=st.dictionaries(words, listed(json_values), max_size=2),
        evidence=st.dictionaries(words, some(words), max_size=3),
        provenance=st.builds(Provenance, model=words, approved_by=some(words)),
    )
)
faults = short(
    st.one_of(
        st.builds(Fault, kind=st.just("latency"), add_ms=quantities, step=some(identifiers), when=some(expressions)),
        st.builds(
            Fault,
            kind=st.sampled_from([k for k in FAULT_KINDS if k != "latency"]),
            probability=probabilities,
            at_seconds=some(numbers | listed(numbers, 1)),
            persona=some(identifiers),
            status=some(st.integers(100, 599)),
        ),
    )
)
arrivals = st.one_of(
    st.builds(Arrivals, kind=st.just("open"), rate_per_second=st.floats(1e-3, 1e6)),
    st.builds(Arrivals, kind=st.just("closed"), concurrent=st.integers(1, 10**6)),
    st.builds(Arrivals, kind=st.just("bursts"), size=st.integers(1, 10**6), every_seconds=st.floats(0, 1e6)),
    st.builds(
        Arrivals,
        kind=st.just("curve"),
        points=st.tuples(st.tuples(st.just(0.0), positive), st.tuples(positive, numbers)),
    ),
)
scenarios = short(
    st.builds(
        Scenario,
        id=identifiers,
        description=words,
        workflow=identifiers,
        target=st.sampled_from(["model", "app", "http"]),
        crowd=weights,
        users=st.integers(1, 2**32 - 1),
        arrivals=arrivals,
        seed=st.integers(0, 2**64 - 1),
        faults=listed(faults),
        invariants=listed(invariants),
        stop=st.builds(StopRule, first_failures=some(st.integers(1, 10**6))),
    )
)
routes = st.one_of(
    st.builds(Route, backend=st.sampled_from(["auto", "builtin", "rules"]), model=some(words)),
    st.builds(
        Route,
        backend=st.sampled_from(["llamacpp", "ollama"]),
        model=some(words),
        mode=st.sampled_from([None, "json", "logits"]),
    ),
)
projects = st.builds(
    Project,
    name=words,
    workflow=some(identifiers),
    crowd=weights,
    run=st.builds(RunDefaults, users=st.integers(1, 10**6), workers=st.integers(0, 256)),
    models=st.builds(
        ModelDefaults, model=some(words), routes=st.builds(Routes, draft=some(routes), policy=some(routes))
    ),
)
suts = short(
    st.builds(
        Sut,
        name=words,
        default_headers=st.dictionaries(words, words, max_size=2),
        services=named(services),
        profiles=named(st.builds(SutProfile, services=named(services, 1)), 2),
        default_profile=some(identifiers),
    )
)
