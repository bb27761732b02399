"""Which model answers which task of this project."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QGridLayout

from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.state import TASKS, ModelRow, Routing, answers
from turbulence_app.gui.widgets.basics import Card, ElidedLabel, Label

USUAL, BEST = "", "auto/"


class RoutesCard(Card):
    """A line per task: a choice, and what it comes to now."""

    def __init__(self, presenter: ModelsPresenter) -> None:
        super().__init__("Who answers what")
        self._presenter = presenter
        self.title.setMinimumHeight(24)
        self.header.addWidget(Label("in turbulence.yaml", "small", "small"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self.choices: dict[str, QComboBox] = {}
        self.told: dict[str, ElidedLabel] = {}
        for line, (task, title, says) in enumerate(TASKS):
            name = Label(title, "strong")
            name.setToolTip(says)
            choice = QComboBox()
            choice.setAccessibleName(f"Model for {title.lower()}")
            choice.setToolTip(says)
            choice.setMinimumContentsLength(12)
            choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            choice.activated.connect(lambda _index, task=task: self._route(task))
            told = ElidedLabel("", "small", "small")
            grid.addWidget(name, 2 * line, 0)
            grid.addWidget(choice, 2 * line, 1)
            grid.addWidget(told, 2 * line + 1, 1)
            self.choices[task], self.told[task] = choice, told
        self.body.addLayout(grid)
        self.body.addStretch(1)
        presenter.listed.connect(self.show_routes)
        self.show_routes()

    def show_routes(self) -> None:
        """As the project says it."""
        rows = self._presenter.catalogue.rows
        for task, _, _ in TASKS:
            route = self._presenter.catalogue.routes.get(task, Routing("auto"))
            choice = self.choices[task]
            choice.clear()
            choice.addItem("As usual: the built-in model" if task == "draft" else "As usual: the project's", USUAL)
            choice.addItem("The best that is here", BEST)
            for row in rows:
                if row.there:
                    choice.addItem(_named(row), _key(row))
            wanted = _wanted(route) if route.own else USUAL
            if choice.findData(wanted) < 0:
                choice.addItem(f"{route.backend} {route.model or '(its usual model)'}", wanted)
            choice.setCurrentIndex(choice.findData(wanted))
            choice.setEnabled(self._presenter.loaded)
            found = self._presenter.catalogue.row(answers(route, rows))
            self.told[task].setText(_now(found, route) if rows else "")

    def _route(self, task: str) -> None:
        backend, _, model = str(self.choices[task].currentData() or "").partition("/")
        self._presenter.route(task, backend, model)


def _key(row: ModelRow) -> str:
    """The built-in model and the rules have no name in the project's file."""
    return f"{row.backend}/" if row.backend in ("builtin", "rules") else row.key


def _wanted(route: Routing) -> str:
    return f"{route.backend}/" if route.backend in ("builtin", "rules", "auto") else route.key


def _named(row: ModelRow) -> str:
    place = {"llamacpp": "llama.cpp", "ollama": "Ollama"}.get(row.backend, "")
    return row.title + (f"  ({place})" if place else "") + ("" if row.available else "  – not ready")


def _now(row: ModelRow | None, route: Routing) -> str:
    if row is None:
        return "Nothing can answer it now."
    mode = f", asked for {route.mode}" if route.mode else ""
    return f"Now: {row.title}{mode}" if row.available else f"{row.title} is not ready: {row.why}"
