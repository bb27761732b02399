"""A Locust file that does what the crowd does: the same steps, weights, think times, patience and retries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.policy import DecisionPolicy
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    CallStep,
    DecideStep,
    EndStep,
    Expectation,
    FormStep,
    HttpStep,
    RepeatStep,
    Step,
    ThinkStep,
    WaitStep,
)
from turbulence_app.formats.exports.pytest_files import base_of, resource, variable_of
from turbulence_app.formats.exports.python import Translator
from turbulence_app.formats.exports.quantities import beginnings, sampled

CHARACTERS = {
    "text": 16, "email": 22, "tel": 11, "number": 4, "password": 10, "date": 8, "select": 2, "radio": 1,
    "checkbox": 1, "textarea": 120,
}  # fmt: skip
"""Keystrokes for a field whose ``chars`` are not given, by kind: those of the engine (a test keeps them equal)."""


def locust_file(inputs: RunInputs) -> str:
    """The file. Raises ``InputError`` for steps and conditions that cannot be expressed in it."""
    translate = Translator([step.name for step in inputs.workflow.steps()])
    flow = "\n".join(f"        {line}" for line in _Flow(inputs, translate).lines(inputs.workflow.flow))
    people = "\n\n\n".join("\n".join(_person(inputs, member, translate)) for member in inputs.crowd)
    bases = "".join(
        f"    {name!r}: os.environ.get({variable_of(name)!r}, {base_of(inputs.workflow, name)}).rstrip('/'),\n"
        for name in inputs.workflow.services
    )
    told = " ".join(inputs.workflow.description.split())[:150].replace('"', "'").replace("\\", "/")
    where = ", ".join(map(variable_of, inputs.workflow.services)) or "no variable"
    return f'''"""{inputs.workflow.id} for Locust: {told}

