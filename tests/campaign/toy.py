"""A small checkout whose payment charges twice when an answer gets lost and the person tries again."""

from typing import Any

from turbulence_app.domain.campaign import CampaignReport, CampaignSettings
from turbulence_app.domain.inputs import RunInputs

WORKFLOW: dict[str, Any] = {
    "id": "kiosk",
    "services": {"api": {"base_url": "http://127.0.0.1:9", "timeout_seconds": 10}},
    "flow": [
        {"name": "look", "type": "http", "service": "api", "path": "/",
         "model": {"latency_ms": {"min": 20, "max": 90}, "outcomes": {"ok": 0.98, "error": 0.02}}},
        {"name": "next", "type": "decide", "decision": "next", "output_var": "next",
         "options": {"buy": "buys", "hesitate": "waits", "leave": "goes"}},
        {"name": "gone", "type": "branch", "condition": "next == 'leave'",
         "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
        {"name": "pause", "type": "think", "time_ms": {"min": 100, "max": 900}, "when": "next == 'hesitate'"},
        {"name": "pay", "type": "http", "service": "api", "method": "POST", "path": "/pay",
         "model": {"latency_ms": {"min": 200, "max": 3000}, "outcomes": {"ok": 0.9, "declined": 0.1}}},
        {"name": "paid", "type": "assert", "expect": {"status_code": 200}},
    ],
    "invariants": [
        {"name": "charged_once", "always": "effects('pay') <= 1"},
        {"name": "patience_lasts", "always": "not reached('pay') or waited_ms('pay') < 9999"},
        {"name": "quick_enough", "never": "elapsed_ms > 90000"},
        {"name": "someone_pays", "sometimes": "effects('pay') > 0"},
        {"name": "fast", "gate": "p95('pay.latency_ms') <= 9000"},
        {"name": "stock_is_right", "at_end": "probe('/stock').json >= 0", "targets": ["app", "http"]},
    ],
}  # fmt: skip
FAULTS: list[dict[str, Any]] = [
    {"kind": "response_lost", "name": "lost", "step": "pay", "probability": 0.04},
    {"kind": "latency", "name": "slow", "probability": 0.1, "add_ms": {"min": 100, "max": 4000}},
    {"kind": "error_status", "name": "down", "step": "look", "probability": 0.05, "status": 503},
    {"kind": "error_status", "name": "down", "step": "look", "probability": 0.0, "status": 500},
]


def _member(persona: str, weight: float, retries: int, options: dict[str, float]) -> dict[str, Any]:
    policy = {
        "persona_id": persona,
        "decisions": {"next": {"options": options, "cases": [{"when": "look.failed", "options": {"leave": 1.0}}]}},
        "patience": {"step_wait_seconds": {"min": 3, "max": 20}},
        "retries": {"default": 0, "steps": {"pay": retries}},
        "pacing": {"think_ms": {"min": 50, "max": 500}},
    }
    return {"persona": persona, "weight": weight, "policy": policy}


CROWD = [
    _member("stubborn", 2, 2, {"buy": 0.7, "hesitate": 0.2, "leave": 0.1}),
    _member("shy", 1, 0, {"hesitate": 0.5, "leave": 0.5}),
]


def kiosk(**changes: Any) -> RunInputs:
    data = {"workflow": WORKFLOW, "crowd": CROWD, "users": 100, "seed": 7, "faults": FAULTS, **changes}
    return RunInputs.model_validate(data)


def small(**changes: Any) -> CampaignSettings:
    return CampaignSettings.model_validate({"worlds": 1600, "users": 3, "seed": 7, "swarm": True, **changes})


def essence(report: CampaignReport) -> dict[str, Any]:
    """What two campaigns must share: everything but ids, moments, processes."""
    document = report.model_dump(mode="json")
    kept = {"settings", "worlds_done", "digest", "inputs_digest", "status"}
    document["manifest"] = {key: value for key, value in document["manifest"].items() if key in kept}
    for cluster in document["clusters"]:
        cluster["representative"].pop("run_id")
    return document
