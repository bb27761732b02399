"""Workflows on the app target: the planted shop as sixty rounds of decisions, and a race for the last piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.shrinking.planted import ACTIONS, STEPS
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace

ROOT = Path(__file__).resolve().parents[2]
PLACE = AppPlace(ROOT, (ROOT,))
ARGUMENTS = 16


def machine(seed: int) -> RunInputs:
    """Sixty rounds of an action and its argument, each a decision of the person; ``noop`` and 0 are neutral."""
    decide: list[dict[str, Any]] = [
        {"name": "action", "type": "decide", "decision": "action", "output_var": "action",
         "options": {"noop": "does nothing", **{a: a for a in ACTIONS if a != "noop"}}},
        {"name": "argument", "type": "decide", "decision": "argument", "output_var": "x", "when": "action != 'noop'",
         "options": {str(x): f"the number {x}" for x in range(ARGUMENTS)}},
        {"name": "do", "type": "http", "service": "shop", "method": "POST", "path": "/do",
         "json": {"action": "{{action}}", "x": "{{x}}"}, "when": "action != 'noop'"},
    ]  # fmt: skip
    workflow = {
        "id": "planted", "app": "tests.shrinking.apps.planted_app:create_app",
        "services": {"shop": {"base_url": "http://shop"}},
        "flow": [{"name": "steps", "type": "repeat", "while": "true", "max": STEPS, "steps": decide}],
        "invariants": [{"name": "charged_once", "always": "not (do.json.charges >= 2)"}],
        "max_steps": 4 * STEPS + 10,
    }  # fmt: skip
    policy = {
        "persona_id": "anybody", "pacing": {"think_ms": {"min": 10, "max": 500}},
        "decisions": {
            "action": {"options": {"noop": 1.001, **{a: 1.0 for a in ACTIONS if a != "noop"}}},
            "argument": {"options": {"0": 1.001, **{str(x): 1.0 for x in range(1, ARGUMENTS)}}},
        },
    }  # fmt: skip
    return _inputs(workflow, policy, seed, 1)


def race(seed: int = 3, users: int = 6, app: str = "tests.shrinking.apps.last_one:create_app") -> RunInputs:
    """People who look twice and then buy what only one can have."""
    workflow = {
        "id": "race", "app": app, "services": {"shop": {"base_url": "http://shop"}},
        "flow": [
            {"name": "look", "type": "http", "service": "shop", "path": "/"},
            {"name": "buy", "type": "http", "service": "shop", "method": "POST", "path": "/buy",
             "headers": {"authorization": "Bearer of-somebody"}},
            {"name": "again", "type": "http", "service": "shop", "path": "/"},
        ],
        "invariants": [{"name": "sold_once", "always": "not (buy.json.sold >= 2)", "says": "Sold to one person only."}],
    }  # fmt: skip
    policy = {"persona_id": "buyer", "pacing": {"think_ms": {"min": 0, "max": 400}}}
    faults = [{"kind": "latency", "step": "look", "probability": 0.5, "add_ms": {"min": 1, "max": 50}}]
    arrivals = {"kind": "open", "rate_per_second": 8.0}
    return _inputs(workflow, policy, seed, users, faults=faults, arrivals=arrivals, scenario="rush")


def _inputs(workflow: dict[str, Any], policy: dict[str, Any], seed: int, users: int, **more: Any) -> RunInputs:
    crowd = [{"persona": policy["persona_id"], "weight": 1.0, "policy": policy}]
    given = {"workflow": workflow, "crowd": crowd, "users": users, "seed": seed, "target": "app"}
    return RunInputs.model_validate({**given, **more})
