"""What a world cannot have: threads, sockets, other programs, real waiting. Found out by name and place.

Three nets: an audit hook of the interpreter (sockets, programs, devices), replaced functions (threads, waiting for
them), and a count of threads after each world. The error ends the world even where the application swallows it.
"""

from __future__ import annotations

import _thread
import asyncio
import multiprocessing.process
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.engine.world.active import ACTIVE, world

_STAND_IN = "give the application a stand-in for it, for example by a factory that reads a setting"
_THREADS = "use asyncio tasks; plain functions may run with asyncio.to_thread, which is done in line here"
_LOOP = "await what it runs on the loop that is there (asyncio.run and async_to_sync make another one)"
_EVENTS: dict[str, tuple[str, str]] = {
    "socket.connect": ("opens a connection over a real socket", _STAND_IN),
    "socket.bind": ("opens a server socket", _STAND_IN),
    "socket.sendto": ("sends over a real socket", _STAND_IN),
    "socket.getaddrinfo": ("looks up a host name", _STAND_IN),
    "socket.gethostbyname": ("looks up a host name", _STAND_IN),
    "socket.gethostbyaddr": ("looks up a host name", _STAND_IN),
    "subprocess.Popen": ("starts another program", _STAND_IN),
    "os.system": ("starts another program", _STAND_IN),
    "os.posix_spawn": ("starts another program", _STAND_IN),
    "os.exec": ("starts another program", _STAND_IN),
    "os.fork": ("forks", _STAND_IN),
    "os.forkpty": ("forks", _STAND_IN),
    "_thread.start_new_thread": ("starts a thread", _THREADS),
}
_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyaddr")
_DEVICES = frozenset({"/dev/urandom", "/dev/random", "/dev/hwrng"})
_STANDARD = str(Path(os.__file__).parent)
_OURS = str(Path(__file__).parents[2])


def place_of_application(frame: FrameType | None = None) -> tuple[str, Location | None]:
    """The innermost frame of the application's own files: function and place (else of any file not ours).

    Looks from ``frame`` outwards; without one, from the caller.
    """
    asked = frame is None
    frame = frame or sys._getframe(1)
    files: set[str] = set()
    other: tuple[str, Location | None] = ("the application", None)
    while frame is not None:
        name = frame.f_code.co_filename
        if _theirs(name):
            return frame.f_code.co_qualname, Location(shown(name), frame.f_lineno)
        if not name.startswith((_OURS, "<")) and ("site-packages" in name or not name.startswith(_STANDARD)):
            files.add(name)
            if other[1] is None:
                other = frame.f_code.co_qualname, Location(name, frame.f_lineno)
        frame = frame.f_back
    return (_waiting(files) if asked else None) or other


def _waiting(files: set[str]) -> tuple[str, Location | None] | None:
    """Where the project waits for the library's task that runs now: a task of its own that waits in the same files."""
    loop = world()
    found: list[tuple[str, int, str]] = []
    for task in asyncio.all_tasks(loop) if loop is not None else ():
        theirs, inside = None, False
        inner: Any = task.get_coro()
        while inner is not None:
            frame = getattr(inner, "cr_frame", None) or getattr(inner, "ag_frame", None)
            if frame is not None:
                name = frame.f_code.co_filename
                if _theirs(name):
                    theirs, inside = (shown(name), frame.f_lineno, frame.f_code.co_qualname), False
                inside = inside or name in files
            inner = getattr(inner, "cr_await", None) or getattr(inner, "ag_await", None)
        if theirs is not None and inside:
            found.append(theirs)
    if not found:
        return None
    file, line, function = min(found)
    return function, Location(file, line)


def _theirs(name: str) -> bool:
    return (
        bool(ACTIVE.inside)
        and name.startswith(ACTIVE.inside)
        and not name.startswith(_OURS)
        and "site-packages" not in name
    )


def shown(name: str) -> str:
    """A file's name as people write it: from the application's folder on."""
    for folder in ACTIVE.inside:
        if name.startswith(folder):
            return name[len(folder) :].lstrip("/\\")
    return name


def refuse(what: str, advice: str) -> InputError:
    """The error for something that no world can have; the world that runs ends with it."""
    name, where = place_of_application()
    error = InputError(f"{name} {what}", advice, where)
    loop = world()
    if loop is not None and loop.fatal is None:
        loop.fatal = error
    return error


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if ACTIVE.loop is None:
        return
    found = _EVENTS.get(event)
    if found is None:
        if event != "open" or args[0] not in _DEVICES:
            return
        found = f"reads {args[0]}", "use os.urandom or secrets, which come from the world's seed"
    if world() is not None:
        raise refuse(*found)


_INSTALLED: list[bool] = []


def install_hook() -> None:
    """Add the audit hook, once; it looks away where no world runs."""
    if not _INSTALLED:
        _INSTALLED.append(True)
        sys.addaudithook(_hook)


def _guarded(real: Callable[..., Any], what: str, advice: str) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if world() is not None:
            raise refuse(what, advice)
        return real(*args, **kwargs)

    return guarded


def _wait(real: Callable[..., Any]) -> Callable[..., Any]:
    def wait(self: threading.Condition, timeout: float | None = None) -> Any:
        if world() is not None and (timeout is None or timeout > 0):
            raise refuse("waits for another thread, and there is none", _THREADS)
        return real(self, timeout)

    return wait


def _start(real: Callable[..., None]) -> Callable[..., None]:
    def start(self: threading.Thread) -> None:
        if world() is None:
            real(self)
        elif getattr(getattr(self, "_target", None), "__module__", "") == "asgiref.sync":
            # asgiref (Django) joins an executor in a thread of its own; nothing ever ran in that executor here
            self.run()
        else:
            raise refuse("starts a thread", _THREADS)

    return start


def guard_patches() -> list[tuple[Any, str, Any]]:
    """What replaces the ways to threads and processes."""
    start = threading.Thread.start
    new_loop = _guarded(asyncio.new_event_loop, "starts an event loop of its own", _LOOP)
    process = multiprocessing.process.BaseProcess.start
    return [
        (threading.Thread, "start", _start(start)),
        (_thread, "start_new_thread", _guarded(_thread.start_new_thread, "starts a thread", _THREADS)),
        (asyncio, "new_event_loop", new_loop),
        (asyncio.events, "new_event_loop", new_loop),
        (threading.Condition, "wait", _wait(threading.Condition.wait)),
        (multiprocessing.process.BaseProcess, "start", _guarded(process, "starts another process", _STAND_IN)),
        # also where another hook of this process refuses them first, which the application could swallow
        *((socket, name, _guarded(getattr(socket, name), "looks up a host name", _STAND_IN)) for name in _LOOK_UPS),
    ]


def new_threads(before: int) -> InputError | None:
    """The error for a world that left a thread behind, by whatever way it was started."""
    if _thread._count() <= before:
        return None
    return InputError("the application started a thread on a way that is not seen", _THREADS)
