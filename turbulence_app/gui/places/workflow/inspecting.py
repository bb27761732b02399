"""A step as the lines of a form, and what a changed line means for the text. Qt-free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from turbulence_app.domain.quantity import Percentiles
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    CallStep,
    DecideStep,
    EndStep,
    FormField,
    FormStep,
    GrpcStep,
    HttpMethod,
    RepeatStep,
    ServiceModel,
    Step,
    ThinkStep,
    WaitStep,
    Workflow,
)

Kind = Literal["text", "name", "expression", "number", "share", "choice", "switch", "note"]
FIELD_KINDS = get_args(FormField.model_fields["kind"].annotation)
USUAL = ("timeout", "error", "declined")
OUTCOME_WORDS = {"completed": "Completed", "abandoned": "Left", "failed": "Failed"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One field: what it is called by, what it holds, and what it takes. ``choices``: value and words."""

    key: str
    value: str
    kind: Kind = "text"
    label: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    hint: str = ""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the form. ``remove`` is the key that takes the line out of the step."""

    label: str
    entries: tuple[Entry, ...]
    remove: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A step's form: lines, and what can be added (key, words)."""

    step: str
    type: str
    lines: tuple[Line, ...]
    adds: tuple[tuple[str, str], ...] = ()


def form_of(step: Step, workflow: Workflow) -> Form:
    """The lines for a step of its type."""
    lines = [_one("name", "Name", step.name, "name", tip="Conditions and invariants follow a new name.")]
    adds: list[tuple[str, str]] = []
    match step:
        case CallStep() | GrpcStep():
            _call(step, workflow, lines, adds)
        case DecideStep():
            _decide(step, lines, adds)
        case BranchStep():
            lines.append(_one("condition", "Goes yes if", step.condition, "expression"))
            lines.append(Line("Ways", (Entry("", _ways(step), "note"),)))
            if not step.if_false:
                adds.append(("side_no", "Add a step for no"))
            if not step.if_true:
                adds.append(("side_yes", "Add a step for yes"))
        case RepeatStep():
            lines.append(_one("while", "Again while", step.while_, "expression"))
            lines.append(_one("max", "At most", str(step.max), "number", unit="rounds"))
        case EndStep():
            choices = tuple(OUTCOME_WORDS.items())
            lines.append(Line("Outcome", (Entry("outcome", step.outcome, "choice", choices=choices),)))
        case ThinkStep():
            lines.append(_quantity("Takes", "time", step.time_ms))
        case FormStep():
            _fields(step, lines, adds)
        case AssertStep():
            status = step.expect.status_code
            if status is None or isinstance(status, int):
                lines.append(_one("expect.status_code", "Status", "" if status is None else str(status), "number"))
            lines.append(_one("expect.expression", "Holds", step.expect.expression or "", "expression"))
    guard = "when" if step.condition is None or isinstance(step, BranchStep) else "condition"
    lines.append(_one(guard, "Only if", step.guard or "", "expression", hint="for everybody"))
    lines.append(_one("description", "Says", step.description, hint="what happens here, in words"))
    return Form(step.name, step.type, tuple(lines), tuple(adds))


def _one(key: str, label: str, value: str, kind: Kind = "text", **more: str) -> Line:
    return Line(label, (Entry(key, value, kind, label, **more),))  # type: ignore[arg-type]


def _ways(step: BranchStep) -> str:
    def told(steps: tuple[Step, ...]) -> str:
        return f"{len(steps)} step" + "s" * (len(steps) != 1) if steps else "goes on"

    return f"yes: {told(step.if_true)} · no: {told(step.if_false)}"


