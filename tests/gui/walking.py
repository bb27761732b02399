"""Walking over the widgets of the window as somebody does who sees nothing, or who has only a keyboard."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QListView,
    QPlainTextEdit,
    QScrollBar,
    QTableView,
    QTextEdit,
    QWidget,
)

INNER = ("qt_", "ScrollLeftButton", "ScrollRightButton")
"""Names of parts that Qt makes by itself inside of a widget of ours."""
KEYBOARD = Qt.FocusPolicy.TabFocus


def focusable(root: QWidget, *, visible: bool = False) -> Iterator[QWidget]:
    """What the Tab key can come to below ``root``; ``visible`` only what is in front now."""
    for widget in root.findChildren(QWidget):
        if widget.objectName().startswith(INNER) or isinstance(widget, QScrollBar) or _dropped(widget):
            continue
        if not widget.focusPolicy() & KEYBOARD or widget.focusProxy() is not None:
            continue
        if visible and not (widget.isVisible() and widget.isEnabled()):
            continue
        yield widget


def kin(widget: QWidget) -> frozenset[QWidget]:
    """Of buttons of which one is on, Tab comes to one and the arrow keys go to the others: all of them."""
    if not isinstance(widget, QAbstractButton) or not widget.isCheckable():
        return frozenset({widget})
    group = widget.group()
    if group is not None:
        return frozenset(group.buttons()) if group.exclusive() else frozenset({widget})
    if not widget.autoExclusive():
        return frozenset({widget})
    siblings = widget.parentWidget().children()
    return frozenset(w for w in siblings if isinstance(w, QAbstractButton) and w.autoExclusive())


def _dropped(widget: QWidget) -> bool:
    """Whether it is a list that a combo box drops down: it gets its name when it does."""
    above = widget.parentWidget()
    return above is not None and (isinstance(above, QComboBox) or _dropped(above))


def spoken(widget: QWidget) -> str:
    """What a screen reader says for a widget."""
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found is not None else ""


def role(widget: QWidget) -> QAccessible.Role:
    """What a screen reader takes it for."""
    return QAccessible.queryAccessibleInterface(widget).role()


def told(widget: QWidget) -> str:
    """A widget in words, for a message."""
    parents: list[str] = []
    above = widget.parentWidget()
    while above is not None and len(parents) < 5:
        parents.append(type(above).__name__)
        above = above.parentWidget()
    return f"{type(widget).__name__} {widget.accessibleName()!r} in {' < '.join(parents)}"


def nameless(root: QWidget) -> list[str]:
    """Controls of which a screen reader knows only what they are."""
    found = []
    for widget in focusable(root):
        name = spoken(widget).strip()
        if not name or name in (type(widget).__name__, widget.metaObject().className()):
            found.append(told(widget))
    return found


def headless(root: QWidget) -> list[str]:
    """Tables with a column that has no heading."""
    found = []
    for table in root.findChildren(QTableView):
        model = table.model()
        if model is None or isinstance(table, QListView):
            continue
        for column in range(model.columnCount(QModelIndex())):
            if table.isColumnHidden(column):
                continue
            spoken_ = model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.AccessibleTextRole)
            words = spoken_ or model.headerData(column, Qt.Orientation.Horizontal)
            if not str(words or "").strip():
                found.append(f"column {column} of {told(table)}")
    return found


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key for whatever has the keyboard, as the window system sends it."""
    target = QApplication.focusWidget()
    assert target is not None, "nothing has the keyboard"
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(target, QKeyEvent(kind, key, modifiers))


def round_trip(start: QWidget, *, back: bool = False, most: int = 400) -> list[QWidget]:
    """Where Tab (or Shift+Tab) leads from a widget until it comes back to it, the widget first."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    seen, caught = [start], editors(start.window())
    for _ in range(most):
        if seen[-1] in caught:
            press(Qt.Key.Key_Escape)  # the way out of an editor for which Tab is a key like others
        press(Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab)
        here = QApplication.focusWidget()
        assert here is not None
        if here is start:
            return seen
        assert here is not seen[-1], f"the keyboard is caught in {told(here)}"
        assert here not in seen, f"the way comes back to {told(here)}, not to its start"
        seen.append(here)
    raise AssertionError(f"no way back to {told(start)}")


def place_of(widget: QWidget) -> QPoint:
    """Where a widget is in its window."""
    return widget.mapTo(widget.window(), QPoint(0, 0))


def editors(root: QWidget) -> list[QPlainTextEdit | QTextEdit]:
    """Texts to write in that take the Tab key for themselves."""
    found = [*root.findChildren(QPlainTextEdit), *root.findChildren(QTextEdit)]
    return [text for text in found if not text.tabChangesFocus() and not text.isReadOnly()]


def views(root: QWidget) -> list[QAbstractItemView]:
    """Lists and tables."""
    return root.findChildren(QAbstractItemView)
