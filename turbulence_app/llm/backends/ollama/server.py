"""A running Ollama server: what it has, what it is doing, and the few things that it is asked to do."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama import failures, replies, versions
from turbulence_app.llm.backends.ollama.address import check_host, server_url
from turbulence_app.llm.backends.ollama.exchange import MAX_BODY, Exchange
from turbulence_app.llm.backends.ollama.lines import object_of, objects
from turbulence_app.llm.backends.ollama.replies import Entry, Running, Shown
from turbulence_app.llm.backends.ollama.versions import Version
from turbulence_app.llm.backends.ollama.wire import Watch

ASK_S = 5.0
"""Time for the small questions (version, list, show)."""
OK = 200


class OllamaServer:
    """Has no state but its address. Raises :mod:`turbulence_app.llm.errors` types; all work is bounded by a watch."""

    def __init__(self, url: str | None = None, allowed: Iterable[str] = ()) -> None:
        self.address = check_host(url or server_url(), allowed)

    def version(self, watch: Watch | None = None) -> Version:
        """The server's version."""
        return versions.parse(self.ask("GET", "/api/version", watch=watch).get("version"))

    def models(self, watch: Watch | None = None) -> tuple[Entry, ...]:
        """What it has, without what runs elsewhere; the newest first."""
        return replies.entries(self.ask("GET", "/api/tags", watch=watch))

    def show(self, name: str, watch: Watch | None = None) -> Shown:
        """What a model can do."""
        refuse_cloud(name)
        return replies.shown(self.ask("POST", "/api/show", {"model": name}, watch=watch))

    def running(self, watch: Watch | None = None) -> tuple[Running, ...]:
        """What it has in memory."""
        return replies.running(self.ask("GET", "/api/ps", watch=watch))

    def cloud_is_off(self, watch: Watch | None = None) -> bool | None:
        """Whether the server's own cloud features are off (``OLLAMA_NO_CLOUD``); None where it does not say."""
        with contextlib.suppress(errors.ModelError):
            cloud = self.ask("GET", "/api/status", watch=watch).get("cloud")
            if isinstance(cloud, dict) and isinstance(cloud.get("disabled"), bool):
                return bool(cloud["disabled"])
        return None

    def warm(self, name: str, context: int, keep_alive: str | int, watch: Watch) -> float:
        """Loads a model with an empty chat. Returns milliseconds; the context must be the one that is used later, or
        the first question loads it again."""
        refuse_cloud(name)
        body = {"model": name, "messages": [], "stream": False, "keep_alive": keep_alive}
        before = watch.left()
        done = self.ask("POST", "/api/chat", {**body, "options": {"num_ctx": context}}, watch=watch)
        if replies.is_remote(done):
            raise errors.ModelRefusedError(f"{name} was answered by another machine", CLOUD_MEND)
        return replies.counts(done).load_ms or 1000 * (before - watch.left())  # few versions say how long it took

    def unload(self, name: str, watch: Watch | None = None) -> None:
        """Takes a model out of the server's memory, as soon as it has finished what it does."""
        refuse_cloud(name)
        self.ask("POST", "/api/chat", {"model": name, "messages": [], "stream": False, "keep_alive": 0}, watch=watch)

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, watch: Watch | None = None
    ) -> dict[str, Any]:
        """One question with one JSON object as its answer."""
        with self._exchange(method, path, body, watch or Watch(ASK_S)) as exchange:
            found = object_of(exchange.body())
        if "error" in found:
            raise failures.spoken(failures.one_line(str(found["error"])))
        return found

    def stream(
        self, path: str, body: Mapping[str, Any], watch: Watch, *, most: int = MAX_BODY
    ) -> Generator[dict[str, Any], None, None]:
        """One question with an object per line as its answer. Closing the iterator ends the connection."""
        with self._exchange("POST", path, body, watch, most=most) as exchange:
            for part in objects(exchange.pieces()):
                if "error" in part:
                    raise failures.spoken(failures.one_line(str(part["error"])))
                yield part

    @contextmanager
    def _exchange(
        self, method: str, path: str, body: Mapping[str, Any] | None, watch: Watch, *, most: int = MAX_BODY
    ) -> Iterator[Exchange]:
        with Exchange(self.address, method, path, body, watch, most=most) as exchange:
            if exchange.status != OK:
                model = str((body or {}).get("model", ""))
                raise failures.failure(exchange.status, exchange.body(), exchange.headers, model)
            exchange.expect_json()
            yield exchange


CLOUD_MEND = "use a model that runs on this machine"


def refuse_cloud(name: str) -> None:
    """Raises :class:`ModelRefusedError` for a name that means another machine; it is not even sent."""
    if replies.named_cloud(name):
        raise errors.ModelRefusedError(f"{replies.text(name)} runs in a cloud", CLOUD_MEND)
