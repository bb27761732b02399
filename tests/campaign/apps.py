"""A small real application for campaigns: a ticket counter with mistakes behind an environment variable."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace

SOURCE = """
import asyncio, json, os, random

def create_app():
    state = {"left": 3, "sold": []}
    bug = os.environ.get("COUNTER_BUG", "")

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("speaks HTTP alone")
        if scope["path"] == "/left":
            return await answer(send, 200, {"n": state["left"], "sold": len(state["sold"])})
        await receive()
        if scope["path"] == "/look":
            return await answer(send, 200, {"n": state["left"]})
        who = dict(scope["headers"])[b"x-who"].decode()
        if who in state["sold"] and bug != "sells_twice":
            return await answer(send, 200, {"ticket": who})
        if state["left"] <= 0:
            return await answer(send, 409, {"reason": "sold out"})
        if bug != "looks_first":
            state["left"] -= 1
        await asyncio.sleep(0.05 + random.random() / 10)
        if bug == "looks_first":
            state["left"] -= 1
        state["sold"].append(who)
        await answer(send, 201, {"ticket": who})
    return app

async def answer(send, status, value):
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
"""

WORKFLOW: dict[str, Any] = {
    "id": "counter",
    "app": "counter:create_app",
    "services": {"counter": {"base_url": "http://counter", "timeout_seconds": 5}},
    "entry": {"seed_data": {"name": ["ann", "bob", "cem", "dia", "eve", "fay", "gil", "hal"]}},
    "flow": [
        {"name": "look", "type": "http", "service": "counter", "path": "/look", "extract": {"n": "$.n"}},
        {"name": "want", "type": "decide", "decision": "want", "output_var": "want",
         "options": {"buy": "buys", "leave": "goes"}},
        {"name": "gone", "type": "branch", "condition": "want == 'leave'",
         "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
        {"name": "buy", "type": "http", "service": "counter", "method": "POST", "path": "/buy",
         "headers": {"x-who": "{{name}}"},
         "model": {"outcomes": {"ok": 0.8, "sold_out": {"p": 0.1, "status": 409}, "error": 0.1}}},
        {"name": "bought", "type": "end", "outcome": "completed"},
    ],
    "invariants": [
        {"name": "never_oversold", "at_end": "probe('/left').json['n'] >= 0", "targets": ["app", "http"]},
        {"name": "tickets_add_up", "at_end": "probe('/left').json['n'] + probe('/left').json['sold'] == 3",
         "targets": ["app", "http"]},
        {"name": "quick", "always": "elapsed_ms < 600000"},
        {"name": "someone_buys", "sometimes": "effects('buy') > 0"},
    ],
}  # fmt: skip
FAULTS: list[dict[str, Any]] = [
    {"kind": "response_lost", "name": "lost", "step": "buy", "probability": 0.05},
    {"kind": "duplicate", "name": "twice", "step": "buy", "probability": 0.1},
    {"kind": "latency", "name": "slow", "probability": 0.1, "add_ms": {"min": 10, "max": 900}},
]


def _member(persona: str, buy: float) -> dict[str, Any]:
    policy = {
        "persona_id": persona,
        "decisions": {"want": {"options": {"buy": buy, "leave": 1 - buy}}},
        "retries": {"default": 0, "steps": {"buy": 1}},
        "pacing": {"think_ms": {"min": 10, "max": 200}},
    }
    return {"persona": persona, "weight": 1, "policy": policy}


CROWD = [_member("eager", 0.9), _member("doubtful", 0.5)]


def counter(target: str = "app", **changes: Any) -> RunInputs:
    data = {"workflow": WORKFLOW, "crowd": CROWD, "users": 4, "seed": 3, "target": target, "faults": FAULTS}
    return RunInputs.model_validate({**data, "arrivals": {"kind": "open", "rate_per_second": 50}, **changes})


def place(folder: Path, bug: str = "") -> AppPlace:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "counter.py").write_text(textwrap.dedent(SOURCE), encoding="utf-8")
    return AppPlace(folder, (folder,), env={"COUNTER_BUG": bug})
