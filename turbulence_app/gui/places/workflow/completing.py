"""What could be written at a place of a workflow's text: keys, names, values, words of conditions. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.syntax import GATE_FUNCTIONS, PLAIN_FUNCTIONS, STEP_FIELDS, STEP_FUNCTIONS
from turbulence_app.domain.workflow import (
    AssertStep,
    BaseStep,
    BranchStep,
    DecideStep,
    EndStep,
    Expectation,
    FormField,
    FormStep,
    GrpcStep,
    HttpMethod,
    HttpStep,
    Outcome,
    RepeatStep,
    Retry,
    ServiceModel,
    ThinkStep,
    WaitStep,
    Workflow,
)
from turbulence_app.gui.widgets.suggestion_list import Suggestion

STEPS: dict[str, type[BaseStep]] = {
    "http": HttpStep, "wait": WaitStep, "assert": AssertStep, "grpc": GrpcStep, "decide": DecideStep, "form": FormStep,
    "think": ThinkStep, "branch": BranchStep, "repeat": RepeatStep, "end": EndStep,
}  # fmt: skip
EXPRESSIONS = frozenset(
    {
        "condition",
        "when",
        "while",
        "expression",
        "always",
        "never",
        "at_end",
        "sometimes",
        "gate",
        "after",
        "then",
        "key",
    }
)
_INSIDE: dict[str, Sequence[str]] = {
    "model": tuple(ServiceModel.model_fields), "latency_ms": ("p50", "p95", "p99", "min", "max"),
    "outcomes": ("ok", "declined", "error", "timeout"), "expect": tuple(Expectation.model_fields),
    "retry": tuple(Retry.model_fields), "time_ms": ("min", "max", "p50", "p95"),
    "fields": tuple(FormField.model_fields), "invariants": tuple(Invariant.model_fields),
}  # fmt: skip
MOST = 60
_KEY = re.compile(r"^(\s*(?:- )?(?:\{)?)([A-Za-z_]*)$")
_INLINE_KEY = re.compile(r"[{,]\s*([A-Za-z_]*)$")
_VALUE = re.compile(r"(?:^|[\s{,-])([A-Za-z_0-9]+):[ ]+(\"?)([^\"#{}\[\],]*)$")


def suggest(text: str, line: int, column: int, workflow: Workflow | None) -> tuple[str, list[Suggestion]]:
    """The beginning of the word at the cursor (line from 1, column from 0), and the words that it could become."""
    lines = text.split("\n")
    before = lines[line - 1][:column] if 0 < line <= len(lines) else ""
    if re.search(r"(^|\s)#", before):
        return "", []
    value = _VALUE.search(before)
    if value is not None and value[1] in EXPRESSIONS:
        return _in_expression(before[value.end(2) :] if value[2] else value[3], workflow)
    if value is not None:
        prefix = value[3]
        return prefix, _fitting(prefix, _values(value[1], workflow))
    key = _KEY.match(before) or _INLINE_KEY.search(before)
    if key is None:
        return "", []
    prefix = key[key.lastindex or 1]
    return prefix, _fitting(prefix, [Suggestion(word, "", ": ") for word in _keys(lines, line, before)])


def _fitting(prefix: str, words: Iterable[Suggestion]) -> list[Suggestion]:
    """Those that begin so, then those that hold it; not the word alone that is there already."""
    low = prefix.lower()
    found = sorted(
        (one for one in words if low in one.word.lower()), key=lambda one: not one.word.lower().startswith(low)
    )
    return [] if [one.word for one in found] == [prefix] else found[:MOST]


def _values(key: str, workflow: Workflow | None) -> list[Suggestion]:
    steps = list(workflow.steps()) if workflow is not None else []
    match key:
        case "type":
            return [Suggestion(name, _first_line(kind)) for name, kind in STEPS.items()]
        case "service":
            return [Suggestion(name, "service") for name in (workflow.services if workflow is not None else ())]
        case "method":
            return [Suggestion(name) for name in get_args(HttpMethod)]
        case "outcome":
            return [Suggestion(name) for name in get_args(Outcome)]
        case "kind":
            return [Suggestion(name) for name in get_args(FormField.model_fields["kind"].annotation)]
        case "decision":
            return [Suggestion(step.decision, step.prompt) for step in steps if isinstance(step, DecideStep)]
        case "step":
            return [Suggestion(step.name, step.type) for step in steps]
        case "required" | "idempotent" | "on_timeout" | "on_connection_error":
            return [Suggestion("true"), Suggestion("false")]
    return []


def _first_line(kind: type[Any]) -> str:
    return (kind.__doc__ or "").split(".")[0].strip().lower()


def _keys(lines: Sequence[str], line: int, before: str) -> list[str]:
    """Keys that may stand in the mapping around the cursor."""
    indent = len(before) - len(before.lstrip(" ")) + (2 if before.lstrip(" ").startswith("- ") else 0)
    inline = re.search(r"([A-Za-z_]+):\s*\{[^{}]*$", before)
    if inline is not None and inline[1] in _INSIDE:
        return list(_INSIDE[inline[1]])
    if indent == 0 and not before.startswith("-"):
        return _names(Workflow)
    parent = _parent(lines, line, indent)
    if parent in _INSIDE:
        return list(_INSIDE[parent])
    if parent in ("options", "services", "headers", "query", "json", "extract", "seed_data"):
        return []
    written = _type_near(lines, line, indent)
    if written in STEPS:
        return _names(STEPS[written])
    return ["name", "type", "description", "when"]


def _names(model: type[Any]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _parent(lines: Sequence[str], line: int, indent: int) -> str:
    """The key under which the cursor's mapping stands."""
    for above in reversed(lines[: line - 1]):
        stripped = above.strip()
        if not stripped or stripped.startswith("#"):
            continue
        at = len(above) - len(above.lstrip(" "))
        found = re.match(r"(?:- )?([A-Za-z_0-9]+):\s*(#.*)?$", stripped)
        if at + (2 if stripped.startswith("- ") else 0) < indent and found is not None:
            return found[1]
    return ""