def _call(step: CallStep | GrpcStep, workflow: Workflow, lines: list[Line], adds: list[tuple[str, str]]) -> None:
    names = list(dict.fromkeys([*workflow.services, *([step.service] if step.service else [])]))
    services = (("", "no service"), *((name, name) for name in names))
    lines.append(Line("Service", (Entry("service", step.service or "", "choice", "Service", services),)))
    if isinstance(step, CallStep):
        methods = tuple((name, name) for name in get_args(HttpMethod))
        lines.append(
            Line(
                "Request",
                (Entry("method", step.method, "choice", "Method", methods), Entry("path", step.path, label="Path")),
            )
        )
    else:
        lines.append(_one("method", "Method", step.method))
    if isinstance(step, WaitStep):
        asks = Entry("interval_seconds", f"{step.interval_seconds:g}", "number", "every", unit="s")
        lines.append(
            Line("Asks", (asks, Entry("timeout_seconds", f"{step.timeout_seconds:g}", "number", "for", unit="s")))
        )
    model = step.model or ServiceModel()
    lines.append(_quantity("Latency", "latency", model.latency_ms))
    for name, answer in model.outcomes.items():
        share = answer if isinstance(answer, float | int) else answer.p
        status = "" if isinstance(answer, float | int) or answer.status is None else str(answer.status)
        entries: tuple[Entry, ...] = (Entry(f"outcome.{name}", f"{100 * share:.10g}", "share", name, unit="%"),)
        if status or name not in ("ok", "timeout", "error", "declined"):
            entries += (Entry(f"status.{name}", status, "number", f"{name}: status", hint="status"),)
        lines.append(Line(name, entries, "" if len(model.outcomes) == 1 else f"remove_outcome.{name}"))
    adds += [(f"add_outcome.{name}", f"Add {name}") for name in USUAL if name not in model.outcomes][:2]


def _quantity(label: str, key: str, value: Any) -> Line:
    """A time: its percentiles, or its ends, as fields; another kind is told and stays with the text."""
    if isinstance(value, Percentiles):
        parts = (("p50", value.p50), ("p95", value.p95), ("p99", value.p99))
        return Line(label, tuple(_part(key, name, number) for name, number in parts))
    if value is None or isinstance(value, int | float):
        given = "" if value is None else f"{value:g}"
        return Line(
            label,
            (Entry(f"{key}.p50", given, "number", "p50", unit="ms"), *(_part(key, p, None) for p in ("p95", "p99"))),
        )
    plain = value.plain()
    if set(plain) == {"min", "max"}:
        return Line(label, tuple(_part(key, name, plain[name]) for name in ("min", "max")))
    kind = plain.get("kind", "another kind")
    return Line(label, (Entry("", f"{kind}: change it in the text", "note"),))


def _part(key: str, name: str, number: float | None) -> Entry:
    return Entry(f"{key}.{name}", "" if number is None else f"{number:g}", "number", name, unit="ms")


def _decide(step: DecideStep, lines: list[Line], adds: list[tuple[str, str]]) -> None:
    lines.append(_one("decision", "Decision", step.decision, "name", tip="The key in the policies."))
    lines.append(_one("prompt", "Asks", step.prompt, hint="the question, in words"))
    for name, words in step.options.items():
        entries = (
            Entry(f"option_name.{name}", name, "name", "Option"),
            Entry(f"option_words.{name}", words, label=f"{name}: words", hint="what choosing it means"),
        )
        lines.append(Line("Option", entries, f"remove_option.{name}"))
    lines.append(_one("output_var", "Kept as", step.output_var, "name", tip="Conditions know the choice by this name."))
    adds.append(("add_option", "Add option"))
    if step.options:
        adds.append(("add_branch", "Add branch"))


def _fields(step: FormStep, lines: list[Line], adds: list[tuple[str, str]]) -> None:
    kinds = tuple((kind, kind) for kind in FIELD_KINDS)
    for index, field in enumerate(step.fields):
        entries = (
            Entry(f"field_name.{index}", field.name, "name", "Field"),
            Entry(f"field_kind.{index}", field.kind, "choice", f"{field.name}: kind", kinds),
            Entry(f"field_required.{index}", "yes" if field.required else "", "switch", "required"),
        )
        lines.append(Line("Field", entries, "" if len(step.fields) == 1 else f"remove_field.{index}"))
    adds.append(("add_field", "Add field"))


