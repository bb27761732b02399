"""A checkout of about the sample's richness, for tests and benchmarks of the engine."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.inputs import RunInputs

WORKFLOW: dict[str, Any] = {
    "id": "checkout",
    "services": {"api": {"base_url": "http://127.0.0.1:8080", "timeout_seconds": 30}},
    "entry": {"seed_data": {"sku": ["A-1", "B-2", "C-3"]}},
    "parameters": {"cart_quantity": {"type": "range", "min": 1, "max": 5}},
    "flow": [
        {"name": "browse", "type": "http", "service": "api", "path": "/products", "extract": {"product": "$.items[0].id"},  # noqa: E501
         "model": {"latency_ms": {"p50": 120, "p95": 600, "p99": 2000},
                   "outcomes": {"ok": {"p": 0.995, "json": {"items": [{"id": "A-1"}]}}, "error": 0.005}}},
        {"name": "after_browse", "type": "decide", "decision": "browse_next", "output_var": "browse_next",
         "options": {"add_to_cart": "puts it into the cart", "view_details": "opens the details", "leave": "leaves"}},
        {"name": "gone", "type": "branch", "condition": "browse_next == 'leave'",
         "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
        {"name": "details", "type": "http", "service": "api", "path": "/products/1", "when": "browse_next == 'view_details'",  # noqa: E501
         "model": {"latency_ms": {"kind": "lognormal", "median": 150, "p95": 500}, "outcomes": {"ok": 0.99, "error": 0.01}}},  # noqa: E501
        {"name": "cart", "type": "http", "service": "api", "method": "POST", "path": "/cart",
         "model": {"latency_ms": {"p50": 90, "p95": 400}, "outcomes": {"ok": 0.99, "error": 0.01}}},
        {"name": "address", "type": "form", "fields": [{"name": "street", "kind": "text"}, {"name": "mail", "kind": "email"},  # noqa: E501
                                                      {"name": "phone", "kind": "tel", "required": False}]},
        {"name": "again", "type": "repeat", "while": "not paid and tries != 'leave'", "max": 3, "steps": [
            {"name": "reconcile", "type": "http", "service": "api", "path": "/orders", "when": "pay.waited_ms >= 15000",
             "model": {"latency_ms": 80.0}, "extract": {"paid": "$.paid"}},
            {"name": "pay", "type": "http", "service": "api", "method": "POST", "path": "/charges",
             "when": "not (pay.waited_ms >= 15000)", "extract": {"paid": "$.paid"},
             "model": {"latency_ms": {"p50": 800, "p95": 2000},
                       "outcomes": {"ok": {"p": 0.94, "json": {"paid": True}}, "declined": 0.05, "error": 0.01}}},
            {"name": "trouble", "type": "branch", "condition": "pay.failed and not paid", "if_true": [
                {"name": "pay_trouble", "type": "decide", "decision": "payment_failed", "output_var": "tries",
                 "options": {"retry": "tries again", "leave": "gives up"}}]}]},
        {"name": "unpaid", "type": "branch", "condition": "not paid and not (pay.waited_ms >= 15000)",
         "if_true": [{"name": "lost", "type": "end", "outcome": "abandoned"}]},
        {"name": "bought", "type": "end", "outcome": "completed"},
    ],
    "invariants": [
        {"name": "charged_once", "always": "effects('pay') <= 1", "says": "A payment is captured at most once per user."},  # noqa: E501
        {"name": "someone_pays", "sometimes": "outcome == 'completed'"},
        {"name": "checkout_is_fast", "gate": "p95('pay.latency_ms') <= 4000"},
    ],
}  # fmt: skip

FAULTS: list[dict[str, Any]] = [
    {"kind": "response_lost", "step": "pay", "probability": 0.01},
    {"kind": "latency", "step": "browse", "probability": 0.02, "add_ms": {"min": 200, "max": 1500}},
    {"kind": "error_status", "step": "cart", "probability": 0.01, "status": 503},
]


def member(persona: str, weight: float, *, wait: tuple[float, float], retries: int, leave: float) -> dict[str, Any]:
    """A persona with its whole policy."""
    policy = {
        "persona_id": persona,
        "decisions": {
            "browse_next": {"options": {"add_to_cart": 0.8 - leave, "view_details": 0.2, "leave": leave}},
            "payment_failed": {
                "options": {"retry": 0.7, "leave": 0.3},
                "cases": [{"when": "failures('pay') >= 3", "options": {"leave": 1.0}}],
            },
        },
        "patience": {
            "step_wait_seconds": {"min": wait[0], "max": wait[1]},
            "visit_seconds": {"kind": "lognormal", "median": wait[1] * 12, "p95": wait[1] * 40},
        },
        "retries": {"default": retries, "steps": {"pay": 0}},
        "pacing": {"think_ms": {"min": 300, "max": 3000}, "steps": {"address": {"min": 1000, "max": 5000}}},
        "forms": {"typing_ms_per_char": {"min": 80, "max": 200}, "correction_probability": 0.05, "skip_optional": 0.8},
        "parameters": {"cart_quantity": {"type": "range", "min": 1, "max": 3}},
        "toggles": {"apply_coupon": 0.1},
    }
    return {"persona": persona, "weight": weight, "policy": policy}


CROWD: list[dict[str, Any]] = [
    member("impatient", 35, wait=(4, 10), retries=0, leave=0.10),
    member("careful", 25, wait=(20, 60), retries=1, leave=0.15),
    member("bargain", 20, wait=(10, 30), retries=1, leave=0.35),
    member("loyal", 15, wait=(30, 90), retries=2, leave=0.02),
    member("distracted", 5, wait=(15, 120), retries=0, leave=0.25),
]


def shop(users: int = 20_000, seed: int = 42, **changes: Any) -> RunInputs:
    """The inputs of a run of the shop."""
    data = {"workflow": WORKFLOW, "crowd": CROWD, "users": users, "seed": seed, "faults": FAULTS, **changes}
    return RunInputs.model_validate(data)
