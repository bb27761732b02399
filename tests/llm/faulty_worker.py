"""The model's process with faults that a test can ask for. Run like the real one, in its place."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

from turbulence_app.llm.worker import selftest, serve
from turbulence_app.llm.worker.engine import Engine

COMMAND = ("-P", "-m", "turbulence_app.privacy.confined", "tests.llm.faulty_worker")


def crash(*_):
    ctypes.string_at(0)


def abort(*_):
    os.write(2, b"ggml: a last word\n\n")
    os.abort()


def hold(*_):
    """Sleeps in native code that never gives Python the turn back."""
    ctypes.PyDLL(None).pause()


def stand(*_):
    """Sleeps in native code while the rest of the process lives."""
    ctypes.CDLL(None).pause()


def leave(*_):
    os._exit(7)


def many(*_):
    raise MemoryError


def too_new(*_):
    os.kill(os.getpid(), signal.SIGILL)  # what the kernel sends for an instruction that the processor does not have


for name, fault in {
    "too new": too_new,
    "crash": crash,
    "abort": abort,
    "hold": hold,
    "stand": stand,
    "leave": leave,
    "many": many,
}.items():
    serve.OPS[name] = serve.Op("never", fault)
serve.OPS["network"] = serve.Op("tried", lambda *_: {"native": selftest.native_network()})
serve.OPS["peek"] = serve.Op("peeked", lambda *_: {"environment": sorted(os.environ), "core": core_limit()})


def core_limit():
    import resource

    return resource.getrlimit(resource.RLIMIT_CORE)[0]


class SlowLoading(Engine):
    """Takes its time at every step of loading."""

    def load(self, path, context, threads, tell):
        def slow(tick):
            tell(tick)
            time.sleep(0.02)

        return super().load(path, context, threads, slow)


if __name__ == "__main__":
    serve.Engine = SlowLoading if "slow" in sys.argv else Engine
    serve.main()
