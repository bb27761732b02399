"""Steps compiled one by one: the half of compiling that looks at single steps and single faults."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.expressions import Attribute, Name
from turbulence_app.domain.expressions import Node as Tree
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import DecisionPolicy, Policy
from turbulence_app.domain.quantity import Quantity, Uniform
from turbulence_app.domain.workflow import (
    AnswerModel,
    AssertStep,
    BranchStep,
    DecideStep,
    EndStep,
    Expectation,
    FormStep,
    GrpcStep,
    HttpStep,
    IntRange,
    PressurePolicy,
    RepeatStep,
    Retry,
    ServiceModel,
    Step,
    ThinkStep,
    WaitStep,
)
from turbulence_app.engine.answers import MISSING, NOTHING_YET, Answer, Check, jsonpath
from turbulence_app.engine.build_faults import compile_faults, matching
from turbulence_app.engine.build_wire import compile_wire
from turbulence_app.engine.names import Names
from turbulence_app.engine.nodes import (
    Choose,
    FaultPlan,
    Field,
    Fill,
    Finish,
    Loop,
    Pause,
    PlanNode,
    Request,
    RetryRule,
    Split,
    Verify,
    WaitRule,
)
from turbulence_app.engine.purposes import site
from turbulence_app.engine.quantiles import Sampler, compile_quantity
from turbulence_app.engine.weights import threshold, thresholds

CHARACTERS = {
    "text": 16, "email": 22, "tel": 11, "number": 4, "password": 10, "date": 8, "select": 2, "radio": 1,
    "checkbox": 1, "textarea": 120,
}  # fmt: skip
"""Keystrokes for a field whose ``chars`` are not given, by kind."""
STATUS = {"ok": 200, "declined": 402, "error": 500, "timeout": None}
MAX_VISITS = 1 << 16
MAX_POLLS = 10_000
Base = dict[str, Any]


class StepBuilder:
    """Compiles the flow of one run; collects nodes, answers and faults on the way."""

    def __init__(self, inputs: RunInputs, names: Names) -> None:
        self._inputs, self._names = inputs, names
        self._policies: tuple[Policy, ...] = tuple(m.policy for m in inputs.crowd)
        self.nodes: list[PlanNode] = []
        self.answers: list[Answer] = [NOTHING_YET]
        self._codes: dict[tuple[str, str, int | None, bool], int] = {}
        self.faults: tuple[FaultPlan, ...] = compile_faults(inputs, names)
        self._made: dict[int, PlanNode] = {}

    def flow(self) -> tuple[PlanNode, ...]:
        """The compiled flow; the workflow's own assertions are steps at its end."""
        workflow = self._inputs.workflow
        flow = self._steps((*workflow.flow, *workflow.assertions), ())
        self.nodes = [self._made[i] for i in range(len(self._made))]
        return flow

    def _steps(self, steps: Sequence[Step], times: tuple[int, ...]) -> tuple[PlanNode, ...]:
        found = []
        for step in steps:
            node = self._step(step, times)
            self._made[node.number] = node
            found.append(node)
        return tuple(found)

    def _step(self, step: Step, times: tuple[int, ...]) -> PlanNode:
        guard = None if step.guard is None else self._tree(step.guard, step)
        number = self._names.number(step.name)
        base: Base = {"name": step.name, "type": step.type, "number": number, "site": site(step.name), "guard": guard}
        match step:
            case HttpStep() | GrpcStep() | WaitStep():
                return self._request(step, base)
            case DecideStep():
                return self._decide(step, base)
            case FormStep():
                return self._form(step, base)
            case ThinkStep():
                fixed = None if step.time_ms is None else compile_quantity(step.time_ms, 1000)
                return Pause(**base, time=tuple(fixed or self._pace(p, step.name) for p in self._policies))
            case AssertStep():
                return Verify(**base, check=self._check(step.expect, step))
            case EndStep():
                return Finish(**base, outcome=step.outcome)
            case BranchStep():
                condition = self._tree(step.condition, step)
                return Split(
                    **base,
                    condition=condition,
                    if_true=self._steps(step.if_true, times),
                    if_false=self._steps(step.if_false, times),
                )
            case RepeatStep():
                inner = (*times, step.max)
                if prod(inner) > MAX_VISITS:
                    message = f"{step.name}: nested loops run {prod(inner)} times"
                    raise InputError(message, f"at most {MAX_VISITS}")
                condition = self._tree(step.while_, step)
                return Loop(**base, condition=condition, times=step.max, body=self._steps(step.steps, inner))

    def _tree(self, source: str, step: Step) -> Tree:
        return self._names.tree(source, f"step {step.name}")

    def _pace(self, policy: Policy, step: str) -> Sampler:
        return compile_quantity(policy.pacing.steps.get(step, policy.pacing.think_ms), 1000)

    # ---- requests -----------------------------------------------------------------------------------------------

    def _request(self, step: HttpStep | GrpcStep | WaitStep, base: Base) -> Request:
        live = self._inputs.target != "model"
        if isinstance(step, GrpcStep) and (live or step.model is None):
            mend = "run it on the model target, with a model" if live else "give the step a model"
            raise InputError(f"step {step.name}: the {self._inputs.target} target cannot call gRPC", mend)
        model = step.model or ServiceModel()
        codes, cuts = self._outcomes(step, model)
        timeout_code = self._answer(step.name, "timeout", came=False)
        gave_up_code = self._answer(step.name, "gave_up", came=False)
        pressure = self._pressure(step)
        limit = self._limit(step, pressure)
        faults = matching(self.faults, self._inputs, step.name, step.service, pressure.latency_ms)
        statuses = {f.status for f in faults if f.kind == "error_status"}
        errors = {s: self._answer(step.name, "error" if s == 500 else f"http_{s}", s) for s in sorted(statuses)}
        cut = any(f.kind in ("crash", "connection_reset") for f in faults)
        refused = self._answer(step.name, "connection_error", came=False) if cut else 0
        retry = None if isinstance(step, WaitStep) else step.retry
        least = pressure.retry_count or 0
        wanted = [max(p.retries.steps.get(step.name, p.retries.default), least) for p in self._policies]
        retries = [0 if isinstance(step, WaitStep) else r for r in wanted]
        idempotent = (isinstance(step, HttpStep) and step.idempotent) or bool(model.idempotent)
        return Request(
            **base,
            think=tuple(Sampler(0) if isinstance(step, WaitStep) else self._pace(p, step.name) for p in self._policies),
            delays=self._delays(step),
            latency=compile_quantity(model.latency_ms, 1000),
            cuts=cuts,
            codes=codes,
            best_word=self._best(codes, cuts),
            limit_us=limit,
            retries=tuple(retries),
            rule=None if retry is None else self._rule(retry, max(retries)),
            faults=tuple(f for f in faults if f.kind != "quiet"),
            quiet=tuple(f for f in faults if f.kind == "quiet"),
            idempotent=idempotent,
            timeout_code=timeout_code,
            gave_up_code=gave_up_code,
            error_codes=errors,
            refused_code=refused,
            extract=self._extract(step),
            wait=self._wait(step) if isinstance(step, WaitStep) else None,
            service=step.service or "",
            wire=compile_wire(step, limit, self._inputs, self._names) if live else None,
        )

    def _answer(
        self, step: str, name: str, status: int | None = None, json: Any = None, *, came: bool = True,
        generic: bool = False,
    ) -> int:  # fmt: skip
        code = len(self.answers)
        same = self._codes.setdefault((step, name, status, came), code)
        if same < code and json is None:
            return same
        self.answers.append(Answer(code, step, name, status, json, came, generic))
        return code

    def _outcomes(
        self, step: HttpStep | GrpcStep | WaitStep, model: ServiceModel
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        codes: list[int] = []
        shares: list[float] = []
        posting = isinstance(step, HttpStep) and step.method == "POST"
        for name, given in model.outcomes.items():
            answer = given if isinstance(given, AnswerModel) else AnswerModel(p=given)
            status = answer.status if answer.status is not None else STATUS.get(name)
            generic = name == "ok" and answer.status is None
            if generic and posting:
                status = 201
            shares.append(answer.p)
            came = name != "timeout"
            codes.append(
                self._answer(step.name, name, status if came else None, answer.json_, came=came, generic=generic)
            )
        return tuple(codes), thresholds(shares)

    def _best(self, codes: tuple[int, ...], cuts: tuple[int, ...]) -> int:
        lows = (0, *cuts[:-1])
        best = max(range(len(cuts)), key=lambda i: (not self.answers[codes[i]].failed, cuts[i] - lows[i], -i))
        return (lows[best] + cuts[best]) // 2

    def _limit(self, step: HttpStep | GrpcStep | WaitStep, pressure: PressurePolicy) -> int:
        service = self._inputs.workflow.services.get(step.service or "")
        seconds = service.timeout if service else 30.0
        if isinstance(step, GrpcStep) and step.timeout_seconds is not None:
            seconds = step.timeout_seconds
        limit = int(seconds * 1_000_000)
        if pressure.timeout_after_ms is not None:
            limit = min(limit, pressure.timeout_after_ms * 1000)
        return limit

    def _pressure(self, step: HttpStep | GrpcStep | WaitStep) -> PressurePolicy:
        """The original's pressure on a step: global, then service, then action; what is given later wins."""
        turbulence = self._inputs.workflow.turbulence
        if turbulence is None:
            return PressurePolicy()
        levels = (turbulence.global_, turbulence.services.get(step.service or ""), turbulence.actions.get(step.name))
        merged: dict[str, Any] = {}
        for level in levels:
            if level is not None:
                merged.update({k: v for k, v in level if v is not None})
        return PressurePolicy(**merged)

    def _delays(self, step: Step) -> tuple[Sampler | None, Sampler | None]:
        variation = self._inputs.workflow.variation
        timing = variation.timing if variation else None
        if timing is None or isinstance(step, WaitStep):
            return None, None
        return _range(timing.jitter_ms), _range(timing.step_delay_ms)

    def _rule(self, retry: Retry, by_policy: int) -> RetryRule:
        attempts = max(retry.max_attempts, by_policy + 1)
        if retry.backoff == "fixed":
            pauses = tuple(retry.delay_ms * 1000 for _ in range(attempts))
        else:
            pauses = tuple(min(retry.base_delay_ms << min(k, 40), retry.max_delay_ms) * 1000 for k in range(attempts))
        statuses = frozenset(retry.on_status)
        return RetryRule(retry.max_attempts, statuses, retry.on_timeout, pauses, retry.on_connection_error)

    def _extract(self, step: HttpStep | GrpcStep | WaitStep) -> tuple[tuple[str, dict[int, Any]], ...]:
        mine = [a for a in self.answers if a.step == step.name and a.came and not a.failed]
        return tuple(
            (name, {a.code: MISSING if a.json is None else jsonpath(a.json, path) for a in mine})
            for name, path in step.extract.items()
        )

    def _wait(self, step: WaitStep) -> WaitRule:
        if step.timeout_seconds / step.interval_seconds > MAX_POLLS:
            message = f"step {step.name} would ask {step.timeout_seconds / step.interval_seconds:.0f} times"
            raise InputError(message, "raise interval_seconds or lower timeout_seconds")
        check = None if step.expect is None else self._check(step.expect, step)
        return WaitRule(int(step.interval_seconds * 1_000_000) or 1, int(step.timeout_seconds * 1_000_000), check)

    def _check(self, expect: Expectation, step: Step) -> Check:
        rule = None if expect.expression is None else self._tree(expect.expression, step)
        context: Tree | None = None
        if expect.context_path is not None:
            path = [p for p in expect.context_path.strip().removeprefix("$.").split(".") if p]
            path = path[1:] if path[:1] == ["context"] else path
            path = path[2:] if path[:2] == ["entry", "seed_data"] else path
            if not path:
                raise InputError(f"step {step.name}: context_path names nothing", "write the name of a variable")
            context = Name(path[0])
            for part in path[1:]:
                context = Attribute(context, int(part) if part.isdigit() else part)
            self._names.track(context)
        return Check(expect, context, rule)

    # ---- people -------------------------------------------------------------------------------------------------

    def _decide(self, step: DecideStep, base: Base) -> Choose:
        policies = [self._decision(step, policy) for policy in self._policies]
        options = tuple(step.options) or tuple(
            dict.fromkeys(o for p in policies for w in (p.options, *(c.options for c in p.cases)) for o in w)
        )
        return Choose(
            **base,
            options=options,
            output=step.output_var,
            cuts=tuple(_weigh(step, options, p.options) for p in policies),
            cases=tuple(
                tuple((self._tree(c.when, step), _weigh(step, options, c.options)) for c in p.cases) for p in policies
            ),
        )

    def _decision(self, step: DecideStep, policy: Policy) -> DecisionPolicy:
        if step.policy_ref is not None:
            others = [p for p in self._policies if p.persona_id == step.policy_ref]
            if not others:
                message = f"step {step.name}: policy_ref {step.policy_ref!r} is not in the crowd"
                raise InputError(message, "add that persona to the crowd")
            policy = others[0]
        found = policy.decisions.get(step.decision)
        if found is None:
            message = f"the policy of {policy.persona_id} says nothing on the decision {step.decision!r}"
            raise InputError(message, f"add decisions.{step.decision} to it, or compile it again")
        return found

    def _form(self, step: FormStep, base: Base) -> Fill:
        fields = tuple(
            Field(f.name, CHARACTERS[f.kind] if f.chars is None else f.chars, f.required) for f in step.fields
        )
        return Fill(
            **base,
            think=tuple(self._pace(p, step.name) for p in self._policies),
            fields=fields,
            typing=tuple(compile_quantity(p.forms.typing_ms_per_char, 1000) for p in self._policies),
            correction=tuple(threshold(p.forms.correction_probability) for p in self._policies),
            skip=tuple(threshold(p.forms.skip_optional) for p in self._policies),
        )


def _weigh(step: DecideStep, options: tuple[str, ...], weights: dict[str, float]) -> tuple[int, ...]:
    unknown = [o for o in weights if o not in options]
    if unknown:
        message = f"decision {step.decision!r} has no option {unknown[0]!r}"
        raise InputError(message, f"use one of {', '.join(options)}")
    if not any(weights.values()):
        raise InputError(f"the weights of decision {step.decision!r} sum to nothing", "raise one of them above 0")
    return thresholds([weights.get(o, 0.0) for o in options])


def _range(given: IntRange | None) -> Sampler | None:
    if given is None or given.max == 0:
        return None
    quantity: Quantity = Uniform(min=given.min, max=given.max)
    return compile_quantity(quantity, 1000)
