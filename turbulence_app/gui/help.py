"""What this program is: version, licences, and a report to copy."""

from __future__ import annotations

import platform
import sys

import PySide6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from turbulence_app import __version__
from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.markdown import dress
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, Label, row
from turbulence_app.resources import resource_root


def system_report() -> str:
    """What somebody who helps needs to know; nothing about the project or its people."""
    return "\n".join(
        (
            f"Turbulence {__version__}",
            f"Python {platform.python_version()} ({sys.implementation.name}), {platform.machine()}",
            f"{platform.system()} {platform.release()}",
            f"PySide6 {PySide6.__version__}, platform {QGuiApplication.platformName()}",
            f"Scale {Theme.current().scale:g}, {Theme.current().tokens.scheme}"
            f"{' (pinned)' if Theme.current().pinned else ''}",
        )
    )


def about_sheet(parent: QWidget) -> Sheet:
    """Version, licences, and a report to copy."""
    sheet = Sheet(
        parent,
        f"Turbulence {__version__}",
        "Describe your users in words; let the crowd loose on your workflow; see what breaks. Everything happens on "
        "this computer. Licence: Apache-2.0. What comes with it has licences of its own:",
    )
    texts = QTextBrowser()
    texts.setOpenLinks(False)
    texts.setAccessibleName("Licences")
    texts.setToolTip("Licences of everything that comes with the program")
    texts.setMarkdown(licences())
    dress(texts, Theme.current())
    report = Label(system_report(), "mono_small", "dim")
    report.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    copied = Button("Copy the report", "plain", "copy", "Copy these lines to the clipboard")

    def copy() -> None:
        QGuiApplication.clipboard().setText(report.text())
        copied.setText("Copied")

    copied.clicked.connect(copy)
    under = QVBoxLayout()
    under.addLayout(row(report, 1, copied))
    sheet.column.addWidget(texts, 1)
    sheet.column.addLayout(under)
    sheet.finish("Close", cancel="")
    sheet.resize(680, 600)
    return sheet


def licences() -> str:
    """The texts in the program's resources."""
    folder = resource_root() / "licences"
    found = sorted(folder.glob("*.md")) + sorted(folder.glob("*.txt"))
    return "\n\n".join(path.read_text("utf-8", errors="replace").strip() for path in found) or "No licence texts here."
