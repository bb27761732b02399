"""A GGUF file through llama.cpp, in a process of its own that has no network."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import math
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors, gguf, memory
from turbulence_app.llm.backends.base import Completion, Messages, Prompt, Question, Scored, ShouldStop, Sign, Tick
from turbulence_app.llm.worker.client import MEND, IdleExitError, Worker

DEFAULT_CONTEXT = 4096
LOAD_S = 120.0
WAIT_S = 0.05
LEAST_START_S = 2.0
"""A process gets so many seconds to say hello, whatever the deadline."""
IDLE_S = 600.0
"""Seconds without a question after which the model's memory is given back."""
WAY = "batch 512; no flash attention; prefix-state v1; own sampler v1; forced text v1"
"""How answers are computed; a change of any of this changes their last bits, and so the key of the cache."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What keeps a model's process off the network, as it found it itself.

    ``level`` is the means (``seccomp``, ``netns``, ... ``none``), ``closed`` what Python found, ``native`` what native
    code found (``closed``, ``open``, ``unknown``).
    """

    level: str
    closed: bool
    native: str

    @classmethod
    def of(cls, hello: dict[str, Any]) -> Confinement:
        """From the first event of a worker."""
        said = hello.get("egress", {})
        return cls(str(said.get("level", "none")), said.get("closed") is True, str(said.get("native", "unknown")))

    @property
    def sealed(self) -> bool:
        """Whether native code too was refused, when it was tried."""
        return self.closed and self.native == "closed"


def confinement() -> Confinement:
    """Starts a process as for a model, without one, and asks what it finds. Raises a ``ModelError`` if it cannot."""
    worker = Worker()
    worker.close()
    return Confinement.of(worker.hello)


def installed() -> bool:
    """Whether the extra ``llama`` is here (looked up, not imported: native code stays out of this process)."""
    return importlib.util.find_spec("llama_cpp") is not None