# ---- what a change means -------------------------------------------------------------------------------------------

Edits = list[dict[str, Any]]


def edits_for(step: Step, key: str, value: str) -> Edits:
    """The edits that a changed field asks for. Raises ``ValueError`` with one line where it cannot be."""
    head, _, rest = key.partition(".")
    if key == "name":
        return [{"do": "rename", "step": step.name, "name": value.strip()}]
    if head == "option_name":
        return [{"do": "rename_option", "step": step.name, "option": rest, "name": value.strip()}]
    special: dict[str, Callable[[Step, str, str], dict[str, Any]]] = {
        "latency": _latency, "time": _time, "outcome": _outcome, "status": _status, "remove_outcome": _no_outcome,
        "add_outcome": _new_outcome, "option_words": _option_words, "remove_option": _no_option,
        "add_option": _new_option, "field_name": _field, "field_kind": _field, "field_required": _field,
        "remove_field": _no_field, "add_field": _new_field, "expect": _expect,
    }  # fmt: skip
    data = special[head](step, key, value) if head in special else {key: _simple(key, value)}
    return [{"do": "change", "step": step.name, "data": data}]


def _simple(key: str, value: str) -> Any:
    if key in ("max",):
        return int(_number(value))
    if key in ("interval_seconds", "timeout_seconds"):
        return _number(value)
    if key in ("condition", "while", "decision") and not value.strip():
        raise ValueError("it cannot be empty")
    return value.strip() or None


def _number(value: str) -> float:
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        raise ValueError(f"{value!r} is no number") from None
    if not 0 <= number <= 1e9:
        raise ValueError("a number from 0 to 1,000,000,000")
    return int(number) if number.is_integer() else number


def _latency(step: Step, key: str, value: str) -> dict[str, Any]:
    model = _model(step)
    model["latency_ms"] = _percentiles(model.get("latency_ms"), key.partition(".")[2], value)
    return {"model": model}


def _time(step: Step, key: str, value: str) -> dict[str, Any]:
    return {"time_ms": _percentiles(step.plain().get("time_ms"), key.partition(".")[2], value)}


def _percentiles(before: Any, part: str, value: str) -> Any:
    """A time with one part changed; with p50 alone it is a plain number."""
    found = dict(before) if isinstance(before, Mapping) else {} if before is None else {"p50": before}
    if value.strip():
        found[part] = _number(value)
    elif part in ("p50", "min", "max"):
        raise ValueError("it cannot be empty")
    else:
        found.pop(part, None)
    if "min" in found:
        return found
    ordered = {name: found[name] for name in ("p50", "p95", "p99") if name in found}
    if list(ordered) == ["p50"]:
        return ordered["p50"]
    if "p50" not in ordered:
        raise ValueError("give p50 first")
    if "p95" not in ordered:
        ordered = {"p50": ordered["p50"], "p95": ordered["p99"], "p99": ordered["p99"]}
    if list(ordered.values()) != sorted(ordered.values()):
        raise ValueError("p50 ≤ p95 ≤ p99")
    return ordered


def _model(step: Step) -> dict[str, Any]:
    model = getattr(step, "model", None)
    found: dict[str, Any] = dict(model.plain()) if model is not None else {}
    if "outcomes" in found:
        found["outcomes"] = dict(found["outcomes"])
    return found


def _share(answer: Any) -> float:
    return float(answer["p"]) if isinstance(answer, Mapping) else float(answer)


def _with_share(answer: Any, share: float) -> Any:
    share = float(f"{share:.10g}")
    return {**answer, "p": share} if isinstance(answer, Mapping) else share


def _balanced(outcomes: dict[str, Any], changed: str) -> dict[str, Any]:
    """The shares sum to 1 again: the best outcome takes what is left."""
    others = [name for name in outcomes if name != changed]
    if not others:
        outcomes[changed] = _with_share(outcomes[changed], 1.0)
        return outcomes
    taker = "ok" if "ok" in others else others[0]
    left = 1.0 - sum(_share(answer) for name, answer in outcomes.items() if name != taker)
    if left < -1e-9:
        raise ValueError("the shares of all answers would be above 100 %")
    outcomes[taker] = _with_share(outcomes[taker], max(0.0, left))
    return outcomes


