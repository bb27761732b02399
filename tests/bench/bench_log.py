"""The log of a hundred thousand lines: writing one, the first look, searching, paging; and what the watchdog costs a
window that does nothing. CPU times.

``python -m tests.bench.bench_log`` prints one JSON document.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LINES = 100_000
PAGE = 200
IDLE_S = 10.0


def took(call: Callable[[], Any], times: int = 1) -> float:
    """Milliseconds of processor time of one call."""
    begin = time.process_time()
    for _ in range(times):
        call()
    return round((time.process_time() - begin) / times * 1000, 3)


def fill(file: Path) -> int:
    """The lines of a busy month, a thousand different ones; returns their bytes."""
    from turbulence_app.service.journal import LEVELS, line_of

    def line(number: int) -> bytes:
        detail = {"run_id": f"r-{number}", "users": 20_000, "took": "1.2 s", "lane": "run", "operation": "run"}
        head = {
            "at": "2026-11-28T04:00:00.000+00:00",
            "level": LEVELS[number % 4],
            "source": ("job", "save")[number % 2],
        }
        return line_of({**head, "process": "window", "message": f"Run ended · {number} users", "detail": detail})

    block = b"".join(line(number) for number in range(1000))
    file.write_bytes(block * (LINES // 1000))
    return file.stat().st_size


def watchdog() -> dict[str, float]:
    """Per cent of a processor that an idle loop takes, without and with a watchdog; and one stack in microseconds."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import threading

    from PySide6.QtCore import QCoreApplication, QTimer

    from turbulence_app.gui.watchdog import Watchdog, stack_of

    app = QCoreApplication([])

    def idle() -> None:
        QTimer.singleShot(round(IDLE_S * 1000), app.quit)
        app.exec()

    without = took(idle) / IDLE_S / 10
    dog = Watchdog(lambda: "")
    dog.start()
    with_it = took(idle) / IDLE_S / 10
    dog.close()
    stack = took(lambda: stack_of(threading.get_ident()), 500) * 1000
    return {"idle_percent": round(without, 3), "watched_percent": round(with_it, 3), "stack_us": round(stack, 1)}


def main() -> None:
    """Measure, print."""
    from tests.bench.machine import cpu
    from turbulence_app.service.journal import NAME, journal, log_folder
    from turbulence_app.service.journal_reading import Reader, Wanted

    book = journal()
    book.note("info", "job", "the first line loads what finds personal data")
    note = took(lambda: book.note("info", "job", "Run ended · 20,000 users · 1.2 s", detail={"users": 20_000}), 300)
    size = fill(log_folder() / NAME)
    reader = Reader(log_folder())
    first = took(lambda: reader.search(Wanted()))
    times = {
        "all": took(lambda: reader.search(Wanted()), 5),
        "errors": took(lambda: reader.search(Wanted(levels=("error",))), 5),
        "words": took(lambda: reader.search(Wanted("r-77 ended"))),
        "expression": took(lambda: reader.search(Wanted(r"r-7\d+ .*1\.2", regex=True))),
    }
    number = reader.search(Wanted()).number
    page = took(lambda: reader.page(number, LINES // 2, PAGE), 20)
    print(json.dumps({
        "bench": "log", "cpu": cpu(), "lines": LINES, "bytes": size, "note_ms": note, "first_look_ms": first,
        "search_ms": times, "page_ms": page, "page_lines": PAGE, "watchdog": watchdog(),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TURBULENCE_HOME"] = folder
        main()
