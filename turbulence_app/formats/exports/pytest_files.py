"""pytest files out of minimal reproductions: plain real requests, or capsules run by Turbulence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from turbulence_app.domain.capsule import Capsule
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.domain.workflow import CallStep, Workflow
from turbulence_app.formats.capsules import dump_capsule
from turbulence_app.formats.exports.python import Translator
from turbulence_app.resources import resource_path

_SENT_ANYWAY = frozenset({"latency", "gray", "clock_skew", "crash", "reorder", "stale_read"})
"""Trouble that a client cannot make happen: the request goes out as it is, and the line says so."""


def live_tests(capsules: Sequence[tuple[Capsule, UserTrace]]) -> str:
    """One test for each capsule of the http target: the requests of its visit, really sent, with nothing but the
    standard library and pytest. Raises ``InputError`` for rules that only Turbulence can judge.
    """
    bases = {name: base_of(flow, name) for capsule, _ in capsules for flow in (capsule.inputs.workflow,)
             for name in flow.services}  # fmt: skip
    tests = "\n\n\n".join("\n".join(_live_test(capsule, trace)) for capsule, trace in capsules)
    addresses = "".join(
        f"    {name!r}: os.environ.get({variable_of(name)!r}, {url}).rstrip('/'),\n" for name, url in bases.items()
    )
    return f'''"""What Turbulence found, as plain tests against a live service: only the standard library and pytest.

Where a service listens is in {", ".join(variable_of(name) for name in bases) or "no variable"}; PACE=1 waits as long as
the people did, PACE=0 (the default) does not wait. Credentials are not in this file: each is read from the environment,
under the name of its header or key.
"""

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request

BASE = {{
{addresses}}}
PACE = float(os.environ.get("PACE", "0"))


{tests}


# ---- what people do and see ---------------------------------------------------------------------------------------


{resource("visit")}

{resource("http")}'''


def capsule_tests(capsules: Sequence[Capsule]) -> str:
    """One test for each capsule of the model or app target; Turbulence runs it, without any language model."""
    tests = "\n\n\n".join("\n".join(_capsule_test(capsule)) for capsule in capsules)
    kept = "\n".join(
        f"CAPSULES[{capsule.name!r}] = r'''\n{_quoted(dump_capsule(capsule))}'''\n" for capsule in capsules
    )
    return f'''"""What Turbulence found, as tests. Each runs a minimal reproduction; they stand at the end of this file.

