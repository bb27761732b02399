"""Makes the README's and the manual's pictures from the real window: .venv/bin/python packaging/pictures.py

Opens the sample in a private home, without a screen, runs the crowd, and writes resources/manual/images/*.png.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "resources" / "manual" / "images"
SIZE = (1440, 900)
SCHEME = "dark"


def wait(condition: Callable[[], object], what: str, seconds: float = 120) -> None:
    """Let the window work until the condition holds."""
    from PySide6.QtWidgets import QApplication

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited in vain for {what}")
        QApplication.processEvents()
        time.sleep(0.01)


def rest(seconds: float) -> None:
    """Let what is still moving come to rest."""
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end, "rest")


def main() -> int:
    home = tempfile.TemporaryDirectory(prefix="turbulence-pictures-")
    for name in ("TURBULENCE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(Path(home.name) / name.lower())
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from turbulence_app.gui.app import make_application, open_settings
    from turbulence_app.gui.theme import Theme
    from turbulence_app.gui.window import MainWindow
    from turbulence_app.service.client import Client

    application = make_application()
    Theme(application, SCHEME)
    window = MainWindow(Client(), open_settings())
    window.resize(*SIZE)
    window.show()
    wait(lambda: window.project.loaded, "the sample")

    def keep(name: str) -> None:
        rest(0.8)
        IMAGES.mkdir(parents=True, exist_ok=True)
        window.grab().save(str(IMAGES / f"{name}.png"))

    personas = window.place("personas")
    wait(lambda: personas.view.preview.funnel.rows() and personas.view.crowd.completes.text(), "the preview")
    keep("personas")
    window.go("run", {})
    run = window.place("run")
    wait(lambda: run.view.isVisible() and run.presenter.workflow() is not None, "the Run place")
    run.presenter.choose_scenario("lost-answers")
    window.commands.run("run.start")
    wait(lambda: run.presenter.live.phase == "ended", "the run")
    keep("window")
    Theme.current().pin("light")
    keep("window-light")
    Theme.current().pin("dark")
    window.go("failures", {})
    failures = window.place("failures")
    wait(lambda: failures.presenter.trace is not None, "the replay")
    window.commands.run("failures.shrink")
    wait(lambda: failures.presenter.shrunk is not None and not failures.presenter.busy, "the smallest reproduction")
    keep("failures")
    window.go("workflow", {})
    workflow = window.place("workflow")
    wait(lambda: workflow.view.isVisible() and bool(workflow.view.graph.nodes()), "the graph")
    keep("workflow")
    window.go("models", {})
    models = window.place("models")
    wait(lambda: models.view.isVisible() and models.presenter.loaded, "the list of models")
    keep("models")
    window.close()
    rest(0.5)
    home.cleanup()
    return 0


if __name__ == "__main__":
    sys.exit(main())