Made by Turbulence. Steps, weights, think times, patience and retries are those of the policies; Locust's random
numbers are its own, so no two runs are alike. Where a service listens is in {where};
PACE=0 leaves the pauses out.
"""

import json
import math
import os
import random
import re
import statistics
import time
import urllib.parse

import gevent
from locust import FastHttpUser, constant, task

BASE = {{
{bases}}}
PACE = float(os.environ.get("PACE", "1"))


{resource("visit")}

{resource("locust")}

class Visitor(Person):
    """The workflow, step by step."""

    abstract = True
    host = next(iter(BASE.values()), "http://127.0.0.1")
    wait_time = constant(0)

    def flow(self):
        v = self
{flow}


{people}
'''


class _Flow:
    """The flow as Python statements, on a visit ``v``."""

    def __init__(self, inputs: RunInputs, translate: Translator) -> None:
        self._inputs, self._of = inputs, translate

    def lines(self, steps: Sequence[Step]) -> list[str]:
        """Statements of some steps; ``pass`` where there are none."""
        found: list[str] = []
        for step in steps:
            inside = list(self._step(step))
            if step.guard is not None:
                found.append(f"if {self._of.expression(step.guard)}:")
                inside = [f"    {line}" for line in inside]
            found += inside
        return found or ["pass"]

    def _step(self, step: Step) -> Iterator[str]:
        match step:
            case HttpStep():
                yield f"v.asks({self._sent(step)})"
            case WaitStep():
                holds = "None" if step.expect is None else f"lambda: {self._expected(step.expect)}"
                timing = f"every={step.interval_seconds:g}, until={step.timeout_seconds:g}, holds={holds}"
                yield f"v.polls({self._sent(step, timing)})"
            case DecideStep():
                yield f"v.enter({step.name!r})"
                yield f"v.set({step.output_var!r}, v.chooses(self.{_method(step.decision)}()))"
            case FormStep():
                fields = [(f.chars if f.chars is not None else CHARACTERS[f.kind], f.required) for f in step.fields]
                yield f"v.fills({step.name!r}, {fields!r})"
            case ThinkStep():
                yield f"v.enter({step.name!r})"
                own = None if step.time_ms is None else sampled(step.time_ms)
                yield f"v.thinks({step.name!r})" if own is None else f"v.pauses({own} / 1000)"
            case AssertStep():
                yield f"v.expects({step.name!r}, {self._expected(step.expect)})"
            case BranchStep():
                yield f"if {self._of.expression(step.condition)}:"
                yield from (f"    {line}" for line in self.lines(step.if_true))
                if step.if_false:
                    yield "else:"
                    yield from (f"    {line}" for line in self.lines(step.if_false))
            case RepeatStep():
                yield f"for _ in range({step.max}):"
                yield f"    if not ({self._of.expression(step.while_)}):"
                yield "        break"
                yield from (f"    {line}" for line in self.lines(step.steps))
            case EndStep():
                yield f"v.outcome = {step.outcome!r}"
                yield "raise End"
            case _:
                raise InputError(f"step {step.name!r} ({step.type}) has no counterpart in Locust", "leave it out")

    def _sent(self, step: CallStep, more: str = "") -> str:
        service = step.service or next(iter(self._inputs.workflow.services), "")
        own = self._inputs.workflow.services.get(service)
        headers = {**(own.headers if own is not None else {}), **step.headers}
        given = [repr(step.name), repr(step.method), repr(service), self._of.value(step.path)] + (
            [more] if more else []
        )
        parts = (("headers", headers), ("query", step.query), ("body", step.json_))
        given += [f"{name}={self._of.value(value)}" for name, value in parts if value]
        return ", ".join(given + ([f"extract={step.extract!r}"] if step.extract else []))

    def _expected(self, expect: Expectation) -> str:
        parts: list[str] = []
        if expect.status_code is not None:
            codes = expect.status_code if isinstance(expect.status_code, tuple) else (expect.status_code,)
            parts.append(f"v.last.status in {codes!r}")
        for path, source in ((expect.jsonpath, "find(v.last.json, {!r})"), (expect.context_path, "v.get({!r})")):
            if path is not None:
                value = source.format(path)
                parts.append(f"{value} == {expect.equals!r}" if "equals" in expect.model_fields_set else
                             f"contains({value}, {expect.contains!r})" if expect.contains is not None else
                             f"{value} is not None")  # fmt: skip
        if expect.expression is not None:
            parts.append(f"({self._of.expression(expect.expression)})")
        return " and ".join(parts) or "not v.last.failed"


def _person(inputs: RunInputs, member: Member, translate: Translator) -> Iterator[str]:
    policy = member.policy
    yield f"class {_class(member.persona)}(Visitor):"
    yield f"    weight = {max(1, round(member.weight))}"
    pacing = {"": policy.pacing.think_ms, **policy.pacing.steps}
    yield f"    pacing = {{{', '.join(f'{step!r}: lambda: {sampled(q)}' for step, q in pacing.items())}}}"
    yield f"    default_retries, retries = {policy.retries.default}, {dict(policy.retries.steps)!r}"
    if policy.patience.step_wait_seconds is not None:
        yield f"    patience = staticmethod(lambda: {sampled(policy.patience.step_wait_seconds)})"
    yield f"    typing = staticmethod(lambda: {sampled(policy.forms.typing_ms_per_char)})"
    yield f"    correction, skip_optional = {policy.forms.correction_probability:g}, {policy.forms.skip_optional:g}"
    yield ""
    yield "    def begins(self):"
    begins = ", ".join(f"{name!r}: {source}" for name, source in beginnings(inputs.workflow, member).items())
    yield f"        return {{{begins}}}"
    for name, step in inputs.workflow.decisions().items():
        decision = policy.decisions.get(name) or DecisionPolicy(options=dict.fromkeys(step.options, 1.0))
        yield ""
        yield f"    def {_method(name)}(self):"
        yield "        v = self"
        for case in decision.cases:
            yield f"        if {translate.expression(case.when)}:"
            yield f"            return {dict(case.options)!r}"
        yield f"        return {dict(decision.options)!r}"


def _class(persona: str) -> str:
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", persona)) or "Somebody"


def _method(decision: str) -> str:
    return "choice_of_" + re.sub(r"[^A-Za-z0-9]+", "_", decision).lower()
