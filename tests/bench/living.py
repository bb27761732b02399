"""A real event loop that lives until something holds, as the program has one; imports Qt only when it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def live_until(done: Callable[[], Any], seconds: float, look_ms: int = 20) -> bool:
    """Whether ``done`` held at a look within so many seconds.

    Once is enough, and it is not asked again: when the loop has ended the next thing may be under way already.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    loop, end = QEventLoop(), time.monotonic() + seconds
    came = False

    def look() -> None:
        nonlocal came
        came = came or bool(done())
        if came or time.monotonic() > end:
            loop.quit()

    poll = QTimer(interval=look_ms)
    poll.timeout.connect(look)
    poll.start()
    loop.exec()
    return came
