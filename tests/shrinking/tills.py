"""A till of another process, and the workflow of people who are charged there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from turbulence_app.domain.inputs import RunInputs

TILL = Path(__file__).with_name("apps") / "till.py"


@contextmanager
def till(*options: str) -> Iterator[int]:
    """The till's port, while it is open."""
    process = subprocess.Popen([sys.executable, str(TILL), *options], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def paying(port: int, users: int = 12) -> RunInputs:
    """People who pay again when no answer comes; some answers get lost."""
    workflow = {
        "id": "till", "services": {"till": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 0.2}},
        "parameters": {"who": {"type": "range", "min": 1, "max": 1_000_000_000}},
        "flow": [
            {"name": "look", "type": "http", "service": "till", "path": "/items", "query": {"q": "cups & mugs"},
             "headers": {"authorization": "Bearer key-of-the-shop"}, "extract": {"item": "$.items[0].id"}},
            {"name": "mood", "type": "decide", "decision": "mood", "output_var": "mood",
             "options": {"calm": "is calm", "hurried": "is in a hurry"}},
            {"name": "pay", "type": "http", "service": "till", "method": "POST", "path": "/charges",
             "json": {"who": "{{who}}", "item": "{{item}}"}},
        ],
        "invariants": [{"name": "charged_once", "always": "not (pay.json.n >= 2)", "says": "Nobody pays twice."}],
    }  # fmt: skip
    policy = {
        "persona_id": "hasty", "retries": {"default": 0, "steps": {"pay": 1}},
        "pacing": {"think_ms": {"min": 0, "max": 4}},
        "decisions": {"mood": {"options": {"calm": 0.6, "hurried": 0.4}}},
    }  # fmt: skip
    faults = [{"kind": "response_lost", "step": "pay", "probability": 0.5}]
    crowd = [{"persona": "hasty", "weight": 3.0, "policy": policy}]
    return RunInputs.model_validate(
        {"workflow": workflow, "crowd": crowd, "users": users, "seed": 5, "target": "http", "faults": faults,
         "arrivals": {"kind": "closed", "concurrent": 6}}
    )  # fmt: skip