class LlamaCppBackend:
    """One model file. The process starts with the first question and stays; it ends by itself after ``idle_s`` seconds
    without one, to give the memory back, and ``close`` ends it at once."""

    name = "llamacpp"
    modes: ClassVar[tuple[str, ...]] = ("json", "logits")

    def __init__(
        self,
        path: Path,
        *,
        model: str = "",
        sha256: str = "",
        context: int = DEFAULT_CONTEXT,
        threads: int | None = None,
        idle_s: float = IDLE_S,
        start: Callable[[], Worker] | None = None,
    ) -> None:
        self.path = path
        self.model = model or path.name
        self.threads = threads or _processors()
        self._digest = sha256
        self._context = context
        self._idle_s, self._start = idle_s, start
        self._lock, self._closing = threading.Lock(), threading.Event()
        self._worker: Worker | None = None
        self._load_ms = 0.0

    @property
    def hello(self) -> dict[str, Any]:
        """What the running process said of itself (version, processor features, confinement); empty before."""
        return self._worker.hello if self._worker else {}

    @property
    def pid(self) -> int | None:
        """Process id of the running model, if any."""
        return self._worker.pid if self._worker and self._worker.alive else None

    @property
    def confinement(self) -> Confinement | None:
        """What keeps the running process off the network; None before it has started."""
        return Confinement.of(self._worker.hello) if self._worker else None

    def digest(self) -> str:
        """SHA-256 of the file; read once."""
        if not self._digest:
            gguf.read_header(self.path)
            self._digest = gguf.sha256(self.path)
        return self._digest

    def version(self) -> str:
        """Library, processor and settings. Known without starting the process, so that a cached answer costs none."""
        library = metadata.version("llama-cpp-python")
        return f"llama-cpp-python {library}; {_processor()}; context {self._context}; {WAY}"

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers inside the grammar. The deadline counts the loading of the model too."""
        done = self.ask(
            "generate",
            "done",
            prompt.seconds,
            on_tick=on_tick,
            should_stop=should_stop,
            messages=list(prompt.messages),
            grammar=prompt.grammar.text,
            max_chars=prompt.grammar.max_chars,
            seed=prompt.seed,
            temperature=prompt.temperature,
        )
        return Completion(
            str(done["text"]),
            str(done["finish"]),
            prompt_tokens=int(done["prompt_tokens"]),
            answer_tokens=int(done["answer_tokens"]),
            prompt_ms=float(done["prompt_ms"]),
            answer_ms=float(done["answer_ms"]),
            load_ms=float(done["load_ms"]),
        )

    def score(
        self,
        questions: Sequence[Question],
        stem: Messages,
        seconds: float,
        on_tick: Tick | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Scored:
        """How probable the model finds the answers of each question; see :class:`ScoringBackend`."""
        done = self.ask(
            "score",
            "scored",
            seconds,
            on_tick=on_tick,
            should_stop=should_stop,
            questions=[{"messages": list(q.messages), "answers": list(q.answers), "whole": q.whole} for q in questions],
            stem=list(stem),
        )
        shares = tuple(tuple(float(share) for share in row) for row in done["shares"])
        if [len(row) for row in shares] != [len(q.answers) for q in questions]:
            raise errors.ModelGarbageError("the model's process answered other questions than were asked")
        if not all(math.isfinite(share) for row in shares for share in row):
            raise errors.ModelGarbageError("the model's numbers are not finite; its file may be damaged")
        took = {"score_ms": float(done["score_ms"]), "load_ms": float(done["load_ms"])}
        return Scored(shares, int(done["tokens"]), int(done["kept"]), **took)

    def warm(self, messages: Messages, seconds: float = LOAD_S, on_tick: Tick | None = None) -> int:
        """Loads the model and evaluates the fixed beginning of such prompts ahead of time; says how many tokens."""
        return int(self.ask("warm", "warmed", seconds, on_tick=on_tick, messages=list(messages))["prefix_tokens"])

    def get_ready(self, messages: Messages, seconds: float, should_stop: ShouldStop | None = None) -> None:
        """See :class:`turbulence_app.llm.backends.base.ReadyBackend`."""
        self.ask("warm", "warmed", seconds, should_stop=should_stop, messages=list(messages))

    def count_tokens(self, messages: Messages, seconds: float = LOAD_S) -> tuple[int, int]:
        """Tokens of a prompt in the model's own template, and of the context."""
        found = self.ask("count_tokens", "counted", seconds, messages=list(messages))
        return int(found["prompt_tokens"]), int(found["context"])

    def ask(
        self,
        op: str,
        answer: str,
        seconds: float,
        *,
        on_tick: Tick | None = None,
        should_stop: ShouldStop | None = None,
        **data: Any,
    ) -> dict[str, Any]:
        """One request to the process, which is started and loaded first if need be; all of it within ``seconds``.

        The answer's ``load_ms`` is what loading took this time.
        """
        until = time.monotonic() + seconds
        tell = (lambda event: on_tick(Sign.of(event))) if on_tick else None

        def stop() -> bool:
            return self._closing.is_set() or (should_stop is not None and should_stop())

        with self._turn(until, stop):
            for attempt in (1, 2):
                worker = self._ready(min(LOAD_S, until - time.monotonic()), tell, stop)
                left = until - time.monotonic()
                if left <= 0:
                    raise errors.ModelTimeoutError(f"loading {self.model} took all of the {seconds:g} s")
                try:
                    found = worker.request(op, answer, left, on_tick=tell, should_stop=stop, **data)
                except IdleExitError:
                    if attempt == 2:
                        raise
                    continue
                return {**found, "load_ms": self._load_ms}
        raise AssertionError("the second try answers or raises")

    def close(self) -> None:
        """Ends the process; a question that it is working on is called off."""
        self._closing.set()
        try:
            with self._lock:
                if self._worker:
                    self._worker.close()
                    self._worker = None
        finally:
            self._closing.clear()

    @contextlib.contextmanager
    def _turn(self, until: float, stop: ShouldStop) -> Iterator[None]:
        """One question at a time. Whoever waits hears a stop, and waits no longer than its own deadline."""
        while not self._lock.acquire(timeout=WAIT_S):
            if stop():
                raise CancelledError("stopped while the model worked for somebody else")
            if time.monotonic() > until:
                raise errors.ModelBusyError(f"{self.model} was busy with other questions all the time")
        try:
            yield
        finally:
            self._lock.release()

    def _ready(self, seconds: float, tell: Callable[[dict[str, Any]], None] | None, stop: ShouldStop | None) -> Worker:
        self._load_ms = 0.0
        if self._worker and self._worker.alive:
            return self._worker
        if self._worker:
            self._worker.close()
            self._worker = None
        if not installed():
            raise errors.ModelAbsentError("llama-cpp-python is not installed", MEND)
        header = gguf.read_header(self.path)
        if header.architecture == "bert":
            raise errors.ModelFileError(f"{self.path.name} is an embedding model", "add a chat model instead")
        context = min(self._context, header.context_length or self._context)
        memory.require(header, context, self.model)
        began = time.monotonic()
        start = self._start or functools.partial(Worker, start_s=max(LEAST_START_S, seconds), should_stop=stop)
        worker = start()
        try:
            worker.request(
                "load",
                "loaded",
                max(0.1, seconds - (time.monotonic() - began)),
                on_tick=tell,
                should_stop=stop,
                path=str(self.path.resolve()),
                context=context,
                threads=self.threads,
                idle_s=self._idle_s,
            )
        except BaseException:
            worker.kill()
            raise
        self._load_ms = 1000 * (time.monotonic() - began)
        self._worker = worker
        return worker


def _processors() -> int:
    """Processors that this process may use (the number does not change the answers: measured)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


@functools.cache
def _processor() -> str:
    """The kind of processor: another set of instructions adds up in another order and may answer otherwise."""
    features = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        features = next((line for line in lines if line.lower().startswith(("flags", "features"))), "")
    known = features or platform.processor()
    return f"{platform.machine()} {sha256(known.encode()).hexdigest()[:12]}"
