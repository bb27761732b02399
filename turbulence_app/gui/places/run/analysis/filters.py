"""Whom the page is about: personas, outcomes and a step, as chips that act on every chart."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from turbulence_app.domain.analysis import Among, Board
from turbulence_app.domain.workflow import Outcome
from turbulence_app.gui.persona_colours import token_of
from turbulence_app.gui.places.run.analysis.state import OUTCOME_TOKENS, OUTCOME_WORDS, OUTCOMES, percent
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ChipButton, Label, row
from turbulence_app.gui.widgets.flow_layout import FlowBox

DOT = 9


class DotChip(ChipButton):
    """A filter with the colour of what it stands for; it is the legend of the charts, too."""

    def __init__(self, text: str, token: str, tip: str) -> None:
        self._token = token
        super().__init__(text, checkable=True, tip=tip)
        self.setAccessibleName(f"Only {text}")
        self.setIconSize(QSize(DOT, DOT))
        self._tint()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        self.setIcon(dot(Theme.current().color(self._token), self.devicePixelRatioF()))


def dot(color: QColor, ratio: float) -> QIcon:
    """A small filled circle."""
    picture = QPixmap(round(DOT * ratio), round(DOT * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(1, 1, DOT - 2, DOT - 2)
    painter.end()
    return QIcon(picture)


class Filters(QWidget):
    """``chosen`` tells an :class:`Among`."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.personas: dict[str, DotChip] = {}
        self.outcomes: dict[Outcome, DotChip] = {}
        self.step = QComboBox()
        self.step.setAccessibleName("Only people who came to a step")
        self.step.setToolTip("Only people who came to this step; waits are those of the step")
        self.step.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.reset = Button("Everybody", "quiet", "x", "Take all filters away", self._reset)
        self._crowd: tuple[str, ...] = ()
        self._chips, self._side = FlowBox(), QWidget()
        self._filtered = False
        self._line = self._chips.flow
        self._fill_outcomes()
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        box.addWidget(self._chips, 1)
        box.addWidget(self.reset, 0, top)
        self._side.setLayout(row(Label("came to", "body", "dim"), self.step))
        box.addWidget(self._side, 0, top)
        self.step.activated.connect(self._tell)
        self.reset.setVisible(False)

    def _fill_outcomes(self) -> None:
        for outcome in OUTCOMES:
            chip = DotChip(OUTCOME_WORDS[outcome], OUTCOME_TOKENS[outcome], f"Only people who {OUTCOME_WORDS[outcome]}")
            chip.clicked.connect(self._tell)
            chip.setParent(self._chips)
            self.outcomes[outcome] = chip

    def show_board(self, board: Board, among: Among) -> None:
        """The run's personas and steps, with what is chosen of them."""
        if board.personas != self._crowd:
            self._fill(board)
        for name, size in zip(board.personas, board.sizes, strict=True):
            self.personas[name].setText(f"{name} {percent(size, board.of)}")
        with QSignalBlocker(self.step):
            if self.step.count() != len(board.steps) + 1:
                self.step.clear()
                self.step.addItem("any step", "")
                for step in board.steps:
                    self.step.addItem(step, step)
            self.step.setCurrentIndex(max(0, self.step.findData(among.step)))
        for name, chip in self.personas.items():
            chip.setChecked(name in among.personas)
        for outcome, chip in self.outcomes.items():
            chip.setChecked(outcome in among.outcomes)
        self._filtered = among != Among()
        self.reset.setVisible(self._filtered)
        self._chips.fit()

    def show_people(self, there: bool) -> None:
        """Nothing to choose while nothing is shown."""
        for child in (self._chips, self._side):
            child.setVisible(there)
        self.reset.setVisible(there and self._filtered)

    def _fill(self, board: Board) -> None:
        while self._line.takeAt(0) is not None:
            pass
        for chip in self.personas.values():
            chip.hide()
            chip.deleteLater()
        self._crowd = board.personas
        self.personas = {}
        self.step.clear()
        for name in board.personas:
            chip = DotChip(name, token_of(name), f"Only {name}")
            chip.clicked.connect(self._tell)
            self.personas[name] = chip
            self._line.addWidget(chip)
            chip.show()
        for chip in self.outcomes.values():
            self._line.addWidget(chip)
            chip.show()

    def _tell(self, *_: object) -> None:
        personas = tuple(name for name, chip in self.personas.items() if chip.isChecked())
        outcomes = tuple(outcome for outcome, chip in self.outcomes.items() if chip.isChecked())
        self.chosen.emit(Among(personas=personas, outcomes=outcomes, step=str(self.step.currentData() or "")))

    def _reset(self) -> None:
        self.chosen.emit(Among())
