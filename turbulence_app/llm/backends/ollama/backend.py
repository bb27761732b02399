"""One model of an Ollama server as a backend.

A local server can forward to a cloud; such models are refused by their names, by what the server says about them, and
again by what it says with the answer. Answers are held to the schema by the server but are not the same bit for bit
between its versions and the states of its cache: our own cache is what repeats.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, ClassVar

from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion, Messages, Prompt, ShouldStop, Tick
from turbulence_app.llm.backends.ollama import replies
from turbulence_app.llm.backends.ollama.context import LEAST, context_for, needed, was_cut
from turbulence_app.llm.backends.ollama.failures import pull_mend
from turbulence_app.llm.backends.ollama.listening import Listening
from turbulence_app.llm.backends.ollama.replies import Entry, Shown
from turbulence_app.llm.backends.ollama.schema import for_server
from turbulence_app.llm.backends.ollama.server import ASK_S, CLOUD_MEND, OllamaServer, refuse_cloud
from turbulence_app.llm.backends.ollama.versions import Version
from turbulence_app.llm.backends.ollama.wire import Watch
from turbulence_app.settings import preferences

KEEP_ALIVE = "10m"
USUAL = 4096
"""Tokens of context that a question about a persona usually needs at most."""
IGNORED_SCHEMA = "this version of Ollama may not hold a thinking model to the schema; 0.31.2 and later do"


class OllamaBackend:
    """Safe for several threads. ``parallel`` is how many requests the server takes at once: it does not tell
    (``OLLAMA_NUM_PARALLEL``, by default 1), so it is a setting. ``keep_alive``: how long it keeps the model loaded
    (``10m``; seconds as a number; 0 unloads at once, -1 never). ``asked`` is the name that the user gave, or ``""``."""

    name = "ollama"
    modes: ClassVar[tuple[str, ...]] = ("json",)
    """It gives no probabilities of words that one chooses oneself (its ``logprobs`` are of what it wrote), so it cannot
    be asked for them."""

    def __init__(
        self,
        model: str | None = None,
        *,
        url: str | None = None,
        allowed: Iterable[str] = (),
        keep_alive: str | int = KEEP_ALIVE,
        parallel: int = 1,
    ) -> None:
        self.server = OllamaServer(url, allowed)
        self.parallel, self.keep_alive = parallel, keep_alive
        self.asked = model or os.environ.get("OLLAMA_MODEL") or str(preferences().kept("ollama.model"))
        self._lock = threading.Lock()
        self._entry: Entry | None = None
        self._shown: dict[str, Shown] = {}
        self._version: Version | None = None
        self._context = 0

    @property
    def url(self) -> str:
        """The server's address."""
        return str(self.server.address)

    @property
    def model(self) -> str:
        """The model's full name (with its tag); the newest of the server that writes text where none was named."""
        return self._known(Watch(ASK_S)).name

    def look(self, watch: Watch | None = None) -> Entry:
        """Asks the server again what the name means now: a model can be replaced under its name. What it says holds
        until the next look."""
        refuse_cloud(self.asked)
        self._entry = self._chosen(self.server.models(watch))
        return self._entry

    def digest(self) -> str:
        """The digest that the server gives for the model: of its weights, template and parameters together."""
        return self._known(Watch(ASK_S)).digest

    def version(self, watch: Watch | None = None) -> str:
        """The server's version and how it is asked."""
        return f"ollama {self._server_version(watch or Watch(ASK_S)).text}; t0"

    def warm(self, seconds: float, should_stop: ShouldStop | None = None, *, context: int = USUAL) -> float:
        """Loads the model before it is needed; milliseconds that took. ``context``: tokens that will be needed."""
        watch = Watch(seconds, should_stop)
        entry = self._known(watch)
        most = self._show(entry, watch).context
        self._adopt(entry, watch)
        room = min(self._grown(min(context, most or context)), most or context)
        return self.server.warm(entry.name, room, self.keep_alive, watch)

    def get_ready(self, messages: Messages, seconds: float, should_stop: ShouldStop | None = None) -> None:
        """See :class:`turbulence_app.llm.backends.base.ReadyBackend`. The server keeps prompts by itself."""
        need = sum(len(message["content"]) for message in messages)
        self.warm(seconds, should_stop, context=max(USUAL, need))

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers inside the schema, within ``prompt.seconds`` for everything. Raises a type of
        :mod:`turbulence_app.llm.errors`, or ``CancelledError``."""
        watch = Watch(prompt.seconds, should_stop)
        entry = self._known(watch)
        shown = self._show(entry, watch)
        version = self._server_version(watch)
        self._adopt(entry, watch)
        context = self._room(prompt, shown, entry)
        body = self._body(prompt, entry, context)
        notes: tuple[str, ...] = ()
        if shown.thinks:
            body["think"] = False
            notes = () if version.has("thinking_schema") else (IGNORED_SCHEMA,)
        listening = Listening(entry.name, prompt.grammar.max_chars, on_tick)
        last = listening.follow(self.server, body, watch)
        self._refuse_cut(last, context, version)
        return listening.completion(last, notes)

    def close(self) -> None:
        """Forgets what the server said; there is no connection to close."""
        with self._lock:
            self._entry, self._version = None, None
            self._shown.clear()

    def _body(self, prompt: Prompt, entry: Entry, context: int) -> dict[str, Any]:
        return {
            "model": entry.name,
            "messages": list(prompt.messages),
            "format": for_server(prompt.schema),
            "stream": True,
            "truncate": False,
            "shift": False,
            "options": {
                "seed": prompt.seed,
                "temperature": 0,
                "num_ctx": context,
                "num_predict": 2 * prompt.grammar.max_chars,  # the server's own grammar lets white space through
            },
            "keep_alive": self.keep_alive,
        }

    def _adopt(self, entry: Entry, watch: Watch) -> None:
        """Takes over the context with which somebody else has loaded the model already: asking for another one would
        load it again."""
        if not self._context:
            known: list[int] = []
            with suppress(errors.ModelError):  # it only saves time; what is wrong with the server shows soon enough
                known = [one.context for one in self.server.running(watch) if one.digest == entry.digest]
            self._grown(0, max(known, default=0))

    def _room(self, prompt: Prompt, shown: Shown, entry: Entry) -> int:
        need = needed(prompt.messages, prompt.grammar.max_chars)
        context_for(need, shown.context, entry.name)
        return context_for(need, shown.context, entry.name, self._grown(need))

    def _grown(self, need: int, before: int = 0) -> int:
        """The largest context that was needed so far."""
        with self._lock:
            self._context = max(self._context, before, 1 << max(0, need - 1).bit_length(), LEAST)
            return self._context

    def _refuse_cut(self, last: Mapping[str, Any], context: int, version: Version) -> None:
        read = replies.number(last.get("prompt_eval_count"))
        if read and was_cut(read, context, refuses=version.has("truncate")):
            raise errors.PromptTooLongError(
                f"the Ollama server cut the prompt: it read {read} tokens with a context of {context}",
                "shorten the description, or use a model with more context",
            )

    def _known(self, watch: Watch) -> Entry:
        return self._entry or self.look(watch)

    def _chosen(self, models: tuple[Entry, ...]) -> Entry:
        if not self.asked:
            writers = [m for m in models if m.writes]
            if not writers:
                raise errors.ModelAbsentError(f"the Ollama server at {self.url} has no model", pull_mend(""))
            return writers[0]
        last = self.asked.rpartition("/")[2]
        wanted = self.asked if ":" in last else f"{self.asked}:latest"
        for model in models:
            if model.name == wanted:
                return model
        raise errors.ModelAbsentError(f"Ollama has no model {self.asked!r}", pull_mend(self.asked))

    def _show(self, entry: Entry, watch: Watch) -> Shown:
        with self._lock:
            found = self._shown.get(entry.digest)
        if found is None:
            found = self.server.show(entry.name, watch)
            if found.remote:
                raise errors.ModelRefusedError(f"{entry.name} runs in a cloud", CLOUD_MEND)
            if not found.writes:
                raise errors.ModelAbsentError(f"{entry.name} is not a model that writes text", "choose another one")
            with self._lock:
                self._shown[entry.digest] = found
        return found

    def _server_version(self, watch: Watch) -> Version:
        if self._version is None:
            found = self.server.version(watch)
            if not found.has("schema"):
                raise errors.ModelAbsentError(
                    f"Ollama {found.text} cannot hold a model to a schema", "update Ollama to 0.5 or later"
                )
            self._version = found
        return self._version
