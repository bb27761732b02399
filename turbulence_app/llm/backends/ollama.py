"""A model of an Ollama server on this machine.

Spoken over plain HTTP: no proxy, no redirect, no key from the environment, every read bounded in time and size. A
local server can forward to a cloud; such models are refused, and so are hosts off this machine that nobody listed.
Its answers are constrained by the schema but not reproducible bit for bit: the cache is what repeats.
"""

from __future__ import annotations

import ipaddress
import json
import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion, Prompt, ShouldStop, Tick

if TYPE_CHECKING:  # loaded where something is asked: whoever has no server does not wait for it
    import httpx

OK, NOT_FOUND, TOO_MANY, UNAVAILABLE = 200, 404, 429, 503
DEFAULT_URL = "http://127.0.0.1:11434"
CONNECT_S = 2.0
ASK_S = 10.0
"""Time for the small questions (version, list, show)."""
MAX_BODY = 4_000_000
START_MEND = "start it with: ollama serve"


def server_url() -> str:
    """The server that the user named (``OLLAMA_URL``, ``OLLAMA_HOST``), else the usual one on this machine."""
    url = os.environ.get("OLLAMA_URL") or os.environ.get("OLLAMA_HOST") or DEFAULT_URL
    return url if "://" in url else f"http://{url}"


def check_host(url: str, allowed: Iterable[str] = ()) -> str:
    """The URL, if it is on this machine or on the user's list. Raises :class:`ModelRefusedError` or ``InputError``."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.username
        or parts.query
        or parts.path not in ("", "/")
    ):
        raise InputError(f"{url!r} is not the address of an Ollama server", f"write for example {DEFAULT_URL}")
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local and host not in {a.lower() for a in allowed}:
        raise errors.ModelRefusedError(
            f"the Ollama server {host} is not this machine", "use a local one, or put the host on the list in settings"
        )
    return url.rstrip("/")


class OllamaBackend:
    """One model of one server."""

    name = "ollama"
    modes: ClassVar[tuple[str, ...]] = ("json",)
    """It gives no probabilities of words that one chooses oneself, so it cannot be asked for them."""

    def __init__(self, model: str | None = None, *, url: str | None = None, allowed: Iterable[str] = ()) -> None:
        self.url = check_host(url or server_url(), allowed)
        self._asked = model or os.environ.get("OLLAMA_MODEL") or ""
        self._listed: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self._version = ""

    @property
    def model(self) -> str:
        """The model's full name (with its tag); the first one of the server where none was named."""
        return str(self._entry()["name"])

    def models(self) -> list[dict[str, Any]]:
        """What the server has, without what runs elsewhere: ``name``, ``digest``, ``size``."""
        found = self._ask("GET", "/api/tags").get("models")
        if not isinstance(found, list):
            raise errors.ModelGarbageError("the Ollama server's list of models is not a list")
        usable = [m for m in found if isinstance(m, dict) and isinstance(m.get("name"), str) and not _is_cloud(m)]
        return [m for m in usable if isinstance(m.get("digest"), str)]

    def digest(self) -> str:
        """The digest that the server gives for the model."""
        return str(self._entry()["digest"])

    def version(self) -> str:
        """The server's version."""
        if not self._version:
            self._version = str(self._ask("GET", "/api/version").get("version", "?"))[:40]
        return f"ollama {self._version}; t0"

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers inside the schema. Raises a type of :mod:`turbulence_app.llm.errors`."""
        until = time.monotonic() + prompt.seconds
        entry, shown = self._entry(), self._show()
        context = self._context(prompt, shown)
        body: dict[str, Any] = {
            "model": entry["name"],
            "messages": list(prompt.messages),
            "format": prompt.schema,
            "stream": True,
            "truncate": False,
            "shift": False,
            "options": {
                "seed": prompt.seed,
                "temperature": 0,
                "num_ctx": context,
                "num_predict": 2 * prompt.grammar.max_chars,  # the server's own grammar lets white space through
            },
            "keep_alive": "10m",
        }
        if "thinking" in (shown.get("capabilities") or ()):
            body["think"] = False
        return self._chat(body, prompt, until, on_tick, should_stop)

    def close(self) -> None:
        """Forgets what the server said; there is no connection to close."""
        self._listed, self._shown, self._version = {}, {}, ""

    def _chat(
        self, body: dict[str, Any], prompt: Prompt, until: float, on_tick: Tick | None, should_stop: ShouldStop | None
    ) -> Completion:
        text, thought, last = "", "", {}
        for part in self._stream(body, until, should_stop):
            message = part.get("message")
            if not isinstance(message, dict):
                raise errors.ModelGarbageError("the Ollama server sent a line without a message")
            text += str(message.get("content") or "")
            thought += str(message.get("thinking") or "")
            if len(text) > 4 * prompt.grammar.max_chars or len(thought) > 100_000:
                raise errors.ModelGarbageError(f"{body['model']} does not stop writing")
            if on_tick:
                on_tick(len(text))
            if part.get("done"):
                last = part
                break
        if not last:
            raise errors.ModelGarbageError("the Ollama server broke off in the middle of its answer")
        if not text.strip():
            why = "it only thought aloud" if thought else "it said nothing"
            raise errors.ModelGarbageError(f"{body['model']} gave no answer: {why}", "use a model that does not think")
        return Completion(text, str(last.get("done_reason") or "stop"), self._cut(body, last))

    def _cut(self, body: dict[str, Any], last: dict[str, Any]) -> tuple[str, ...]:
        """A prompt that filled the context was cut by the server, without a word: refuse it."""
        read, context = last.get("prompt_eval_count"), body["options"]["num_ctx"]
        if isinstance(read, int) and read >= context - 4:
            raise errors.PromptTooLongError(f"the prompt filled {body['model']}'s context of {context} tokens")
        return ()

    def _context(self, prompt: Prompt, shown: dict[str, Any]) -> int:
        """Context to ask for (tokens): two characters a token, a cautious count; at most what the model has."""
        need = sum(len(m["content"]) for m in prompt.messages) // 2 + prompt.grammar.max_chars // 2 + 64
        info = shown.get("model_info") or {}
        most = max([v for k, v in info.items() if k.endswith(".context_length") and isinstance(v, int)], default=4096)
        if need > most:
            raise errors.PromptTooLongError(f"the prompt needs up to {need} tokens, {self._entry()['name']} has {most}")
        return min(most, max(2048, -(-need // 1024) * 1024))

    def _entry(self) -> dict[str, Any]:
        if self._listed:
            return self._listed
        if _named_cloud(self._asked):
            raise errors.ModelRefusedError(f"{self._asked} runs in a cloud", "use a model that runs on this machine")
        models = self.models()
        wanted = self._asked if ":" in self._asked or not self._asked else f"{self._asked}:latest"
        for model in models:
            if not wanted or model["name"] == wanted:
                self._listed = model
                return model
        if not self._asked:
            raise errors.ModelAbsentError(f"the Ollama server at {self.url} has no model", "ollama pull phi3:mini")
        raise errors.ModelAbsentError(f"Ollama has no model {self._asked!r}", f"ollama pull {self._asked}")

    def _show(self) -> dict[str, Any]:
        if not self._shown:
            shown = self._ask("POST", "/api/show", {"model": self._entry()["name"]})
            if _is_cloud(shown):
                raise errors.ModelRefusedError(f"{self.model} runs in a cloud", "use a model that runs on this machine")
            self._shown = shown
        return self._shown

    def _client(self, seconds: float) -> httpx.Client:
        import httpx

        limit = httpx.Timeout(max(0.05, seconds), connect=CONNECT_S)
        return httpx.Client(base_url=self.url, timeout=limit, trust_env=False, follow_redirects=False)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        until = time.monotonic() + ASK_S
        with _translated(self.url), self._client(ASK_S) as client, client.stream(method, path, json=body) as answer:
            raw = b"".join(_bounded(answer, until, None))
            if answer.status_code != OK:
                raise _refusal(answer.status_code, raw, self._asked)
        return _object(raw)

    def _stream(self, body: dict[str, Any], until: float, should_stop: ShouldStop | None) -> Iterator[dict[str, Any]]:
        seconds = until - time.monotonic()
        with (
            _translated(self.url),
            self._client(seconds) as client,
            client.stream("POST", "/api/chat", json=body) as answer,
        ):
            if answer.status_code != OK:
                raise _refusal(answer.status_code, b"".join(_bounded(answer, until, None)), body["model"])
            rest = b""
            for piece in _bounded(answer, until, should_stop):
                *lines, rest = (rest + piece).split(b"\n")
                yield from (_object(line) for line in lines if line.strip())
            if rest.strip():
                yield _object(rest)


class _translated:  # noqa: N801 - reads as a clause in a with statement
    """Turns the client's exceptions into ours."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        import httpx

        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
            raise errors.ModelAbsentError(f"no Ollama server answers at {self.url}", START_MEND) from None
        if isinstance(error, httpx.TimeoutException):
            raise errors.ModelTimeoutError("the Ollama server did not answer in time", "allow it more time") from None
        if isinstance(error, httpx.HTTPError | httpx.StreamError | httpx.InvalidURL):
            raise errors.ModelGarbageError(f"the Ollama server broke off: {type(error).__name__}") from None


