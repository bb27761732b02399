"""The planted shop as a plain ASGI application: POST /do {action, x} does it, the answer tells what is charged."""

from __future__ import annotations

import json
from typing import Any

from tests.shrinking.planted import Shop


def create_app() -> Any:
    shop = Shop()

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": kind + ".complete"})
                if kind == "lifespan.shutdown":
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        asked = json.loads(body)
        shop.do(asked["action"], int(asked["x"]))
        answer = json.dumps({"charges": len(shop.charges)}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app