def _type_near(lines: Sequence[str], line: int, indent: int) -> str:
    """The type that the step around the cursor has."""
    rows = [*range(line - 1, -1, -1), *range(line, min(len(lines), line + 30))]
    for row in rows:
        text = lines[row]
        found = re.search(r"(?:^\s*(?:- )?|[{,]\s*)type:\s*([a-z]+)", text)
        body = len(text) - len(text.lstrip(" ")) + (2 if text.lstrip(" ").startswith("- ") else 0)
        if found is not None and body == indent:
            return found[1]
        if row < line - 1 and text.lstrip(" ").startswith("- ") and body == indent:
            break
    return ""


def _in_expression(written: str, workflow: Workflow | None) -> tuple[str, list[Suggestion]]:
    """Names, functions, fields of a step, options that a variable may hold."""
    if workflow is None:
        return "", []
    steps = {step.name: step for step in workflow.steps()}
    quoted = written if written.count("'") % 2 else ""
    compared = re.search(r"([A-Za-z_]\w*)\s*(?:==|!=|in \[)[^=]*?'([^']*)$", quoted)
    if compared is not None:
        options = _options(workflow, compared[1])
        return compared[2], _fitting(compared[2], [Suggestion(name, words) for name, words in options.items()])
    called = re.search(r"([a-z_0-9]+)\('([^']*)$", quoted)
    if called is not None:
        return called[2], _fitting(called[2], [Suggestion(name, step.type) for name, step in steps.items()])
    member = re.search(r"([A-Za-z_]\w*)\.([A-Za-z_]*)$", written)
    if member is not None and member[1] in steps:
        return member[2], _fitting(member[2], [Suggestion(name) for name in sorted(STEP_FIELDS)])
    word = re.search(r"[A-Za-z_]\w*$", written)
    prefix = word[0] if word is not None else ""
    if not prefix:
        return "", []
    functions = sorted(STEP_FUNCTIONS | PLAIN_FUNCTIONS | GATE_FUNCTIONS)
    words = [
        *(
            Suggestion(step.output_var, f"chosen at {step.name}")
            for step in steps.values()
            if isinstance(step, DecideStep)
        ),
        *(Suggestion(name, "parameter") for name in workflow.all_parameters()),
        *(
            Suggestion(name, step.type, ".")
            for name, step in steps.items()
            if isinstance(step, HttpStep | GrpcStep | WaitStep)
        ),
        *(Suggestion(name, "function", "(") for name in functions),
        *(Suggestion(name) for name in ("outcome", "elapsed_ms", "persona", "and", "or", "not")),
    ]
    return prefix, _fitting(prefix, words)


def _options(workflow: Workflow, variable: str) -> dict[str, str]:
    if variable == "outcome":
        return dict.fromkeys(get_args(Outcome), "")
    found: dict[str, str] = {}
    for step in workflow.steps():
        if isinstance(step, DecideStep) and step.output_var == variable:
            found |= step.options
    return found