def _outcome(step: Step, key: str, value: str) -> dict[str, Any]:
    name, model = key.partition(".")[2], _model(step)
    share = _number(value) / 100
    if share > 1:
        raise ValueError("at most 100 %")
    outcomes = model.setdefault("outcomes", {"ok": 1.0})
    if len(outcomes) == 1 and share < 1:
        outcomes["error"] = 0.0
    outcomes[name] = _with_share(outcomes[name], share)
    model["outcomes"] = _balanced(outcomes, name)
    return {"model": model}


def _status(step: Step, key: str, value: str) -> dict[str, Any]:
    name, model = key.partition(".")[2], _model(step)
    answer = model["outcomes"][name]
    status = int(_number(value))
    if not 100 <= status <= 599:
        raise ValueError("a status from 100 to 599")
    model["outcomes"][name] = (
        {**answer, "status": status} if isinstance(answer, Mapping) else {"p": answer, "status": status}
    )
    return {"model": model}


def _no_outcome(step: Step, key: str, _value: str) -> dict[str, Any]:
    name, model = key.partition(".")[2], _model(step)
    outcomes = model["outcomes"]
    del outcomes[name]
    model["outcomes"] = _balanced(outcomes, next(iter(outcomes)) if len(outcomes) == 1 else "")
    return {"model": model}


def _new_outcome(step: Step, key: str, _value: str) -> dict[str, Any]:
    name, model = key.partition(".")[2], _model(step)
    outcomes = model.setdefault("outcomes", {"ok": 1.0})
    largest = max(outcomes, key=lambda one: _share(outcomes[one]))
    share = min(0.01, _share(outcomes[largest]))
    outcomes[largest] = _with_share(outcomes[largest], _share(outcomes[largest]) - share)
    outcomes[name] = share
    return {"model": model}


def _options(step: Step) -> dict[str, str]:
    return dict(step.options) if isinstance(step, DecideStep) else {}


def _option_words(step: Step, key: str, value: str) -> dict[str, Any]:
    return {"options": {**_options(step), key.partition(".")[2]: value.strip()}}


def _no_option(step: Step, key: str, _value: str) -> dict[str, Any]:
    options = _options(step)
    options.pop(key.partition(".")[2], None)
    return {"options": options or None}


def _new_option(step: Step, _key: str, value: str) -> dict[str, Any]:
    options = _options(step)
    name, number = value.strip() or "option", 2
    while name in options:
        name, number = f"{value.strip() or 'option'}_{number}", number + 1
    return {"options": {**options, name: "what choosing it means"}}


def _form_fields(step: Step) -> list[dict[str, Any]]:
    return [dict(field) for field in step.plain()["fields"]]


def _field(step: Step, key: str, value: str) -> dict[str, Any]:
    head, _, index = key.partition(".")
    fields = _form_fields(step)
    part = head.removeprefix("field_")
    fields[int(index)][part] = bool(value) if part == "required" else value.strip()
    return {"fields": fields}


def _no_field(step: Step, key: str, _value: str) -> dict[str, Any]:
    fields = _form_fields(step)
    del fields[int(key.partition(".")[2])]
    return {"fields": fields}


def _new_field(step: Step, _key: str, _value: str) -> dict[str, Any]:
    fields = _form_fields(step)
    taken, number = {field["name"] for field in fields}, len(fields) + 1
    while f"field_{number}" in taken:
        number += 1
    return {"fields": [*fields, {"name": f"field_{number}", "kind": "text", "required": True}]}


def _expect(step: Step, key: str, value: str) -> dict[str, Any]:
    part = key.partition(".")[2]
    expect = dict(step.plain()["expect"])
    if not value.strip():
        expect.pop(part, None)
    else:
        expect[part] = int(_number(value)) if part == "status_code" else value.strip()
    return {"expect": expect}
