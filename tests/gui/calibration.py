"""A picture that says whether type and shapes are drawn here as where the references were made.

It shows both families of type, a sign and a card, with nothing of the program's look in it: it differs where Qt,
FreeType or their settings are others, and nowhere else. What it is drawn with is written down beside it, so that other
fonts in ``resources/fonts`` mean new references, not a silent end of comparing.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt, qVersion
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer

from tests.gui.likeness import REFERENCES, compared, keep
from turbulence_app.gui.assets import load_fonts
from turbulence_app.resources import resource_root

NAME = "calibration"
MADE = REFERENCES / f"{NAME}.json"
WORDS = "Hamburgefonts 0123456789 ✓ → × · “quoted” 95 %"
_SIGN = b"""<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none"
stroke="#4cc2ff" stroke-width="2" stroke-linecap="round">
<circle cx="12" cy="12" r="9"/><path d="M7 13l4 4 6-9"/></svg>"""


def drawn() -> QImage:
    """Lines of type in usual sizes, a sign, a card with round corners."""
    load_fonts()
    image = QImage(480, 256, QImage.Format.Format_RGB32)
    image.fill(QColor("#101418"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor("#39424e"), 1))
    painter.setBrush(QColor("#1a1f26"))
    painter.drawRoundedRect(QRectF(8.5, 8.5, 463, 239), 10, 10)
    painter.setPen(QColor("#e6e9ee"))
    styles = [("Inter", 11, 600), ("Inter", 13, 400), ("Inter", 22, 700), ("JetBrains Mono", 12, 400)]
    for line, (family, size, weight) in enumerate([*styles, ("JetBrains Mono", 13, 500)]):
        font = QFont(family)
        font.setPixelSize(size)
        font.setWeight(QFont.Weight(weight))
        painter.setFont(font)
        painter.drawText(QPointF(22, 44 + 40 * line), WORDS)
    QSvgRenderer(QByteArray(_SIGN)).render(painter, QRectF(436, 210, 24, 24))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.end()
    return image


def fonts() -> str:
    """The digest of the fonts that the program ships."""
    made = hashlib.sha256()
    for file in sorted((resource_root() / "fonts").glob("*.[ot]tf")):
        made.update(file.name.encode() + file.read_bytes())
    return made.hexdigest()[:16]


def renew() -> None:
    """What the references that are written now were drawn with."""
    keep(drawn(), NAME)
    MADE.write_text(json.dumps({"fonts": fonts(), "qt": qVersion()}, indent=2) + "\n", "utf-8")


def made() -> dict[str, str]:
    """What the references were drawn with."""
    found: dict[str, str] = json.loads(MADE.read_text("utf-8"))
    return found


def elsewhere(folder: Path) -> str:
    """Why pictures of here cannot be compared with the references; "" if they can."""
    if not compared(drawn(), NAME, folder):
        return ""
    return f"type is drawn in another way here (Qt {qVersion()}, the pictures were made with Qt {made()['qt']})"
