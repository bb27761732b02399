"""The panel of a policy draws only what a hand changed, and always shows what a panel drawn anew would show."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.test_personas_parts import POLICY, WORKFLOW
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.places.personas.panel_view import PanelView
from turbulence_app.gui.places.personas.rows import DecisionBlock
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
    assert (bar.share(), number.text()) == (0.8, "80%")
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
