"""The page of the very first start, and whenever nothing is open: one sentence, and the ways on."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, Label, SectionLabel, row, scrolled
from turbulence_app.gui.widgets.choice import Choice
from turbulence_app.service.remembered import Recent

WIDTH = 600
MOST_RECENT = 5
SENTENCE = (
    "Describe your users in words. A crowd of them walks through your workflow; whatever breaks is made as "
    "small as it gets and can be played again. Everything stays on this computer."
)


class WelcomePage(QWidget):
    """Nothing here is needed: every place in the navigation leads on, too."""

    show_me = Signal()
    alone = Signal()
    own = Signal()
    open_ = Signal()
    import_ = Signal()
    recent_wanted = Signal(object)
    forget_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Welcome")
        self.choices = (
            Choice(
                "play", "Show me on the sample shop", "The whole job in a minute: users, a run, a bug, its replay",
                self.show_me.emit, first=True,
            ),
            Choice(
                "users-round", "Describe my own users", "A new project: a name, a folder, and your own words",
                self.own.emit,
            ),
            Choice("folder-open", "Open a project", "A folder that is a Turbulence project", self.open_.emit),
            Choice(
                "upload", "Import OpenAPI, HAR or a log", "A workflow out of what your service already wrote",
                self.import_.emit,
            ),
        )  # fmt: skip
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setSpacing(10)
        self._column.setContentsMargins(0, 24, 0, 24)
        self._column.addStretch(2)
        title = Label("What will your users do?", "title")
        self._column.addWidget(title)
        self._column.addWidget(Label(SENTENCE, "body", "dim", wrap=True))
        self._column.addSpacing(10)
        for choice in self.choices:
            self._column.addWidget(choice)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        self._column.addLayout(self._recent)
        self._column.addStretch(3)
        self._inner = inner
        middle = QWidget()
        sides = QHBoxLayout(middle)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addStretch(1)
        sides.addWidget(inner, 100)
        sides.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(scrolled(middle))
        Theme.current().changed.connect(self._resize)
        self._resize()

    def show_recent(self, found: Iterable[Recent]) -> None:
        """Projects that were open; those that are gone are grey and can be forgotten."""
        _empty(self._recent)
        rows = list(found)[:MOST_RECENT]
        if rows:
            self._recent.addSpacing(14)
            self._recent.addWidget(SectionLabel("Recent projects"))
        for one in rows:
            name = Button(one.name, "quiet", "folder-open", str(one.root))
            name.setEnabled(one.there)
            name.clicked.connect(lambda *_, root=one.root: self.recent_wanted.emit(root))
            where = ElidedLabel(str(one.root.parent) if one.there else "not there any more", "small", "dim")
            line = row(name, where, spacing=8)
            line.setStretch(1, 1)
            if not one.there:
                forget = Button("Forget", "quiet", "", f"Take {one.name} out of this list")
                forget.clicked.connect(lambda *_, root=one.root: self.forget_wanted.emit(root))
                line.addWidget(forget)
            self._recent.addLayout(line)

    def take_focus(self) -> None:
        """The keyboard begins at the first choice."""
        self.choices[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _resize(self) -> None:
        self._inner.setMaximumWidth(round(WIDTH * Theme.current().scale))


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            _empty(inner)
