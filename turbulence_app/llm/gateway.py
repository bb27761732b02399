"""The only way to a model: rules, cache, model, repair, fallback; each answer says which way it came.

``auto`` takes the best that is there: a local GGUF model, else an Ollama server with a model, else the built-in model,
else rules. A backend that is named is that one, or a clear error. Whatever was repaired, replaced or skipped because it
failed stands in the answer's notes, in words; the whole way is its chain.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.llm.asking import ask, question_of
from turbulence_app.llm.backends.base import ReadyBackend, ShouldStop
from turbulence_app.llm.cache import AnswerCache, Counters, Question, SingleFlight, Store
from turbulence_app.llm.cache.levels import Found
from turbulence_app.llm.elicit.call import Call, OnEvent
from turbulence_app.llm.guard import Guard
from turbulence_app.llm.ladder import Ladder, Rung
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.resilience.deadline import Clock, Deadline
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.llm.task import Answer, Task
from turbulence_app.llm.telemetry.endings import told
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.requests import code_of
from turbulence_app.llm.telemetry.telemetry import Telemetry

WARM_S = 120.0
"""Usual time for having a model loaded ahead of a question."""


class Gateway:
    """Shared by a process; safe for several threads. ``close`` ends the model's process.

    ``settings`` are a project's; the environment stands above them, ``capacity`` above both.
    """

    def __init__(
        self,
        cache_store: Store | None = None,
        *,
        registry: ModelRegistry | None = None,
        ollama_url: str | None = None,
        allowed_hosts: Iterable[str] = (),
        capacity: int | None = None,
        threads: int | None = None,
        settings: GatewaySettings | None = None,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        rng: random.Random | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.settings = (settings or GatewaySettings()).with_environment()
        kept = self.settings.cache if capacity is None else replace(self.settings.cache, capacity=capacity)
        self.telemetry = telemetry or Telemetry()
        self._lookups = Histogram()
        self.cache = AnswerCache(cache_store, kept, record=self._lookups.record, rng=rng)
        self.guard = Guard(
            retries=self.settings.retries,
            threshold=self.settings.breaker_threshold,
            clock=clock,
            sleep=sleep,
            rng=rng,
            on_change=self._changed,
        )
        self.ladder = Ladder(
            registry or ModelRegistry(), ollama_url, tuple(allowed_hosts), threads, self.settings.ollama
        )
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._clock = clock

    def answer(
        self,
        task: Task,
        *,
        backend: str = "auto",
        model: str | None = None,
        mode: str | None = None,
        seed: int = 42,
        budget_ms: int | None = None,
        client: Hashable = "",
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Answer:
        """A valid answer. Raises ``InputError`` (no such backend or mode), ``MachineError`` (the named backend is not
        to be had) or ``CancelledError``; with ``auto`` it never fails for want of a model. Requests of one ``client``
        are served in their order, clients take turns."""
        began = self._clock()
        budget = budget_ms if budget_ms is not None else self.settings.budget_ms
        count = self.cache.counting.add
        request = self.telemetry.begin(task.kind)
        until = Deadline(began + budget / 1000, self._clock)
        call = Call(task, seed, until, on_event, should_stop, count, client, request, self.cache)
        count("requests")
        end = "misses"
        try:
            found, end = self._descend(call, backend, model, mode)
        except BaseException as error:
            request.end("", error=code_of(error))
            raise
        finally:
            if end != "raw_hits":  # the memory counts these itself
                count(end)
        spent = 1000 * (self._clock() - began)
        told(request, call.chain, found, end)
        return replace(found, elapsed_ms=spent, chain=tuple(call.chain), request=request.id)

    def warm(
        self,
        task: Task,
        *,
        backend: str = "auto",
        model: str | None = None,
        mode: str | None = None,
        seconds: float = WARM_S,
        should_stop: ShouldStop | None = None,
    ) -> str:
        """Has the model that would answer this loaded ahead of the question; its name, or "" where nothing is loaded.

        Whatever goes wrong is left to the question itself, which tells it better.
        """
        until = Deadline.after(seconds, self._clock)
        try:
            for rung in self.ladder.rungs(backend, model, mode, until.left, should_stop):
                if not isinstance(rung.text, ReadyBackend):
                    return ""
                fixed = task.poll().stem if rung.mode == "logits" and task.poll else task.messages
                rung.text.get_ready(fixed, until.left(), should_stop)
                return rung.model
        except MachineError:
            pass
        return ""

    def counters(self) -> Counters:
        """A copy of the counters."""
        return self.cache.counters()

    def lookups(self) -> Histogram:
        """Nanoseconds of the look-ups in memory that hit under the exact text."""
        self.cache.raw.uses()
        found = Histogram()
        found.merge(self._lookups)
        return found

    def clear_memory(self) -> int:
        """Empties the cache in memory (the store has its own command)."""
        return self.cache.clear()

    def state(self) -> dict[str, Any]:
        """Breakers and queues as they stand now, as plain data."""
        return {"breakers": self.guard.breakers.states(), "queues": self.guard.queues()}

    def close(self) -> None:
        """Ends the model's process and writes what the cache has to say; the gateway can be used again afterwards."""
        self.ladder.close()
        self.cache.flush()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _changed(self, backend: str, model: str, state: str) -> None:
        if state == "open":
            self.telemetry.opened(backend, model)

    def _descend(self, call: Call, backend: str, model: str | None, mode: str | None) -> Found:
        """The first backend that answers; with ``auto`` the failures of better ones become notes."""
        failed: list[str] = []
        for rung in self.ladder.rungs(backend, model, mode, call.deadline.left, call.should_stop):
            if failed and call.deadline.left() < rung.needs_s:
                call.step("fallback", rung.name, 0.0, "skipped", "budget")
                call.request.fallback("budget")
                failed.append(f"{rung.name} was not asked (budget): too little time was left")
                continue
            call.asking = "fallback" if failed else "rules" if rung.name == "rules" else "model"
            try:
                found, end = self._through(rung, call)
            except MachineError as error:
                call.count("failures")
                if backend != "auto":
                    raise
                call.request.fallback(code_of(error))
                failed.append(f"{rung.name} failed ({code_of(error)}): {error.problem.message}")
                call.log("warning", failed[-1])
                continue
            if failed:
                call.count("fallbacks")
            return replace(found, notes=(*failed, *found.notes)), end
        raise AssertionError("the ladder ends with rules, which always answer")

    def _through(self, rung: Rung, call: Call) -> Found:
        """From memory, from the store, from somebody who is asking the same, from a similar one, or by asking.

        The rules are asked at once: they are quicker than any look-up, and nobody may run out of time waiting for them.
        """
        if rung.name == "rules":
            return ask(rung, call, self.guard)[0], "misses"
        began = self._clock()
        question = question_of(rung, call)
        if hit := self.cache.recall(question):
            call.step("cache", rung.name, self._clock() - began, "hit", "raw_hits")
            return hit, "raw_hits"
        ends: list[str] = []

        def work() -> Answer:
            answer, end = self._find_or_ask(rung, call, question)
            ends.append(end)
            return answer

        stop = call.should_stop
        answer, joined = self._flights.do(question.key, work, left=call.deadline.left, should_stop=stop)
        if joined:
            call.step("joined", rung.name, self._clock() - began, "hit")
        return answer, "joined" if joined else ends[0]

    def _find_or_ask(self, rung: Rung, call: Call, question: Question) -> Found:
        began = self._clock()
        if found := self.cache.find(question):
            call.step("cache", rung.name, self._clock() - began, "hit", found[1])
            return found
        call.step("cache", rung.name, self._clock() - began, "miss")
        near = self.cache.similar(question)
        if near and not self.cache.draw_audit():
            return self._served_similar(near, rung, call, began)
        try:
            answer, own = ask(rung, call, self.guard)
        except MachineError:
            if near is None:
                raise
            return self._served_similar(near, rung, call, began)
        if near:
            self.cache.audited(near, answer)
        if own and (trouble := self.cache.keep(question, answer)):
            call.log("warning", f"not kept in the cache: {trouble}")
            answer = replace(answer, notes=(*answer.notes, f"not kept in the cache: {trouble}"))
        return answer, "misses"

    def _served_similar(self, near: Answer, rung: Rung, call: Call, began: float) -> Found:
        call.step("similar", rung.name, self._clock() - began, "hit")
        self.cache.counting.saved(near.tokens, near.elapsed_ms)
        return near, "similar"