def _bounded(answer: httpx.Response, until: float, should_stop: ShouldStop | None) -> Iterator[bytes]:
    """The body as it comes, with a deadline, a size limit and an ear for the user's stop."""
    size = 0
    for piece in answer.iter_raw():
        size += len(piece)
        if should_stop and should_stop():
            raise CancelledError("stopped while the model was working")
        if time.monotonic() > until:
            raise errors.ModelTimeoutError("the Ollama server did not finish in time", "allow it more time")
        if size > MAX_BODY:
            raise errors.ModelGarbageError("the Ollama server sends more than an answer can be")
        yield piece


def _object(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise errors.ModelGarbageError("the Ollama server sent something that is not JSON") from None
    if not isinstance(found, dict):
        raise errors.ModelGarbageError("the Ollama server sent something that is not an object")
    if "error" in found:
        raise errors.ModelError(f"Ollama: {str(found['error'])[:300]}")
    return found


def _refusal(status: int, raw: bytes, model: str) -> errors.ModelError:
    try:
        said = str(json.loads(raw).get("error", ""))[:300]
    except (ValueError, AttributeError, RecursionError):
        said = raw[:200].decode("utf-8", "replace")
    if status == NOT_FOUND:
        return errors.ModelAbsentError(f"Ollama: {said or 'not found'}", f"ollama pull {model or 'phi3:mini'}")
    if status in (TOO_MANY, UNAVAILABLE):
        return errors.ModelBusyError(f"Ollama is busy: {said or status}", "try again in a moment")
    return errors.ModelError(f"Ollama answered {status}: {said}")


def _named_cloud(name: str) -> bool:
    tag = name.rpartition(":")[2].lower()
    return tag == "cloud" or tag.endswith("-cloud")


def _is_cloud(model: dict[str, Any]) -> bool:
    remote = model.get("remote_host") or model.get("remote_model")
    return bool(remote) or _named_cloud(str(model.get("name") or ""))