An application (target app) is imported from the project's folder: the one above this file, or TURBULENCE_PROJECT.
"""

import os
from pathlib import Path

from turbulence_app.service.capsules import check_text

PROJECT = Path(os.environ.get("TURBULENCE_PROJECT", Path(__file__).resolve().parent.parent))
CAPSULES = {{}}


{tests}


{kept}'''


def _capsule_test(capsule: Capsule) -> Iterator[str]:
    yield f"def test_{_name(capsule.name)}():"
    yield from _docstring(capsule)
    yield f"    seen = check_text(CAPSULES[{capsule.name!r}], {capsule.name + '.json'!r}, PROJECT)"
    yield f'    assert seen.seen == "passes", {_says(capsule)!r}'


def _live_test(capsule: Capsule, trace: UserTrace) -> Iterator[str]:
    inputs = capsule.inputs
    translate = Translator([step.name for step in inputs.workflow.steps()])
    rule = next(r for r in (*inputs.workflow.invariants, *inputs.invariants) if r.name == capsule.seen.invariant)
    yield f"def test_{_name(capsule.name)}():"
    yield from _docstring(capsule)
    begins = ", ".join(f"{name}={value!r}" for name, value in _variables(inputs, trace).items())
    yield f"    v = Person({begins})"
    yield from (f"    {line}" for line in _visit(inputs, trace, translate))
    yield f"    assert {_rule(rule, translate)}, {_says(capsule)!r}"


def _visit(inputs: RunInputs, trace: UserTrace, translate: Translator) -> Iterator[str]:
    steps = {step.name: step for step in inputs.workflow.steps()}
    entered: set[tuple[str, int]] = set()
    for at, event in enumerate(trace.events):
        step = steps.get(event.step)
        if event.kind == "think" and event.data.get("took_us"):
            yield f"v.waits({event.data['took_us'] / 1_000_000:g})"
        elif event.kind == "decide":
            yield f"v.set({event.data['output']!r}, {event.detail!r})"
        elif event.kind == "request" and isinstance(step, CallStep):
            if (event.step, event.visit) not in entered:
                entered.add((event.step, event.visit))
                yield f"v.enter({event.step!r})"
            yield _request(inputs, step, _trouble(inputs, trace.events, at), translate)


def _request(inputs: RunInputs, step: CallStep, trouble: tuple[str, str], translate: Translator) -> str:
    service = step.service or next(iter(inputs.workflow.services), "")
    found = inputs.workflow.services.get(service)
    own = found.headers if found is not None else {}
    given = [repr(step.name), repr(step.method), repr(service), translate.value(step.path)]
    parts: list[tuple[str, Any]] = [("headers", {**own, **step.headers}), ("query", step.query), ("body", step.json_)]
    given += [f"{name}={translate.value(value)}" for name, value in parts if value]
    given += [f"extract={step.extract!r}"] if step.extract else []
    given += [f"trouble={trouble[0]!r}"] if trouble[0] else []
    return f"v.asks({', '.join(given)})" + (f"  # {trouble[1]}" if trouble[1] else "")


def _trouble(inputs: RunInputs, events: Sequence[TraceEvent], at: int) -> tuple[str, str]:
    """What a fault did to a request, as the client can do it again; and what it cannot."""
    asked = events[at]
    for event in events[at + 1 :]:
        if (event.step, event.visit, event.attempt) != (asked.step, asked.visit, asked.attempt):
            break
        if event.kind == "fault":
            kind = str(event.data.get("fault", ""))
            if kind in _SENT_ANYWAY:
                return "", f"{event.detail}: not repeated here"
            if kind == "error_status":
                status = next((f.status for f in inputs.faults if f.kind == kind and f.label == event.detail), None)
                return f"error_status {status or 500}", event.detail
            return kind, event.detail
    return "", ""


def _rule(rule: Invariant, translate: Translator) -> str:
    if rule.within is not None or rule.once_per is not None:
        raise InputError(f"{rule.name} ({rule.kind}) needs a clock or several people", "keep it as a capsule")
    if rule.never is not None:
        return f"not ({translate.expression(rule.never)})"
    return translate.expression(rule.expression)


def _variables(inputs: RunInputs, trace: UserTrace) -> dict[str, Any]:
    """What the visit began with: constants of the entry, and what was drawn."""
    fixed = {n: v for n, v in inputs.workflow.entry.seed_data.items() if not isinstance(v, list) and n.isidentifier()}
    drawn = {d.step.partition(":")[2]: d.value for d in trace.draws if d.step.startswith("@") and ":" in d.step}
    return {**fixed, **{name: value for name, value in drawn.items() if name.isidentifier()}, "persona": trace.persona}


def _docstring(capsule: Capsule) -> Iterator[str]:
    yield f'    r"""{_plain(_says(capsule))}'
    yield ""
    origin = capsule.origin
    yield f"    Found by Turbulence: seed {origin.seed}, user {origin.user}; shrunk from {origin.choices} choices to"
    yield f"    {len(capsule.choices)}{', of which none can be left out' if capsule.minimal else ''}."
    yield ""
    for line in capsule.story:
        yield f"        {_plain(line)}"
    yield '    """'


def _says(capsule: Capsule) -> str:
    return f"{capsule.seen.invariant}: {capsule.says}" if capsule.says else capsule.seen.invariant


def _plain(line: str) -> str:
    """Text that cannot end a docstring."""
    return "".join(c if c.isprintable() else " " for c in line).replace('"""', "'''").rstrip("\\")[:160]


def _quoted(text: str) -> str:
    """JSON inside a raw string of three quotes: a quote of ours cannot stand in it, its escape can."""
    return text.replace("'", "\\u0027")


def base_of(flow: Workflow, name: str) -> str:
    """Python for where a service of a workflow listens."""
    service = flow.services[name]
    url = service.base_url or (service.http.base_url if service.http else "") or "http://127.0.0.1:8080"
    return Translator(()).value(url)


def variable_of(name: str) -> str:
    """The environment variable that says where a service listens."""
    return re.sub(r"[^A-Z0-9]+", "_", name.upper()) + "_URL"


def _name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()


def resource(name: str) -> str:
    """Source text that ships with the program."""
    return resource_path(f"exports/{name}.txt").read_text(encoding="utf-8")
