"""The types of steps to choose from, in words, and what a new one of each says at first. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.workflow import CallStep, DecideStep, GrpcStep, Step, Workflow
from turbulence_app.gui.graph_spots import Spot, Spots


@dataclass(frozen=True, slots=True)
class StepKind:
    """A line to choose."""

    key: str
    title: str
    says: str
    icon: str
    synonyms: str = ""


KINDS: tuple[StepKind, ...] = (
    StepKind("http", "Request", "asks a service", "globe", "http call get post api"),
    StepKind("decide", "Decision", "a choice of the person", "split", "decide option choose weights"),
    StepKind("leave", "Decision to leave", "goes on, or leaves the visit here", "door-open", "drop off abandon exit"),
    StepKind("branch", "Branch", "two ways, by a condition", "git-branch", "if condition else"),
    StepKind("repeat", "Loop", "again while a condition holds", "repeat", "repeat retry while"),
    StepKind("form", "Form", "fields to fill in", "text-cursor-input", "input address typing"),
    StepKind("think", "Pause", "time that passes", "clock", "think wait time"),
    StepKind("wait", "Wait for an answer", "asks until something holds", "hourglass", "poll wait until"),
    StepKind("assert", "Check", "what the last answer must be", "list-checks", "assert expect verify"),
    StepKind("end", "End", "the visit ends here", "circle-check", "end finish completed abandoned failed"),
    StepKind("grpc", "gRPC call", "on targets that can", "plug", "rpc"),
)
MODEL = {"latency_ms": {"p50": 120, "p95": 450}, "outcomes": {"ok": 0.99, "error": 0.01}}


def new_steps(kind: str, workflow: Workflow, spots: Spots, spot: Spot) -> list[dict[str, Any]]:
    """The edits that put a new step of a kind at a spot."""
    names = set(spots.steps)
    data = _data(kind, workflow, _condition(spots, spot), names)
    return [_insert(spot, one, index) for index, one in enumerate(data)]


def option_branch(step: DecideStep, option: str, spots: Spots) -> list[dict[str, Any]]:
    """The edits that give an option of a decision a way of its own, right behind the decision."""
    name = free(f"chose_{option}", set(spots.steps))
    data = {
        "name": name,
        "type": "branch",
        "condition": f"{step.output_var} == '{option}'",
        "if_true": [{"name": free(f"{name}_end", set(spots.steps)), "type": "end", "outcome": "abandoned"}],
    }
    return [_insert(spots.after(step.name), data, 0)]


def free(wanted: str, taken: set[str]) -> str:
    """The name itself, or the first with a number that nobody has."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _insert(spot: Spot, data: dict[str, Any], index: int) -> dict[str, Any]:
    at = Spot(spot.owner, spot.side, spot.index + index)
    return {"do": "insert", "at": at.plain(), "data": data}


def _condition(spots: Spots, spot: Spot) -> str:
    """What a branch there may ask: about the step before it."""
    before = spots.lists.get((spot.owner, spot.side), ())[: spot.index]
    for name in reversed(before):
        step: Step = spots.steps[name]
        if isinstance(step, CallStep | GrpcStep):
            return f"{name}.failed"
        if isinstance(step, DecideStep) and step.options:
            return f"{step.output_var} == '{list(step.options)[-1]}'"
    return "elapsed_ms > 60000"


def _data(kind: str, workflow: Workflow, condition: str, names: set[str]) -> list[dict[str, Any]]:
    def named(wanted: str) -> str:
        names.add(found := free(wanted, names))
        return found

    service = {"service": next(iter(workflow.services))} if workflow.services else {}
    decision = free("choice", set(workflow.decisions()) | names)
    match kind:
        case "decide":
            options = {"go_on": "goes on", "leave": "leaves"}
            data = {
                "decision": decision,
                "prompt": "What does this person do next?",
                "options": options,
                "output_var": decision,
            }
            return [{"name": named(decision), "type": "decide", **data}]
        case "leave":
            first = _data("decide", workflow, condition, names)[0]
            end = {"name": named("left"), "type": "end", "outcome": "abandoned"}
            asked = f"{first['output_var']} == 'leave'"
            return [first, {"name": named("leaves"), "type": "branch", "condition": asked, "if_true": [end]}]
        case "branch":
            end = {"name": named("left"), "type": "end", "outcome": "abandoned"}
            return [{"name": named("branch"), "type": "branch", "condition": condition, "if_true": [end]}]
        case "repeat":
            inner = {"name": named("request"), "type": "http", **service, "path": "/", "model": MODEL}
            asked = f"not reached('{inner['name']}') or {inner['name']}.failed"
            return [{"name": named("loop"), "type": "repeat", "while": asked, "max": 3, "steps": [inner]}]
        case "form":
            fields = [{"name": "email", "kind": "email", "required": True}]
            return [{"name": named("form"), "type": "form", "fields": fields}]
        case "think":
            return [{"name": named("pause"), "type": "think", "time_ms": {"min": 1000, "max": 5000}}]
        case "wait":
            poll: dict[str, Any] = {
                **service,
                "path": "/",
                "interval_seconds": 1,
                "timeout_seconds": 30,
                "expect": {"status_code": 200},
            }
            return [{"name": named("wait"), "type": "wait", **poll}]
        case "assert":
            return [{"name": named("check"), "type": "assert", "expect": {"status_code": 200}}]
        case "end":
            return [{"name": named("end"), "type": "end", "outcome": "completed"}]
        case "grpc":
            return [{"name": named("call"), "type": "grpc", **service, "method": "Service/Method"}]
    return [{"name": named("request"), "type": "http", **service, "method": "GET", "path": "/", "model": MODEL}]
