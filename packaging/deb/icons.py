"""The program's picture in the sizes that a desktop wants: ``icons.py FOLDER`` writes a hicolor theme's files there."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "resources" / "app" / "turbulence.svg"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)


def write(folder: Path) -> list[Path]:
    """PNG in every size, and the drawing itself; returns what was written."""
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication(["icons"])
    drawing = QSvgRenderer(str(SOURCE))
    if not drawing.isValid():
        raise SystemExit(f"{SOURCE} cannot be drawn")
    written = []
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        drawing.render(painter, QRectF(0, 0, size, size))
        painter.end()
        target = folder / f"{size}x{size}" / "apps" / "turbulence.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not image.save(str(target)):
            raise SystemExit(f"{target} cannot be written")
        written.append(target)
    target = folder / "scalable" / "apps" / "turbulence.svg"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SOURCE, target)
    del application
    return [*written, target]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
