"""The panel of a policy draws only what a hand changed, and always shows what a panel drawn anew would show."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.test_personas_parts import POLICY, WORKFLOW
from turbulence_app.domain.policy import Pacing, Policy, Retries
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.panel_rows import AnyRow, CountRow, DecisionRow, RangeRow, ShareRow
from turbulence_app.gui.places.personas.panel_view import PanelView
from turbulence_app.gui.places.personas.row_lines import RangeLine
from turbulence_app.gui.places.personas.rows import DecisionBlock, Row
from turbulence_app.gui.places.personas.state import panel_of
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.sliders import RangeBar, ShareBar
from turbulence_app.insight.sensitivity import moves


def shown(panel: PanelView) -> list[Any]:
    """Everything that can be seen of a panel's rows and headings."""
    return [_seen(child) for one in (*panel.rows.values(), *panel.sections.values()) for child in _inside(one)]


def _inside(widget: QWidget) -> list[QObject]:
    return [widget, *widget.findChildren(QWidget)]


def _seen(child: QObject) -> tuple[Any, ...]:
    if not isinstance(child, QWidget):
        return ()
    seen: list[Any] = [type(child).__name__, child.isHidden(), child.isEnabled(), child.toolTip()]
    seen += [child.accessibleName(), child.accessibleDescription()]
    if isinstance(child, ShareBar):
        seen += [child.share(), child._ghost, child._token]
    elif isinstance(child, RangeBar):
        seen += [child.ends(), child._ghost, child._single, child._fixed]
    elif isinstance(child, QLabel | QLineEdit):
        seen.append(child.text())
    elif isinstance(child, QAbstractButton):
        seen += [child.text(), child.isChecked()]
    elif isinstance(child, QSpinBox):
        seen.append(child.value())
    return tuple(seen)


def whole(policy: Policy) -> list[Any]:
    """What a panel drawn anew shows."""
    made = PanelView()
    made.show_panel(panel_of(policy, WORKFLOW, POLICY), "accent")
    found = shown(made)
    made.deleteLater()
    return found


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme) -> PanelView:
    made = PanelView()
    qtbot.addWidget(made)
    made.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent")
    return made


def test_any_moved_number_is_shown_as_if_all_were_drawn_anew(panel: PanelView) -> None:
    policies = [policy for move in moves(POLICY, WORKFLOW) for policy in (move.below, move.above)]
    policies += [edits.edited(policies[0], "decisions.next"), edits.set_forever(POLICY, "patience.step_wait_seconds")]
    policies += [edits.set_choice(POLICY, WORKFLOW, "parameters.size", "M", False)]
    policies += [edits.add_step(POLICY, "retries", "address"), edits.set_list(POLICY, "data.words", "boots"), POLICY]
    assert len(policies) > 12
    for policy in policies:
        panel.show_panel(panel_of(policy, WORKFLOW, POLICY), "accent", whole=False)
        assert shown(panel) == whole(policy)


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    return made


@pytest.fixture
def hidden(page: QWidget) -> PanelView:
    made = PanelView()
    page.layout().addWidget(made)
    return made


def test_rows_that_nobody_sees_are_built_in_turns_of_their_own(hidden: PanelView, qtbot: QtBot) -> None:
    other = edits.add_step(POLICY, "retries", "address")
    hidden.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent")
    assert not hidden.empty
    assert not hidden.findChildren(Row), "nothing is built in the turn that asked for it"
    hidden.show_panel(panel_of(other, WORKFLOW, POLICY), "accent")
    qtbot.waitUntil(lambda: not hidden._slices.busy)
    assert shown(hidden) == whole(other)


@pytest.mark.parametrize("built", [0, 1, 2, 3, 6, 7])
def test_who_asks_for_rows_or_looks_at_them_has_all_of_the_newest(hidden: PanelView, built: int) -> None:
    other = edits.add_step(POLICY, "retries", "address")
    hidden.show_panel(panel_of(other, WORKFLOW, POLICY), "accent")
    for _ in range(built):
        if hidden._slices.busy:
            hidden._slices._step()
    hidden.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent", whole=False)
    if built % 2:
        hidden.window().show()
        assert not hidden._slices.busy
        assert hidden._items == {row.path: row for row in panel_of(POLICY, WORKFLOW, POLICY).rows()}
        assert [*hidden._rows] == [*hidden._items]
    else:
        assert shown(hidden) == whole(POLICY)
    hidden.clear()
    assert hidden.empty


