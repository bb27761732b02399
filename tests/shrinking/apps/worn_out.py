"""A shop that answers errors for ever once somebody bought."""

from __future__ import annotations

import json
from typing import Any


def create_app() -> Any:
    state = {"sold": 0}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": kind + ".complete"})
                if kind == "lifespan.shutdown":
                    return
        await receive()
        status = 500 if state["sold"] else 200
        if scope["path"] == "/buy":
            state["sold"] = 1
        body = json.dumps({"sold": 0}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
