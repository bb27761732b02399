"""A browser's network recorder: writes HAR 1.2 the way Chromium does, about visits that tests make up."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BEGAN = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"


class Recorder:
    """One visit; ``clock`` counts milliseconds since it began."""

    def __init__(self, site: str = "https://shop.example", clock: float = 0.0) -> None:
        self.site, self.clock = site, clock
        self.entries: list[dict[str, Any]] = []
        self.pages: list[dict[str, Any]] = []

    def wait(self, seconds: float) -> None:
        self.clock += seconds * 1000

    def page(self, path: str, title: str, took: float = 180.0) -> None:
        """A page load: the document, then its parts side by side."""
        self.pages.append(
            {"id": f"page_{len(self.pages) + 1}", "startedDateTime": self._now(), "title": title,
             "pageTimings": {"onContentLoad": took + 40, "onLoad": took + 90}}
        )  # fmt: skip
        self.ask("GET", path, took, kind="document", mime="text/html", body="<html>…</html>")
        start = self.clock
        for part, kind, mime in (
            ("/static/app.css", "stylesheet", "text/css"),
            ("/static/app.js", "script", "application/javascript"),
            ("/static/logo.svg", "image", "image/svg+xml"),
        ):
            self.clock = start
            self.ask("GET", part, 60.0, kind=kind, mime=mime)
        self.clock = start
        self.ask("POST", "https://stats.tracker.example/collect", 35.0, kind="ping", mime="", status=204)
        self.clock = start + 60.0

    def ask(
        self, method: str, path: str, took: float, *, status: int = 200, kind: str = "fetch",
        mime: str = "application/json", answer: Any = None, body: str | None = None, send: Any = None,
        form: dict[str, str] | None = None, headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """One request; the clock stands at its end afterwards."""
        url = path if "://" in path else self.site + path
        parts = urlsplit(url)
        text = body if body is not None else "" if answer is None else json.dumps(answer)
        request: dict[str, Any] = {
            "method": method, "url": url, "httpVersion": "http/2.0", "headersSize": -1, "bodySize": -1, "cookies": [],
            "queryString": [{"name": n, "value": v} for n, v in parse_qsl(parts.query)],
            "headers": [
                {"name": ":authority", "value": parts.netloc}, {"name": "user-agent", "value": AGENT},
                {"name": "accept-language", "value": "de-DE,de;q=0.9"}, {"name": "sec-fetch-mode", "value": "cors"},
                {"name": "cookie", "value": "sid=9f8e7d6c5b4a39281706"},
                *({"name": n, "value": v} for n, v in (headers or {}).items()),
            ],
        }  # fmt: skip
        if send is not None:
            request["postData"] = {"mimeType": "application/json", "text": json.dumps(send)}
        if form is not None:
            pairs = [{"name": k, "value": v} for k, v in form.items()]
            text_sent = "&".join(f"{k}={v}" for k, v in form.items())
            kind_sent = "application/x-www-form-urlencoded"
            request["postData"] = {"mimeType": kind_sent, "text": text_sent, "params": pairs}
        blocked = 4.0
        self.entries.append(
            {
                "_initiator": {"type": "script"}, "_priority": "High", "_resourceType": kind, "cache": {},
                "connection": "443", "pageref": f"page_{max(len(self.pages), 1)}", "serverIPAddress": "192.0.2.7",
                "startedDateTime": self._now(), "time": blocked + took, "request": request,
                "timings": {"blocked": blocked, "dns": -1, "ssl": -1, "connect": -1, "send": 0.2, "wait": took - 1.2,
                            "receive": 1.0, "_blocked_queueing": 3.1},
                "response": {
                    "status": status, "statusText": "", "httpVersion": "http/2.0", "cookies": [], "redirectURL": "",
                    "headers": [{"name": "set-cookie", "value": "sid=9f8e7d6c5b4a39281706; HttpOnly"}],
                    "headersSize": -1, "bodySize": -1, "_transferSize": 900,
                    "content": {"size": len(text), "mimeType": mime, "text": text},
                },
            }
        )  # fmt: skip
        self.clock += blocked + took

    def document(self) -> dict[str, Any]:
        creator = {"name": "WebInspector", "version": "537.36"}
        return {"log": {"version": "1.2", "creator": creator, "pages": self.pages, "entries": self.entries}}

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps(self.document(), indent=2), encoding="utf-8")
        return path

    def _now(self) -> str:
        moment = BEGAN + timedelta(milliseconds=self.clock)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shopping(think: tuple[float, float, float] = (6.2, 11.5, 21.0), slow: float = 1.0, until: str = "") -> Recorder:
    """A visit to a shop: look, log in, put something into the basket, pay. ``until``: the last thing that is done."""
    seen = Recorder()
    seen.page("/", "Teapots and more", 180 * slow)
    items = {"items": [{"id": 4711, "sku": "TP-BLUE-01", "price": 39.5}, {"id": 4712, "sku": "TP-RED-02", "price": 41}]}
    seen.ask("GET", "/api/products?page=1", 90 * slow, answer=items)
    if until == "products":
        return seen
    seen.wait(think[0])
    seen.ask("GET", "/api/products/4712", 70 * slow, answer={"id": 4712, "sku": "TP-RED-02", "stock": 3})
    for _ in range(4):
        seen.wait(5)
        seen.ask("GET", "/api/stock/4712", 20 * slow, answer={"left": 3})
    seen.wait(think[1])
    login = {"email": "ada.lovelace@mail.example", "password": "analytical-engine-1843"}
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
    seen.ask("POST", "/api/login", 210 * slow, send=login, answer={"access_token": token, "name": "Ada"})
    auth = {"authorization": f"Bearer {token}", "x-client-version": "5.2"}
    seen.ask("POST", "/api/baskets", 120 * slow, status=201, send={"product_id": 4712, "quantity": 2},
             answer={"basket": {"id": "b-77ab31", "lines": 1}}, headers=auth)  # fmt: skip
    if until == "basket":
        return seen
    seen.wait(think[2])
    seen.ask("POST", "/api/baskets/b-77ab31/pay", 640 * slow, status=201, headers=auth, send={
        "cardNumber": "4111111111111111", "holder": "x"}, answer={"order": {"number": "O-2026-000815"}})  # fmt: skip
    seen.ask("GET", "/api/orders?number=O-2026-000815", 80 * slow, answer={"state": "paid"}, headers=auth)
    return seen
