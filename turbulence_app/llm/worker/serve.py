"""The protocol of the model's process: one JSON object per line in, one per line out.

Requests: ``{"op": NAME, "id": n, "seconds": s, ...}`` with a name of ``OPS``, or ``cancel`` and ``quit``. Events:
``hello`` (what is here, and what keeps it off the network), ``tick`` (how far), ``beat`` (still alive), the answer's
own name (``loaded``, ``done``, ...), ``error`` (with a reason), ``bye`` (idle for too long; the memory is given back).
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from turbulence_app.llm.worker import engine, selftest
from turbulence_app.llm.worker.channel import Say, beat, listen
from turbulence_app.llm.worker.engine import Engine, Tell, Tick
from turbulence_app.llm.worker.limit import EngineError, Limit

CONFINEMENT = "TURBULENCE_CONFINEMENT"
"""Set by the launcher: level of confinement, and whether its test found it closed."""


@dataclass(frozen=True, slots=True)
class Op:
    """One kind of request: the name of its answer, and what does it (engine, request, ticks)."""

    answer: str
    run: Callable[[Engine, dict[str, Any], Tell], dict[str, Any]]


def _load(model: Engine, request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    model.idle_s = request.get("idle_s")
    return model.load(request["path"], int(request["context"]), int(request["threads"]), tell)


OPS: dict[str, Op] = {
    "load": Op("loaded", _load),
    "warm": Op("warmed", lambda model, request, tell: model.warm(request["messages"], tell)),
    "count_tokens": Op("counted", lambda model, request, _tell: model.count(request["messages"])),
    "score": Op("scored", lambda model, request, tell: model.scorer.score(request, tell)),
    "generate": Op("done", lambda model, request, tell: model.generate(request, tell)),
}


def main() -> None:
    """Says hello, then serves until told to quit, left alone for too long, or orphaned."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent decides what it means
    _no_core_file()
    say, limit, requests = Say(), Limit(), queue.Queue[dict[str, Any]]()
    try:
        version, system = engine.versions()
    except Exception as error:
        say("error", id=None, reason="absent", message=f"llama-cpp-python cannot be imported: {error}"[:500])
        return
    say("hello", pid=os.getpid(), egress=_egress(), version=version, system=system)
    done = threading.Event()
    threading.Thread(target=listen, args=(requests, limit), daemon=True).start()
    threading.Thread(target=beat, args=(say, limit, done), daemon=True).start()
    model = Engine(limit)
    while (request := _next(requests, model)) is not None and request.get("op") != "quit":
        _serve(model, request, limit, say)
    say("bye", reason="idle" if request is None else "quit")
    sys.stderr.flush()
    os._exit(0)  # the system frees faster than llama.cpp does, and nothing is left to write


def _next(requests: queue.Queue[dict[str, Any]], model: Engine) -> dict[str, Any] | None:
    """The next request; None after ``idle_s`` seconds without one."""
    try:
        return requests.get(timeout=model.idle_s)
    except queue.Empty:
        return None


def _serve(model: Engine, request: dict[str, Any], limit: Limit, say: Say) -> None:
    number = request.get("id")

    def tell(tick: Tick) -> None:
        limit.polls += 1
        say("tick", id=number, **asdict(tick))

    limit.start(number, float(request.get("seconds", 60.0)))
    try:
        op = OPS.get(str(request.get("op")))
        if op is None:
            raise EngineError("model", f"unknown request {request.get('op')!r}")
        say(op.answer, id=number, **op.run(model, request, tell))
    except EngineError as error:
        say("error", id=number, reason=error.reason, message=str(error)[:500])
    except MemoryError:
        say("error", id=number, reason="memory", message="the memory of this computer is used up")
    except Exception as error:  # templates of a model raise what they like; the process goes on
        say("error", id=number, reason="model", message=f"{type(error).__name__}: {error}"[:500])
    finally:
        limit.end()


def _egress() -> dict[str, Any]:
    """What the launcher put in force, and what native code finds now that llama.cpp is in this process."""
    level, _, state = os.environ.get(CONFINEMENT, "none open").partition(" ")
    native = selftest.native_network()
    return {"level": level, "closed": state.startswith("closed"), "native": native}


def _no_core_file() -> None:
    """A crash must not write what the model was reading to the disk."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
