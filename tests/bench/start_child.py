"""The window as a person starts it, with an eye on its first moments: run by bench_start in a process of its own.

``start_child.py BEGAN``: when the process was started, in seconds since the epoch. One JSON line with the moments, in
seconds since then, and the processor time that the process itself had used at each.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main() -> None:
    began = float(sys.argv[1])
    moments: dict[str, tuple[float, float]] = {}

    def mark(name: str) -> None:
        if name not in moments:
            moments[name] = (round(time.time() - began, 3), round(time.process_time(), 3))

    mark("python")
    sys.argv = ["turbulence"]
    import turbulence_app.gui.app as app

    mark("imported")
    from PySide6.QtCore import QEvent, QObject, QTimer
    from PySide6.QtWidgets import QApplication

    class Eye(QObject):
        def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
            kind = event.type()
            if kind == QEvent.Type.Paint and "painted" not in moments:
                QTimer.singleShot(0, lambda: mark("painted"))  # once what is being painted is done
            return False

    def watch(*_self: object) -> int:
        mark("shown")
        application = QApplication.instance()
        assert application is not None
        eye = Eye()
        application.installEventFilter(eye)
        window = next(one for one in QApplication.topLevelWidgets() if hasattr(one, "places"))
        timer = QTimer(interval=5)

        def look() -> None:
            if window.project.loaded:
                mark("project")
                if window.place("personas").view.preview.funnel.rows():
                    mark("preview")
                    timer.stop()
                    window.close()
                    QApplication.quit()

        timer.timeout.connect(look)
        timer.start()
        QTimer.singleShot(60_000, QApplication.quit)
        return int(execute())

    execute = QApplication.exec
    QApplication.exec = watch  # type: ignore[method-assign, assignment]
    app.main()
    from importlib.util import find_spec

    modules = sorted(sys.modules)
    sys.stdout.write(
        json.dumps({"moments": moments, "modules": len(modules), "bundled": find_spec("pip") is None}) + "\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
