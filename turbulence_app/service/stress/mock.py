"""A model that is none: answers at once or after a while, whole or spoilt, always the same for the same seed."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Completion, Prompt, ShouldStop, Tick
from turbulence_app.service.stress.answers import drawn
from turbulence_app.service.stress.settings import SLOWER, spoilt

SLICE_S = 0.01
OVERSIZED = 2_000_000
"""Characters of an answer that is too large."""
NONSENSE = "Sure! Here is the policy that you asked for: {"


class MockModel:
    """A text backend whose latency is spread between half and one and a half of ``latency_s``."""

    name = "mock"
    modes: ClassVar[tuple[str, ...]] = ("json",)
    model = "mock"

    def __init__(
        self,
        *,
        latency_s: float = 0.02,
        parallel: int = 4,
        faults: tuple[str, ...] = (),
        fault_rate: float = 0.1,
        seed: int = 42,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.parallel = parallel
        self._latency_s, self._faults, self._fault_rate, self._sleep = latency_s, faults, fault_rate, sleep
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self.injected: Counter[str] = Counter()

    def digest(self) -> str:
        """Of nothing: there are no weights."""
        return "mock"

    def version(self) -> str:
        """Of this file."""
        return "mock 1"

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """An answer inside the schema, or what a fault makes of it."""
        with self._lock:
            fault = spoilt(self._faults, self._fault_rate, self._rng.random(), self._rng.random())
            seconds = self._latency_s * (0.5 + self._rng.random())
            seed = self._rng.getrandbits(32)
            self.injected[fault] += bool(fault)
        wait = {"slow": SLOWER * seconds, "endless": float("inf"), "dying": seconds / 2, "refusing": 0.0}
        self._work(wait.get(fault, seconds), prompt.seconds, on_tick, should_stop)
        return self._said(fault, drawn(prompt.schema, random.Random(seed)), prompt)

    def close(self) -> None:
        """There is nothing to close."""

    def _work(self, seconds: float, limit: float, on_tick: Tick | None, should_stop: ShouldStop | None) -> None:
        began = time.monotonic()
        while (done := time.monotonic() - began) < seconds:
            if should_stop and should_stop():
                raise CancelledError("stopped while the model was working")
            if done >= limit:
                raise errors.ModelTimeoutError("the mock model was not done in time", "allow it more time")
            if on_tick:
                on_tick(int(1000 * done))
            self._sleep(min(SLICE_S, max(0.0, seconds - done), max(0.0, limit - done)))

    def _said(self, fault: str, answer: Any, prompt: Prompt) -> Completion:
        text = json.dumps(answer, separators=(",", ":"))
        if fault == "dying":
            raise errors.ModelCrashError("the mock model died", "try again")
        if fault == "refusing":
            raise errors.ModelBusyError("the mock model is busy", "try again in a moment")
        if fault == "garbage":
            text = NONSENSE
        elif fault == "oversized":
            text = '{"x":"' + "x" * OVERSIZED + '"}'
        read = sum(len(message["content"]) for message in prompt.messages) // 4
        return Completion(text, "stop", prompt_tokens=read, answer_tokens=len(text) // 4)
