"""A shop against the tests' service: five steps, one of them a payment that counts."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.inputs import RunInputs

FLOW: list[dict[str, Any]] = [
    {"name": "browse", "type": "http", "service": "api", "path": "/products", "query": {"q": "{{ word }}"},
     "extract": {"item": "$.items[0].id"}},
    {"name": "next", "type": "decide", "decision": "next", "output_var": "way", "options": {"buy": "", "leave": ""}},
    {"name": "gone", "type": "branch", "condition": "way == 'leave'",
     "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
    {"name": "pay", "type": "http", "service": "api", "method": "POST", "path": "/charges",
     "headers": {"authorization": "Bearer secret-of-mine"}, "json": {"who": "{{ who }}", "item": "{{ item }}"}},
    {"name": "paid", "type": "assert", "expect": {"status_code": 201, "jsonpath": "$.paid", "equals": True}},
    {"name": "bought", "type": "end", "outcome": "completed"},
]  # fmt: skip


def inputs(port: int, **changes: Any) -> RunInputs:
    """Inputs of a run; ``flow``, ``policy`` and ``workflow`` replace parts of it, the rest goes to RunInputs."""
    policy = {
        "persona_id": "p", "decisions": {"next": {"options": {"buy": 3, "leave": 1}}},
        "data": {"word": ["shoes", "hats"]}, **changes.pop("policy", {}),
    }  # fmt: skip
    workflow = {
        "id": "live", "services": {"api": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 2}},
        "parameters": {"who": {"type": "range", "min": 1, "max": 1_000_000_000}},
        "flow": changes.pop("flow", FLOW), **changes.pop("workflow", {}),
    }  # fmt: skip
    given = {"users": 50, "seed": 7, "arrivals": {"kind": "closed", "concurrent": 10}, **changes}
    crowd = [{"persona": "p", "weight": 1, "policy": policy}]
    return RunInputs.model_validate({"workflow": workflow, "crowd": crowd, "target": "http", **given})
