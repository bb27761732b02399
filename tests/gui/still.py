"""A world that stands still, for pictures: what happens in it takes the same time, at one moment, on every computer.

Everything that the window shows of the machine comes through the service's client and a clock of its own; both are
replaced here, so that nothing has to be painted over afterwards.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from PySide6.QtCore import QAbstractAnimation, QLocale, QPoint, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.settings import where
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client

MOMENT = datetime(2026, 2, 19, 21, 17, tzinfo=UTC)
TOOK: dict[str, float] = {"elapsed_s": 0.2, "elapsed_ms": 50.0, "rate": 100_000.0}
"""What took as long as the machine needed, by the name under which the service tells it."""
ANSWER_MS = 20
AWAY = QPoint(-50, -50)
"""Where the mouse is: over nothing."""
_MOMENTS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_ONCE = frozenset({"telemetry", "cache_stats"})
"""Asked again and again: the first answer, of before anything happened, stays."""
MODELS = [
    ("builtin", "builtin", True, "ships with the program", "", ""),
    ("llamacpp", "", False, "", "no model file yet", "`turbulence models add FILE.gguf`"),
    ("ollama", "http://127.0.0.1:11434", False, "", "no Ollama server answers", "start it with: ollama serve"),
    ("rules", "rules", True, "no model: keywords and defaults", "", ""),
]  # fmt: skip


def stilled(value: Any, began: str) -> Any:
    """The same data, in which what happened after ``began`` happened at :data:`MOMENT` and took its usual time."""
    if isinstance(value, BaseModel):
        fields = {name: _field(name, getattr(value, name), began) for name in type(value).model_fields}
        return value.model_copy(update=fields)
    if isinstance(value, Mapping):
        return {name: _field(name, one, began) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(stilled(one, began) for one in value)
    if isinstance(value, str) and _MOMENTS.fullmatch(value) and value >= began:
        return MOMENT.isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


def _field(name: Any, value: Any, began: str) -> Any:
    return TOOK[name] if name in TOOK and value else stilled(value, began)


def models() -> dict[str, Any]:
    """A computer on which no model was installed."""
    names = ("backend", "name", "available", "detail", "why", "mend")
    rest = {"default": False, "digest": "", "size_bytes": 0, "path": "", "state": ""}
    return {"models": [dict(zip(names, one, strict=True)) | rest for one in MODELS]}


def log() -> dict[str, Any]:
    """A few lines of the log."""
    told = [
        ("warning", "notice", "charged_once broken: 110 of 20,000 users", {"place": "run"}),
        ("info", "verdict", "charged_once: the first of 110 failures is user 81", {"detail": {"run_id": "r-0001"}}),
        ("info", "job", "Run ended · 202 ms", {"detail": {"lane": "run", "operation": "run", "took": "202 ms"}}),
        ("info", "job", "Run began", {"detail": {"lane": "run", "operation": "run"}}),
        ("info", "save", "Saved scenarios/lost-answers.yaml", {"detail": {"digest": "fc512a46c3eb189e"}}),
        ("error", "worker", "the model worker was ended by signal SIGKILL", {}),
    ]
    lines = [
        {"at": (MOMENT - timedelta(seconds=7 * i)).isoformat(timespec="milliseconds"), "level": level,
         "source": source, "process": "window", "message": message, **more}
        for i, (level, source, message, more) in enumerate(told)
    ]  # fmt: skip
    counts = {level: sum(line["level"] == level for line in lines) for level in ("debug", "info", "warning", "error")}
    sources = sorted({str(line["source"]) for line in lines})
    return {"number": 1, "total": len(lines), "lines": lines, "counts": counts, "sources": sources}


class StillClient(Client):
    """The real service, whose answers say nothing of this computer."""

    def __init__(self) -> None:
        super().__init__()
        self._began = datetime.now(UTC).isoformat(timespec="seconds")
        self._first: dict[str, Any] = {}

    def request(self, lane: str, op: str, params: Any, *calls: Any, **named: Any) -> int:
        """Ask; the answer is told as it would be at :data:`MOMENT`."""
        given = dict(zip(("on_event", "on_result", "on_error"), calls, strict=False)) | named
        if op in ("models", "log_search"):
            given["on_result"](models() if op == "models" else log())
            return -1
        if op == "ollama_ps":
            given["on_error"](JobFailed(message="no Ollama server answers", mend="start it with: ollama serve"))
            return -1
        for name in ("on_event", "on_result"):
            if given.get(name) is not None:
                given[name] = self._told(op, given[name])
        return super().request(lane, op, params, **given)

    def _told(self, op: str, call: Callable[[Any], object]) -> Callable[[Any], object]:
        def tell(value: Any) -> object:
            if op in _ONCE:
                value = self._first.setdefault(op, value)
            if op == "policy_history":  # how many drafts were kept depends on the pictures before
                value = {**value, "versions": []}
            return call(stilled(value, self._began))

        return tell


class StillClock:
    """Stands for Qt's: whatever is measured took :data:`ANSWER_MS`."""

    def start(self) -> None:
        """Begin."""

    def restart(self) -> int:
        """Begin again."""
        return ANSWER_MS

    def isValid(self) -> bool:  # noqa: N802
        """Always begun."""
        return True

    def elapsed(self) -> int:
        """Milliseconds."""
        return ANSWER_MS

    def nsecsElapsed(self) -> int:  # noqa: N802
        """Nanoseconds."""
        return ANSWER_MS * 1_000_000


@contextmanager
def standing_still(home: Path) -> Iterator[None]:
    """A computer like any other: its folders, its zone and its language are the same, its clocks do not move."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TURBULENCE_HOME", str(home))
    patch.setenv("TZ", "UTC")
    time.tzset()
    patch.setattr("turbulence_app.gui.bridge.QElapsedTimer", StillClock)
    somebody = Path("/home/ada/.local/share/turbulence")
    # other tests of this process may have seen a connection refused
    patch.setattr("turbulence_app.gui.egress.state", lambda: ("0 bytes have left this machine", True, ""))
    patch.setattr(HistoryPresenter.__init__, "__defaults__", (lambda: MOMENT,))
    patch.setattr(where, "home_directory", lambda: somebody)
    patch.setattr(where, "program_folders", lambda: (Path("/opt/turbulence"),))
    names = [("Data", ""), ("Settings", "settings.toml"), ("Log", "log"), ("Reports", "reports")]
    layout = ("Window layout", Path("/home/ada/.config/turbulence/window.ini"))
    patch.setattr(where, "places", lambda _settings: [*((n, somebody / p) for n, p in names), layout])
    language = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))
    blink = QApplication.cursorFlashTime()
    QApplication.setCursorFlashTime(0)
    QCursor.setPos(AWAY)
    try:
        yield
    finally:
        QApplication.setCursorFlashTime(blink)
        QLocale.setDefault(language)
        patch.undo()
        time.tzset()


def hold(window: MainWindow) -> None:
    """Nobody looks again by itself."""
    for timer in window.findChildren(QTimer):
        if timer.isActive() and not timer.isSingleShot():
            timer.stop()


def gliding(window: MainWindow) -> bool:
    """Whether something is on its way to where it will stay."""
    moving = window.findChildren(QAbstractAnimation)
    return any(one.state() == QAbstractAnimation.State.Running and one.loopCount() > 0 for one in moving)
