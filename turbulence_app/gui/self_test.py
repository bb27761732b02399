"""``turbulence --self-test``: everything that an installation needs, tried once in a folder that is removed again.

One JSON document on standard output; exit status 0, or 3 where something that the main job needs does not work. The
window is opened on the person's screen, else without one. Nothing of the person's is read or written.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from turbulence_app import __version__
from turbulence_app.bundle import is_bundled

PATIENCE_S = 60.0
FOLDERS = ("TURBULENCE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


def main() -> int:
    """Try it, say it."""
    with tempfile.TemporaryDirectory(prefix="turbulence-self-test-", ignore_cleanup_errors=True) as name:
        home = Path(name)
        for variable in FOLDERS:
            os.environ[variable] = str(home / variable.lower())
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
            os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from turbulence_app.privacy import ledger

        ledger.start("self-test")
        checks = [*_installation(home / "turbulence_home"), _guarded("window opens", _window)]
        ledger.flush()
    works = all(one["status"] != "fail" for one in checks)
    document = {"works": works, "version": __version__, "bundled": is_bundled(), "checks": checks}
    sys.stdout.write(json.dumps(document, indent=1) + "\n")
    return 0 if works else 3


def _installation(home: Path) -> list[dict[str, Any]]:
    """The doctor's checks: database, sample, engine, built-in model, llama.cpp's process, the lock."""
    from turbulence_app.service.doctor import examine

    return [{"name": c.name, "status": c.status, "detail": c.detail, "mend": c.mend} for c in examine(home)]


def _guarded(name: str, look: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"name": name, "status": "ok", "detail": look(), "mend": ""}
    except Exception as error:
        return {"name": name, "status": "fail", "detail": f"{type(error).__name__}: {error}", "mend": "report this"}


def _window() -> str:
    """Open it on the sample, wait until its workers have drawn the preview, go through its places, and close it."""
    began = time.monotonic()
    from PySide6.QtCore import QCoreApplication, QEvent

    from turbulence_app.gui.app import make_application, make_theme, open_settings
    from turbulence_app.gui.places.base import SPECS, PlaceSpec
    from turbulence_app.gui.window import MainWindow
    from turbulence_app.service.client import Client

    wrong: list[BaseException] = []
    before, sys.excepthook = sys.excepthook, lambda _kind, error, _trace: wrong.append(error)  # what Qt's calls raise
    app = make_application()
    settings = open_settings()
    make_theme(app, settings)
    client = Client()
    window = MainWindow(client, settings)
    window.show()
    app.processEvents()
    shown = time.monotonic() - began
    answered: list[Any] = []
    client.request("run", "ping", {}, on_result=answered.append)
    try:
        _wait(lambda: window.project.loaded, "the sample")
        loaded = time.monotonic() - began
        preview = window.place("personas").view.preview  # type: ignore[attr-defined]
        _wait(lambda: bool(preview.funnel.rows()), "the preview")
        drawn = time.monotonic() - began
        _wait(lambda: bool(answered), "the engine's process")
        for spec in filter(PlaceSpec.exists, SPECS):
            window.go(spec.name, {})
            _wait(lambda: wrong != [] or window.place(spec.name).widget.isVisible(), spec.title)  # noqa: B023
    finally:
        window.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        settings.sync()  # nothing is to be written after the folder is gone
        sys.excepthook = before
    if wrong:
        raise wrong[0]
    return f"{app.platformName()}: shown after {shown:.2f} s, sample {loaded:.2f} s, preview {drawn:.2f} s"


def _wait(condition: Callable[[], bool], what: str) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)
