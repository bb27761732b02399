"""The guide's line over the place: what happened, what comes, and the button that does it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from turbulence_app.gui.guide import Guide
from turbulence_app.gui.guide_state import STEPS
from turbulence_app.gui.widgets.basics import Button, IconButton, Label


class GuideBar(QWidget):
    """Away while nobody is led."""

    own_wanted = Signal()

    def __init__(self, guide: Guide) -> None:
        super().__init__()
        self._guide = guide
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.count = Label("", "mono_small", "dim")
        self.words = Label("", "strong", wrap=True)
        self.next = Button("", "primary", clicked=guide.next)
        self.alone = Button("All by itself", "quiet", "play", "Go on without pressing a button", guide.go_alone)
        self.own = Button("Describe my own users…", "primary", "plus", "A project of your own")
        self.close_ = IconButton("x", "Leave the guide", clicked=guide.stop)
        self.progress = QProgressBar()
        self.progress.setRange(0, len(STEPS))
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Steps shown")
        well = QFrame()
        well.setProperty("kind", "card")
        box = QVBoxLayout(well)
        box.setContentsMargins(14, 6, 8, 8)
        box.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self.count)
        line.addWidget(self.words, 1)
        for button in (self.alone, self.next, self.own, self.close_):
            line.addWidget(button)
        box.addLayout(line)
        box.addWidget(self.progress)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 0)
        outer.addWidget(well)
        self.own.clicked.connect(lambda *_: self.own_wanted.emit())
        guide.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        state = self._guide.state
        self.setVisible(state is not None)
        if state is None:
            return
        seconds = self._guide.took_ms / 1000
        took = f" All of it took {seconds:.0f} s." if state.finished else ""
        self.words.setText(state.said + took)
        self.words.setAccessibleName(state.said)
        self.count.setText("done" if state.finished else state.count)
        self.progress.setValue(state.at)
        self.next.setVisible(state.step is not None)
        if state.busy and self.next.hasFocus():
            # a button that rests hands the keyboard on, and the next one would leave the guide
            self.setFocus()
        self.next.setEnabled(not state.busy)
        self.next.setText("Once more" if state.failed else state.step.button if state.step is not None else "")
        self.next.setAccessibleName(self.next.text())
        self.alone.setVisible(state.step is not None and not state.alone)
        self.own.setVisible(state.finished)
        if not state.busy and not state.alone and self.next.isVisible():
            self.next.setFocus()
