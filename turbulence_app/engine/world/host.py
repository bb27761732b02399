"""An engine process for applications: ``python -m turbulence_app.engine.world.host``.

Applications are imported there and nowhere else, so that they can neither disturb nor be disturbed. The process has a
fixed hash seed and UTC, its standard output goes to standard error, and the conversation (one JSON line per message)
runs on pipes of its own. It ends with its parent.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from turbulence_app.domain.errors import CancelledError, InputError, KnownError, Location, MachineError
from turbulence_app.engine.child import launcher
from turbulence_app.engine.world.patience import PATIENCE_S, stands_in

GRACE_S = 3.0
"""How long a process may take to stop when it is asked to, before it is ended."""
LOOK_S = 0.05
SILENCE_S = 10.0
"""How much longer than the watchdog's patience nothing at all may be heard."""
TOLD_S = 0.5
_OWN = "turbulence_app.engine."


def environment(hash_seed: int = 0) -> dict[str, str]:
    """The environment of a process in which worlds run: the same everywhere, as far as it decides anything."""
    path = os.pathsep.join(p for p in sys.path if p)
    fixed = {"PYTHONHASHSEED": str(hash_seed), "TZ": "UTC", "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    return {**os.environ, **fixed}


class Host:
    """One engine process, from the caller's side; a context manager."""

    def __init__(self, hash_seed: int = 0, patience_s: float = PATIENCE_S) -> None:
        self._silence_s = patience_s + SILENCE_S
        command = [sys.executable, "-m", *launcher(()), "turbulence_app.engine.world.host", str(patience_s)]
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(hash_seed), text=True,
                encoding="utf-8",
            )  # fmt: skip
        except OSError as error:
            raise MachineError(f"no engine process could be started: {error}", "see that memory is left") from error
        self._inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._silent = 0
        self._dumped: list[str] = []
        self._thread = threading.Thread(target=self._read, name="engine process reader", daemon=True)
        self._thread.start()

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def call(
        self,
        function: str,
        payload: dict[str, Any],
        *,
        on_message: Callable[[dict[str, Any]], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Any:
        """What ``module:function`` of the engine gives there; known errors are raised here as they were there.

        When ``should_stop`` says so, the function is asked to come to an end and its result is still given; where it
        does not, the process is ended and :class:`CancelledError` raised.
        """
        self.start(function, payload)
        stopping = 0.0
        while True:
            message = self._next()
            if message is not None:
                if "told" in message:
                    if on_message is not None:
                        on_message(message["told"])
                    continue
                return _result(message)
            if stopping and time.monotonic() - stopping > GRACE_S:
                self.close()
                raise CancelledError("stopped")
            if not stopping and should_stop is not None and should_stop():
                stopping = time.monotonic()
                self._send({"stop": True})

    def start(self, function: str, payload: dict[str, Any]) -> None:
        """Ask without waiting; :meth:`finish` waits."""
        self._silent = 0
        self._send({"call": function, "payload": payload})

    def finish(self, should_stop: Callable[[], bool] | None = None) -> Any:
        """The result of what was started."""
        while True:
            message = self._next()
            if message is not None and "told" not in message:
                return _result(message)
            if message is None and should_stop is not None and should_stop():
                self.close()
                raise CancelledError("stopped")

    def _next(self) -> dict[str, Any] | None:
        """The next message; None where none came for a moment."""
        try:
            message = self._inbox.get(timeout=LOOK_S)
        except queue.Empty:
            self._silent += 1
            if self._silent * LOOK_S > self._silence_s:
                raise self._deaf() from None
            return None
        if message is None:
            raise self._death()
        self._silent = 0
        return None if "beat" in message else message

    def _deaf(self) -> MachineError:
        """The process does not even say that it lives: native code holds the interpreter. Where, as far as told."""
        where = None
        if hasattr(signal, "SIGUSR1"):
            self.process.send_signal(signal.SIGUSR1)
            time.sleep(TOLD_S)
            where = stands_in(tuple(self._dumped))
        self.close()
        mend = "see what calls into native code there: a regular expression, a lock, a C extension"
        return MachineError("the application holds the interpreter and never lets go", mend, where)

    def _death(self) -> MachineError:
        status = self.process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        mend = "the application may have ended it (os._exit, a crash in native code), or memory was short"
        return MachineError(f"the engine process {how}", mend)

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()
        except OSError:
            return  # its end shows in the inbox

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self._inbox.put(json.loads(line))
            except ValueError:
                self._dumped.append(line)  # the interpreter's own words
        self._inbox.put(None)

    def close(self) -> None:
        """End the process, whatever it is doing; again is harmless."""
        self.process.kill()
        self.process.wait()
        self._thread.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue


def _result(message: dict[str, Any]) -> Any:
    if "done" in message:
        return message["done"]
    problem = message.get("refused")
    if problem is None:
        raise MachineError(f"the engine process failed: {message.get('error')}", "please report it")
    where = Location(problem["file"], problem["line"]) if problem["file"] else None
    kind = {2: InputError, 3: MachineError, 130: CancelledError}.get(problem["status"], InputError)
    raise kind(problem["message"], problem["mend"], where)


class _Caller:
    """The link back, inside of the process."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._saying = threading.Lock()
        self.busy = False
        """Whether somebody waits for a result."""
        self.calls: queue.Queue[dict[str, Any]] = queue.Queue()
        self._stop = False

    def tell(self, message: dict[str, Any]) -> None:
        self.say({"told": message})

    def should_stop(self) -> bool:
        return self._stop

    def say(self, message: dict[str, Any]) -> None:
        """One line."""
        with self._saying:
            self._out.write(json.dumps(message) + "\n")
            self._out.flush()

    def refused(self, error: KnownError) -> None:
        """A known error, as a message."""
        problem = error.problem
        where = problem.where
        self.say({"refused": {
            "message": problem.message, "mend": problem.mend, "status": int(error.exit_status),
            "file": where.file if where else "", "line": where.line if where else 0,
        }})  # fmt: skip

    def listen(self) -> None:
        """Read what the parent says; when it is gone, so is this process."""
        for line in sys.stdin:
            message = json.loads(line)
            if "stop" in message:
                self._stop = True
            else:
                self._stop = False
                self.calls.put(message)
        os._exit(0)


def main() -> None:
    """Do what is asked, until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    if hasattr(time, "tzset"):
        time.tzset()
    from turbulence_app.engine.world import execute  # noqa: F401 - everything that an application shares with it
    from turbulence_app.engine.world.patches import patches
    from turbulence_app.engine.world.printed import keep_prints
    from turbulence_app.engine.world.watchdog import watch

    held = patches()
    held.install()  # what the application's libraries take from the standard library at their import is the world's
    gc.freeze()
    caller = _Caller(out)
    threading.Thread(target=caller.listen, name="listener", daemon=True).start()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, file=out, all_threads=False)
    watch(caller, float(sys.argv[1]))
    keep_prints()
    while True:
        asked = caller.calls.get()
        caller.busy = True
        _answer(caller, asked)
        caller.busy = False


def _answer(caller: _Caller, message: dict[str, Any]) -> None:
    module, _, name = message["call"].partition(":")
    try:
        if not module.startswith(_OWN):
            raise InputError(f"{message['call']} is no function of the engine")
        function = getattr(importlib.import_module(module), name)
        caller.say({"done": function(message["payload"], caller)})
    except KnownError as error:
        caller.refused(error)
    except BrokenPipeError:
        os._exit(0)
    except Exception as error:
        import traceback

        traceback.print_exc(file=sys.__stderr__)
        caller.say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()
