"""The only way to a model: chooses a backend, asks the cache, asks the model, repairs once, and falls down a ladder.

``auto`` takes the best that is there: a local GGUF model, else an Ollama server with a model, else the built-in model,
else rules. A backend that is named is that one, or a clear error. Whatever was repaired, replaced or skipped because it
failed stands in the answer's notes.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from turbulence_app.domain.errors import InputError, KnownError, MachineError
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.llm.cache import DEFAULT_CAPACITY, Counters, MemoryCache, SingleFlight, Store, cache_key
from turbulence_app.llm.elicit import elicit
from turbulence_app.llm.elicit.call import Call, OnEvent
from turbulence_app.llm.ladder import Ladder, Rung
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.task import Answer, Task

DEFAULT_BUDGET_MS = 120_000


class Gateway:
    """Shared by a process; safe for several threads. ``close`` ends the model's process."""

    def __init__(
        self,
        cache_store: Store | None = None,
        *,
        registry: ModelRegistry | None = None,
        ollama_url: str | None = None,
        allowed_hosts: Iterable[str] = (),
        capacity: int | None = None,
        threads: int | None = None,
    ) -> None:
        size = capacity if capacity is not None else _number("LLM_CACHE_CAP", DEFAULT_CAPACITY)
        self._store = cache_store
        self._memory: MemoryCache[Answer] = MemoryCache(size)
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._counters = Counters()
        self._counting = threading.Lock()
        self.ladder = Ladder(registry or ModelRegistry(), ollama_url, tuple(allowed_hosts), threads)

    def answer(
        self,
        task: Task,
        *,
        backend: str = "auto",
        model: str | None = None,
        mode: str | None = None,
        seed: int = 42,
        budget_ms: int | None = None,
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Answer:
        """A valid answer. Raises ``InputError`` (no such backend or mode), ``MachineError`` (the named backend is not
        to be had) or ``CancelledError``; with ``auto`` it never fails for want of a model."""
        began = time.monotonic()
        until = began + (budget_ms if budget_ms is not None else _number("LLM_TIMEOUT_MS", DEFAULT_BUDGET_MS)) / 1000
        self._count("requests")
        call = Call(task, seed, until, on_event, should_stop, self._count)
        try:
            found = self._descend(call, backend, model, mode)
        except KnownError:
            self._count("misses")
            raise
        return replace(found, elapsed_ms=1000 * (time.monotonic() - began))

    def _descend(self, call: Call, backend: str, model: str | None, mode: str | None) -> Answer:
        """The first backend that answers; with ``auto`` the failures of better ones become notes."""
        failed: list[str] = []
        for rung in self.ladder.rungs(backend, model, mode):
            try:
                found = self._cached(rung, call)
            except MachineError as error:
                self._count("failures")
                if backend != "auto":
                    raise
                failed.append(f"{rung.name} failed ({getattr(error, 'reason', 'machine')}): {error.problem.message}")
                call.log("warning", failed[-1])
                continue
            if failed:
                self._count("fallbacks")
            return replace(found, notes=(*failed, *found.notes))
        raise AssertionError("the ladder ends with rules, which always answer")

    def counters(self) -> Counters:
        """A copy of the counters."""
        with self._counting:
            return replace(self._counters, evictions=self._memory.evictions)

    def clear_memory(self) -> int:
        """Empties the cache in memory (the store has its own command)."""
        return self._memory.clear()

    def close(self) -> None:
        """Ends the model's process; the gateway can be used again afterwards."""
        self.ladder.close()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _cached(self, rung: Rung, call: Call) -> Answer:
        """From memory, from the store, from somebody who is asking the same, or by asking."""
        profile, material = _profile(rung, call), _material(rung, call.task)
        if hit := self._memory.get(profile, material):
            self._count("memory_hits")
            return replace(hit, source="cache")
        key = cache_key(profile, material)
        origin: list[str] = []

        def work() -> Answer:
            if stored := self._stored(key, call.task):
                origin.append("store_hits")
                self._memory.put(profile, material, stored)
                return stored
            answer, valid = self._ask(rung, call)
            origin.append("misses")
            if valid:
                self._memory.put(profile, material, answer)
                return self._keep(key, answer, call)
            return answer

        answer, joined = self._flights.do(key, work)
        self._count("joined" if joined else origin[0])
        return replace(answer, source="cache") if origin == ["store_hits"] else answer

    def _stored(self, key: bytes, task: Task) -> Answer | None:
        """What the store has, if it still passes the validator."""
        text = self._store.get(key) if self._store is not None else None
        answer = Answer.from_json(text) if text else None
        return answer if answer and task.check(answer.document).document else None

    def _keep(self, key: bytes, answer: Answer, call: Call) -> Answer:
        if self._store is not None:
            meta: dict[str, Any] = {
                "kind": call.task.kind,
                "backend": answer.backend,
                "model": answer.model,
                "digest": answer.digest,
            }
            meta |= {"prompt_version": call.task.version, "seed": call.seed, "elapsed_ms": answer.elapsed_ms}
            try:
                self._store.put(key, answer.to_json(), meta)
            except KnownError as error:
                call.log("warning", f"not kept in the cache: {error.problem}")
                return replace(answer, notes=(*answer.notes, f"not kept in the cache: {error.problem.message}"))
        return answer

    def _ask(self, rung: Rung, call: Call) -> tuple[Answer, bool]:
        """Asks the backend itself; also says whether the answer is wholly its own (and so may be cached)."""
        began = time.monotonic()
        call.log("info", f"asking {rung.name}" + (f" ({rung.model})" if rung.model else ""))
        checked, own = elicit(rung, call)
        assert checked.document is not None
        return Answer(
            document=checked.document,
            backend=rung.name,
            model=rung.model,
            digest=rung.digest,
            mode=rung.mode,
            source="rules" if rung.name == "rules" else "model",
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            seed=call.seed,
            elapsed_ms=1000 * (time.monotonic() - began),
            notes=checked.notes,
        ), own and rung.name != "rules"

    def _count(self, name: str) -> None:
        with self._counting:
            setattr(self._counters, name, getattr(self._counters, name) + 1)


def _profile(rung: Rung, call: Call) -> str:
    """Everything besides the text that shapes an answer, as one digest."""
    parts = {
        "kind": call.task.kind,
        "prompt": call.task.version,
        "backend": rung.name,
        "version": rung.version,
        "digest": rung.digest,
        "mode": rung.mode,
        "seed": call.seed,
        "schema": call.task.schema,
    }
    return sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _material(rung: Rung, task: Task) -> str:
    """The text itself: the messages where a model reads them, else all that a backend may look at."""
    return json.dumps(task.messages, separators=(",", ":")) if rung.text else task.material


def _number(variable: str, default: int) -> int:
    """A whole number from the environment."""
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) <= 10**9:
        raise InputError(
            f"{variable}={text!r} is not a number from 1 to 1000000000", f"for example {variable}={default}"
        )
    return int(text)
