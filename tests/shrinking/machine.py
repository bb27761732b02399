"""The planted shop as a workflow: sixty rounds of an action and its argument, each a decision of the person."""

from __future__ import annotations

from typing import Any

from tests.shrinking.planted import ACTIONS, STEPS
from turbulence_app.domain.inputs import RunInputs

ARGUMENTS = 16


def machine(seed: int, users: int = 1) -> RunInputs:
    """The whole of it, on the app target."""
    arguments = {str(x): f"the number {x}" for x in range(ARGUMENTS)}
    decide: list[dict[str, Any]] = [
        {"name": "action", "type": "decide", "decision": "action", "output_var": "action",
         "options": {"noop": "does nothing", **{a: a for a in ACTIONS if a != "noop"}}},
        {"name": "argument", "type": "decide", "decision": "argument", "output_var": "x", "options": arguments,
         "when": "action != 'noop'"},
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
        "persona_id": "anybody",
        "decisions": {
            "action": {"options": {"noop": 1.001, **{a: 1.0 for a in ACTIONS if a != "noop"}}},
            "argument": {"options": {"0": 1.001, **{str(x): 1.0 for x in range(1, ARGUMENTS)}}},
        },
        "pacing": {"think_ms": {"min": 10, "max": 500}},
    }
    crowd = [{"persona": "anybody", "weight": 1.0, "policy": policy}]
    return RunInputs.model_validate(
        {"workflow": workflow, "crowd": crowd, "users": users, "seed": seed, "target": "app"}
    )
