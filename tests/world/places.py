"""Applications and inputs for tests of worlds."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.world import World

BUY: list[dict[str, Any]] = [
    {"name": "buy", "type": "http", "service": "shop", "method": "POST", "path": "/buy", "json": {"user": 1}}
]

PLAIN = """
import asyncio, json

def create_app():
    stock = {"n": 3}
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise RuntimeError("no lifespan")
        if scope["path"] == "/stock":
            return await answer(send, 200, stock)
        event = await receive()
        if stock["n"] > 0:
            await asyncio.sleep(0.01)
            stock["n"] -= 1
            return await answer(send, 201, {"ok": True})
        await answer(send, 409, {"ok": False})
    return app

async def answer(send, status, value):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})
"""


def place(folder: Path, source: str, name: str = "sut") -> AppPlace:
    """A folder with one module in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(textwrap.dedent(source))
    return AppPlace(folder, (folder,))


def inputs(
    flow: list[dict[str, Any]] | None = None, *, users: int = 5, app: str = "sut:create_app", **rest: Any
) -> RunInputs:
    """Inputs of the app target; ``workflow`` and ``policy`` add to theirs, the rest to the inputs'."""
    workflow = {
        "id": "w", "app": app, "services": {"shop": {"base_url": "http://shop"}}, "flow": flow or BUY,
        **rest.pop("workflow", {}),
    }  # fmt: skip
    policy = {"persona_id": "p", "workflow": "w", **rest.pop("policy", {})}
    return RunInputs.model_validate(
        {
            "workflow": workflow, "crowd": [{"persona": "p", "weight": 1, "policy": policy}], "users": users,
            "target": "app", "arrivals": {"kind": "open", "rate_per_second": 100}, **rest,
        }
    )  # fmt: skip


def make_world(folder: Path, source: str = PLAIN, flow: list[dict[str, Any]] | None = None, **rest: Any) -> World:
    """A world of one module."""
    return World(compile_plan(inputs(flow, **rest)), place(folder, source))
