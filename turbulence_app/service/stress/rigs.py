"""Gateways to be stressed: over the mock model, over processes that misbehave, or over the real thing."""

from __future__ import annotations

import contextlib
import json
import random
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.llm.backends.base import ShouldStop, TextBackend
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.backends.ollama import OllamaBackend
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.cache.settings import CacheSettings
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.ladder import Ladder, Rung
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.llm.worker.client import Patience, Worker
from turbulence_app.service.stress import scripted_server, scripted_worker
from turbulence_app.service.stress.answers import drawn
from turbulence_app.service.stress.mock import MockModel
from turbulence_app.service.stress.settings import StressSettings
from turbulence_app.store.cache import PolicyCacheStore
from turbulence_app.store.database import Database

CAPACITY = 256
"""Answers that the cache may hold in memory: so few that it has to forget while it is watched."""


@dataclass(frozen=True, slots=True)
class Rig:
    """A gateway and how often its model was made to misbehave so far, by fault."""

    gateway: Gateway
    injected: Callable[[], Counter[str]]


class TwoRungs(Ladder):
    """The backend under stress, and the rules below it."""

    def __init__(self, first: Rung, close: Callable[[], object] = lambda: None) -> None:
        super().__init__(ModelRegistry(), None, (), None)
        rules = RulesBackend()
        self._both = (first, Rung("rules", rules.model, rules.digest, "1", "rules", document=rules))
        self._close = close

    def rungs(
        self,
        backend: str,  # noqa: ARG002
        model: str | None,  # noqa: ARG002
        mode: str | None,  # noqa: ARG002
        left: Callable[[], float] = float,  # noqa: ARG002
        should_stop: ShouldStop | None = None,  # noqa: ARG002
    ) -> Iterator[Rung]:
        """Always the same two."""
        yield from self._both

    def close(self) -> None:
        """Ends what the first one started."""
        self._close()


@contextlib.contextmanager
def rig(settings: StressSettings, schema: dict[str, Any], folder: Path, home: Path) -> Iterator[Rig]:
    """What is asked for, with a database in ``folder`` (a temporary one). Raises ``MachineError`` where a real backend
    is not to be had."""
    with contextlib.ExitStack() as stack:
        database = Database(folder / "stress.db")
        stack.callback(database.close)
        ladder, injected = _ladder(settings, schema, folder, home, stack)
        behaviour = GatewaySettings(cache=CacheSettings(capacity=CAPACITY))
        gateway = Gateway(PolicyCacheStore(database), settings=behaviour, rng=random.Random(settings.seed))
        gateway.ladder = ladder
        stack.callback(gateway.close)
        yield Rig(gateway, injected)


Injected = Callable[[], "Counter[str]"]


def _ladder(
    settings: StressSettings, schema: dict[str, Any], folder: Path, home: Path, stack: contextlib.ExitStack
) -> tuple[Ladder, Injected]:
    if settings.backend == "mock":
        mock = MockModel(
            latency_s=settings.latency_ms / 1000,
            parallel=settings.parallel,
            faults=settings.faults,
            fault_rate=settings.fault_rate,
            seed=settings.seed,
        )
        return TwoRungs(_rung("mock", mock)), lambda: mock.injected
    if not settings.faults:
        return _real(settings, home), Counter
    script = {
        "faults": settings.faults,
        "fault_rate": settings.fault_rate,
        "seed": settings.seed,
        "latency_s": settings.latency_ms / 1000,
        "answer": json.dumps(drawn(schema, random.Random(settings.seed)), separators=(",", ":")),
        "log": str(folder / "faults.log"),
    }
    make = _scripted_llamacpp if settings.backend == "llamacpp" else _scripted_ollama
    backend = make(settings, json.dumps(script), folder, stack)
    return TwoRungs(_rung(settings.backend, backend), backend.close), lambda: _logged(Path(str(script["log"])))


def _real(settings: StressSettings, home: Path) -> Ladder:
    """The backend itself; found once, so that the run begins with it or not at all."""
    ladder = Ladder(ModelRegistry(home), None, (), None)
    first = next(ladder.rungs(settings.backend, settings.model, None))
    return TwoRungs(first, ladder.close)


def _scripted_llamacpp(settings: StressSettings, script: str, folder: Path, _: contextlib.ExitStack) -> LlamaCppBackend:
    command = ("-I", scripted_worker.__file__, script)
    patience = Patience(silent_s=max(2.0, settings.budget_ms / 1000))
    model = folder / "scripted.gguf"
    model.write_bytes(_least_model())
    return LlamaCppBackend(
        model, model="scripted", sha256="5c" * 32, start=lambda: Worker(sys.executable, command, patience)
    )


def _scripted_ollama(settings: StressSettings, script: str, _: Path, stack: contextlib.ExitStack) -> OllamaBackend:
    server = subprocess.Popen(
        [sys.executable, "-I", scripted_server.__file__, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    stack.callback(_end, server)
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    if not port.isdigit():
        raise MachineError("the server that misbehaves did not start", "try again")
    return OllamaBackend(scripted_server.MODEL, url=f"http://127.0.0.1:{int(port)}", parallel=settings.parallel)


def _end(server: subprocess.Popen[bytes]) -> None:
    """It ends with its input; if not, it is ended."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.close()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    server.stdout.close()


def _rung(name: str, backend: TextBackend) -> Rung:
    return Rung(name, backend.model, backend.digest(), backend.version(), "json", text=backend)


def _logged(path: Path) -> Counter[str]:
    """A line per fault."""
    return Counter(path.read_text(encoding="ascii").split()) if path.exists() else Counter()


def _least_model() -> bytes:
    """The smallest GGUF file that passes for a model: an architecture, a context length, one tensor of zeros."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode("ascii")

    entries = text("general.architecture") + struct.pack("<I", 8) + text("llama")
    entries += text("llama.context_length") + struct.pack("<II", 4, 8192)
    tensor = text("token_embd.weight") + struct.pack("<IQIQ", 1, 32, 0, 0)  # one dimension of 32, F32, at offset 0
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 2) + entries + tensor
    return head + bytes(-len(head) % 32 + 4 * 32)
