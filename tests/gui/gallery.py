"""Every widget of the window in every state, on one sheet: to look at, and for tests that measure contrast."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QItemSelectionModel, QStringListModel, Qt
from PySide6.QtGui import QAction, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QRadioButton,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableView,
    QTextEdit,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from turbulence_app.gui.focus_ring import RINGED
from turbulence_app.gui.notices import Notice
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ChipButton, EmptyState, IconButton, Label
from turbulence_app.gui.widgets.search_line import SearchLine
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.gui.widgets.toast import Toast
from turbulence_app.gui.widgets.toggle import Toggle

STATES = ("plain", "pointed at", "with the keyboard", "pressed or on", "off")
Maker = Callable[[], QWidget]


def checkable(widget: QWidget) -> QWidget:
    if hasattr(widget, "setCheckable"):
        widget.setCheckable(True)
    return widget


def line(text: str = "", hint: str = "", kind: str = "") -> QLineEdit:
    made = QLineEdit(text)
    made.setPlaceholderText(hint)
    made.setProperty("kind", kind)
    return made


def combo() -> QComboBox:
    made = QComboBox()
    made.addItems(["lost-answers", "rush hour", "quiet night"])
    return made


def tabs() -> QTabBar:
    made = QTabBar()
    made.setDrawBase(False)
    made.setExpanding(False)
    for name in ("Console", "Invariants"):
        made.addTab(name)
    return made


def progress(value: int) -> QProgressBar:
    made = QProgressBar()
    made.setValue(value)
    made.setTextVisible(False)
    return made


def spin(kind: type[QAbstractSpinBox]) -> QAbstractSpinBox:
    return kind()


def edit(kind: type[QTextEdit] | type[QPlainTextEdit], look: str) -> QWidget:
    made = kind("steps:\n  - browse")
    made.setProperty("kind", look)
    made.setFixedHeight(56)
    return made


def ranged() -> QSlider:
    made = QSlider(Qt.Orientation.Horizontal)
    made.setValue(40)
    return made


ROWS: tuple[tuple[str, Maker], ...] = (
    ("Button", lambda: checkable(Button("Verify", icon="shield-check"))),
    ("primary", lambda: Button("Run 20,000", "primary", "play")),
    ("quiet", lambda: checkable(Button("Revert", "quiet"))),
    ("danger", lambda: Button("Delete", "danger", "trash-2")),
    ("icon", lambda: checkable(IconButton("download", "Export"))),
    ("chip", lambda: ChipButton("violations 21", checkable=True)),
    ("segments", lambda: Segments("Pages", [("a", "Run", ""), ("b", "Campaign", "")])),
    ("check box", lambda: QCheckBox("Only what is broken")),
    ("radio", lambda: QRadioButton("Follow the system")),
    ("switch", lambda: Toggle("Less motion")),
    ("line", lambda: line("checkout")),
    ("hint", lambda: line(hint="filter")),
    ("number", lambda: line("20,000", kind="number")),
    ("bare number", lambda: line("0.35", kind="numberbare")),
    ("search", lambda: SearchLine("Search", "Search the log")),
    ("spin box", lambda: spin(QSpinBox)),
    ("double spin", lambda: spin(QDoubleSpinBox)),
    ("combo", combo),
    ("words", lambda: edit(QTextEdit, "words")),
    ("code", lambda: edit(QPlainTextEdit, "code")),
    ("tabs", tabs),
    ("slider", ranged),
    ("progress", lambda: progress(60)),
)


def in_state(widget: QWidget, state: str) -> QWidget:
    """The widget as it looks then."""
    if state == "pointed at":
        for part in (widget, *widget.findChildren(QWidget)):
            part.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    elif state == "with the keyboard":
        return focused(widget)
    elif state == "pressed or on":
        if isinstance(widget, QCheckBox | QRadioButton) or getattr(widget, "isCheckable", bool)():
            widget.setChecked(True)  # type: ignore[attr-defined]
        elif hasattr(widget, "setDown"):
            widget.setDown(True)
    elif state == "off":
        widget.setEnabled(False)
    return widget


def focused(widget: QWidget) -> QLabel:
    """Only one has the keyboard: its picture."""
    inner = next((w for w in widget.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus), widget)
    target = widget if widget.focusPolicy() & Qt.FocusPolicy.TabFocus else inner
    holder = QWidget()
    holder.setObjectName("places")
    box = QVBoxLayout(holder)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(widget)
    holder.show()
    holder.activateWindow()
    QApplication.processEvents()
    target.setFocus(Qt.FocusReason.TabFocusReason)
    target.setProperty(RINGED, True)
    target.style().unpolish(target)
    target.style().polish(target)
    made = QLabel()
    made.setPixmap(widget.grab())
    holder.close()
    holder.deleteLater()
    return made


def shot(widget: QWidget) -> QLabel:
    """A window of its own, as a picture."""
    widget.ensurePolished()
    widget.resize(widget.sizeHint())
    picture: QPixmap = widget.grab()
    widget.deleteLater()
    made = QLabel()
    made.setPixmap(picture)
    return made


def menu() -> QMenu:
    made = QMenu()
    for text, keys in (("Undo", "Ctrl+Z"), ("Redo", "Ctrl+Shift+Z")):
        made.addAction(QAction(text, made, shortcut=keys))
    made.addSeparator()
    for text, exclusive in (("Dark", True), ("Console", False)):
        action = QAction(text, made, checkable=True, checked=True)
        made.addAction(action)
        if exclusive:
            from PySide6.QtGui import QActionGroup

            QActionGroup(made).addAction(action)
    made.addAction("Not now").setEnabled(False)
    made.addMenu("Export").addAction("PNG")
    made.setActiveAction(made.actions()[1])
    return made


def text_menu() -> QMenu:
    field = QPlainTextEdit("steps")
    field.selectAll()
    made = field.createStandardContextMenu()
    made.setParent(None)
    return made


def dropped() -> QLabel:
    """The list of a combo box, as it drops down."""
    box = combo()
    box.setCurrentIndex(1)
    box.show()
    box.showPopup()
    made = QLabel()
    made.setPixmap(box.view().window().grab())
    box.hidePopup()
    box.deleteLater()
    return made


def sheet_of_items(view: QAbstractItemView) -> QAbstractItemView:
    model = QStandardItemModel(3, 2, view)
    model.setHorizontalHeaderLabels(["step", "users"])
    for row in range(3):
        first = QStandardItem(f"step {row + 1}")
        first.setCheckable(row == 0)
        first.setEnabled(row != 2)
        model.setItem(row, 0, first)
        model.setItem(row, 1, QStandardItem(f"{1000 * (row + 1):,}"))
    model.item(0).appendRow([QStandardItem("inside"), QStandardItem("4")])
    view.setModel(model)
    view.selectionModel().setCurrentIndex(
        model.index(1, 0), QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    )
    view.setMinimumHeight(120)
    return view


def views() -> list[QWidget]:
    tree = QTreeView()
    sheet_of_items(tree)
    tree.expandAll()
    table = QTableView()
    sheet_of_items(table)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    ringed = QListView()
    ringed.setModel(QStringListModel(["card_declined", "with the keyboard", "left"], ringed))
    ringed.setCurrentIndex(ringed.model().index(1, 0))
    ringed.setProperty(RINGED, True)
    long = QListView()
    long.setModel(QStringListModel([f"line {n}" for n in range(60)], long))
    return [tree, table, ringed, long]


def words() -> list[QWidget]:
    roles = ("title", "heading", "section", "body", "strong", "small", "mono", "mono_small", "figure")
    made: list[QWidget] = [Label(f"{role} 1,204 ms", role) for role in roles]
    kinds = ("dim", "good", "warn", "bad", "small")
    return [*made, *(Label(f"kind {kind}", kind=kind) for kind in kinds)]


def chips() -> list[QWidget]:
    tones = ("neutral", "accent", "good", "warn", "bad", "second")
    return [Chip(f"tone {tone}", tone, "circle-check" if tone == "good" else "") for tone in tones]


def message(parent: QWidget) -> Toast:
    words = "The run is done: 51.2 % complete."
    made = Toast(parent, Notice(datetime(2026, 2, 19, tzinfo=UTC), "good", words, "Look", lambda: None))
    made.timer.stop()
    return made


def gallery() -> QWidget:
    """The sheet."""
    sheet = QWidget()
    sheet.setObjectName("places")
    sheet.setAutoFillBackground(True)
    column = QVBoxLayout(sheet)
    column.addWidget(_states())
    rest = QGridLayout()
    column.addLayout(rest)
    for place, (title, widgets) in enumerate((
        ("Words", words()), ("Chips", chips()), ("Lists", views()),
        ("Windows of their own", [shot(menu()), shot(text_menu()), dropped(), message(sheet)]),
        ("Nothing yet", [EmptyState("waves", "No campaign yet", "A campaign lives through many worlds.", "Start")]),
    )):  # fmt: skip
        card = Card(title)
        for widget in widgets:
            card.body.addWidget(widget)
        card.body.addStretch(1)
        rest.addWidget(card, 0, place)
    return sheet


def _states() -> Card:
    card = Card("Controls")
    grid = QGridLayout()
    card.body.addLayout(grid)
    for place, state in enumerate(STATES):
        grid.addWidget(Label(state, "small", "dim"), 0, place + 1)
    half = (len(ROWS) + 1) // 2
    for number, (name, make) in enumerate(ROWS):
        column, row = (len(STATES) + 1) * (number // half), number % half + 1
        grid.addWidget(Label(name, "small", "dim"), row, column)
        for place, state in enumerate(STATES):
            grid.addWidget(in_state(make(), state), row, column + place + 1)
    return card
