"""Ctrl-C: while the program loads it leaves at once; at work, the first one asks to stop and keeps what is done, the
second one insists; at the end, when everything is done, it is not heard any more."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


def leave_at_once() -> None:
    """Until :func:`listen`, SIGINT ends the process quietly: nothing is begun, and an exception among imports would
    come out as a traceback. Ignored signals (a job in the background) stay ignored."""
    if _main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)


def listen() -> None:
    """From now on SIGINT raises ``KeyboardInterrupt``, as it usually does."""
    if _main_thread() and signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def call_once(act: Callable[[], None]) -> None:
    """The first SIGINT calls ``act``, which ends the program in its own way; a second one ends it at once."""

    def asked(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, _leave)
        act()

    if _main_thread() and signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, asked)


def deaf() -> None:
    """The exit status is decided; a late SIGINT would only be a traceback out of the interpreter's last steps."""
    if _main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def cancellable() -> Iterator[threading.Event]:
    """An event that SIGINT (and SIGTERM) sets while the block runs; a second SIGINT raises ``KeyboardInterrupt``."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    if not _main_thread():
        yield stop
        return
    before: dict[int, Any] = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(_number: int, _frame: FrameType | None) -> None:
    os._exit(130)


def _main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
