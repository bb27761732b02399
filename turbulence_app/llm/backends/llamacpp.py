"""A GGUF file through llama.cpp, in a process of its own that has no network."""

from __future__ import annotations

import functools
import importlib.util
import os
import platform
import threading
import time
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

from turbulence_app.llm import errors, gguf
from turbulence_app.llm.backends.base import Completion, Prompt, ShouldStop, Tick
from turbulence_app.llm.worker.client import MEND, Worker

DEFAULT_CONTEXT = 4096
LOAD_S = 120.0


def installed() -> bool:
    """Whether the extra ``llama`` is here (looked up, not imported: native code stays out of this process)."""
    return importlib.util.find_spec("llama_cpp") is not None


class LlamaCppBackend:
    """One model file. The process starts with the first question and stays; ``close`` ends it."""

    name = "llamacpp"
    modes: ClassVar[tuple[str, ...]] = ("json",)

    def __init__(
        self,
        path: Path,
        *,
        model: str = "",
        sha256: str = "",
        context: int = DEFAULT_CONTEXT,
        threads: int | None = None,
    ) -> None:
        self.path = path
        self.model = model or path.name
        self.threads = threads or _processors()
        self._digest = sha256
        self._context = context
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self.load_ms = 0.0

    @property
    def hello(self) -> dict[str, Any]:
        """What the running process said of itself (version, processor features, confinement); empty before."""
        return self._worker.hello if self._worker else {}

    @property
    def pid(self) -> int | None:
        """Process id of the running model, if any."""
        return self._worker.pid if self._worker and self._worker.alive else None

    def digest(self) -> str:
        """SHA-256 of the file; read once."""
        if not self._digest:
            gguf.read_header(self.path)
            self._digest = gguf.sha256(self.path)
        return self._digest

    def version(self) -> str:
        """Library, processor and settings. Known without starting the process, so that a cached answer costs none."""
        settings = f"context {self._context}; batch 512; temperature 0; no flash attention; fresh cache"
        return f"llama-cpp-python {metadata.version('llama-cpp-python')}; {_processor()}; {settings}"

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers inside the grammar. The deadline counts the loading of the model too."""
        began = time.monotonic()
        with self._lock:
            worker = self._ready(min(LOAD_S, prompt.seconds), should_stop)
            left = prompt.seconds - (time.monotonic() - began)
            if left <= 0:
                raise errors.ModelTimeoutError(f"loading {self.model} took all of the {prompt.seconds:g} s")
            done = worker.request(
                "generate",
                "done",
                left,
                on_tick=on_tick,
                should_stop=should_stop,
                messages=list(prompt.messages),
                grammar=prompt.grammar.text,
                max_chars=prompt.grammar.max_chars,
                seed=prompt.seed,
            )
        return Completion(str(done["text"]), str(done["finish"]))

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            if self._worker:
                self._worker.close()
                self._worker = None

    def _ready(self, seconds: float, should_stop: ShouldStop | None = None) -> Worker:
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
        worker = Worker()
        try:
            loaded = worker.request(
                "load",
                "loaded",
                seconds,
                should_stop=should_stop,
                path=str(self.path.resolve()),
                context=context,
                threads=self.threads,
            )
        except BaseException:
            worker.kill()
            raise
        self.load_ms = float(loaded["elapsed_ms"])
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