def test_what_the_policy_did_not_take_is_shown_no_longer(panel: PanelView) -> None:
    row = panel.rows["decisions.next"]
    assert isinstance(row, DecisionBlock)
    bar, number = row.options.bars["add"]
    bar.setValue(999)
    number.setText("99")
    panel.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent", whole=False)
    assert bar.share() == 0.999, "nobody let go of it yet"
    row.dropped.emit()
    panel.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent", whole=False)
    assert (bar.share(), number.text()) == (0.8, "80 %")
    assert shown(panel) == whole(POLICY)


def test_rows_that_say_the_same_are_let_be(panel: PanelView, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    for path, row in panel.rows.items():
        monkeypatch.setattr(row, "show_row", lambda _item, path=path: drawn.append(path))
    moved = edits.set_span(POLICY, "patience.step_wait_seconds", 5, 10)
    panel.show_panel(panel_of(moved, WORKFLOW, POLICY), "accent", whole=False)
    assert drawn == ["patience.step_wait_seconds"]
    drawn.clear()
    panel.show_panel(panel_of(moved, WORKFLOW, POLICY), "accent")
    assert drawn == list(panel.rows)


def test_a_range_that_comes_back_from_beyond_its_scale_stays_under_the_hand(panel: PanelView) -> None:
    slow = edits.set_span(POLICY, "patience.step_wait_seconds", 5, 600)
    panel.show_panel(panel_of(slow, WORKFLOW, POLICY), "accent")
    row = panel.rows["patience.step_wait_seconds"]
    assert isinstance(row, RangeLine)
    bar, end, middle = row.bar, row.bar.position(600), row.bar.position(30)

    def take(path: str, low: float, high: float) -> None:
        changed = edits.set_span(slow, path, low, high)
        panel.show_panel(panel_of(changed, WORKFLOW, POLICY), "accent", whole=False)

    panel.span_dragged.connect(take)
    height = bar.height() // 2
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(end), height))
    seen = []
    for back in range(10, 60, 10):
        QTest.mouseMove(bar, QPoint(round(end) - back, height))
        seen.append(bar.ends()[1])
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(end) - 60, height))
    assert panel.rows["patience.step_wait_seconds"] is row
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < seen[0] < 600
    take(row.path, *bar.ends())
    assert bar.position(30) == middle, "the scale stays when the hand lets go"
    panel.show_panel(panel_of(POLICY, WORKFLOW, POLICY), "accent")
    assert bar.position(120) == end, "another look, the usual scale"


def test_no_number_that_is_moved_leaves_its_place() -> None:
    """A panel of another shape is built anew, and the slider under the hand would be gone."""
    rows = panel_of(RICH, WORKFLOW, RICH).rows()
    order = [_place(row) for row in rows]
    tried = 0
    for row in rows:
        for moved in _moved(row):
            tried += 1
            assert [_place(one) for one in panel_of(moved, WORKFLOW, RICH).rows()] == order, row.path
    assert tried > len(rows)


RICH = POLICY.model_copy(
    update={
        "pacing": Pacing.model_validate({"think_ms": 500, "steps": {"browse": {"min": 1, "max": 9}, "address": 80}}),
        "retries": Retries(default=1, steps={"address": 1, "browse": 2}),
        "toggles": {"gift": 0.5, "coupon": 0.25},
    }
)


def _place(row: AnyRow) -> tuple[object, ...]:
    options = (row.options, *(case.options for case in row.cases)) if isinstance(row, DecisionRow) else ()
    return (row.path, *([option.name for option in some] for some in options))


def _moved(row: AnyRow) -> list[Policy]:
    if isinstance(row, DecisionRow):
        name = row.path.removeprefix("decisions.")
        pairs = [("", option.name) for option in row.options]
        pairs += [(case.when, option.name) for case in row.cases for option in case.options]
        return [edits.set_share(RICH, WORKFLOW, name, option, 0.37, when) for when, option in pairs]
    if isinstance(row, RangeRow):
        return [edits.set_span(RICH, row.path, 2, 3)]
    if isinstance(row, CountRow):
        return [edits.set_count(RICH, row.path, 4)]
    return [edits.set_probability(RICH, row.path, 0.9)] if isinstance(row, ShareRow) else []
