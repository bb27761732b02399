"""One piece is left; whether it is there is looked at first, and it is taken a moment later: a race."""

from __future__ import annotations

import asyncio
import json
from typing import Any


def create_app() -> Any:
    state = {"left": 1, "sold": 0}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": kind + ".complete"})
                if kind == "lifespan.shutdown":
                    return
        await receive()
        status = 200
        if scope["path"] == "/buy":
            there = state["left"] > 0
            await asyncio.sleep(0.3)
            if there:
                state["left"] -= 1
                state["sold"] += 1
            status = 200 if there else 409
        body = json.dumps(state).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
