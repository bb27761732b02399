"""Keys that mean something only where the keyboard is: the other half of the sheet of shortcuts. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.gui.actions import ACTIONS, MENUS


@dataclass(frozen=True, slots=True)
class KeyLine:
    """What a key does, and where."""

    what: str
    keys: str
    where: str


LOCAL: tuple[KeyLine, ...] = (
    KeyLine("To the next control, and back", "Tab, Shift+Tab", "Everywhere"),
    KeyLine("Press what has the ring", "Space", "Everywhere"),
    KeyLine("Among choices of which one is on", "Arrow keys", "Everywhere"),
    KeyLine("The menu of all commands", "F10", "Everywhere"),
    KeyLine("Close what is open over the window", "Escape", "Everywhere"),
    KeyLine("Choose a line", "Up, Down", "Lists and tables"),
    KeyLine("Open the line", "Enter", "Lists and tables"),
    KeyLine("Choose a bar", "Arrow keys", "Charts"),
    KeyLine("The people behind the bar", "Enter", "Charts"),
    KeyLine("Move the number, in large steps with Page Up and Page Down", "Left, Right", "Sliders"),
    KeyLine("From step to step", "Arrow keys", "Graph"),
    KeyLine("Show all of it", "F", "Graph"),
    KeyLine("Closer, further away", "+, -", "Graph"),
    KeyLine("Indent, and back", "Tab, Shift+Tab", "YAML"),
    KeyLine("Leave the text", "Escape, then Tab", "YAML"),
    KeyLine("Offer what can stand here", "Ctrl+Space", "YAML"),
    KeyLine("Comment, or not", "Ctrl+/", "YAML"),
    KeyLine("Where it is defined", "F12", "YAML"),
    KeyLine("Find", "Ctrl+F", "YAML, log, settings"),
    KeyLine("Move the fault up or down", "Alt+Up, Alt+Down", "Faults"),
    KeyLine("Remove the fault", "Delete", "Faults"),
    KeyLine("Go on, or hold", "Space", "Log"),
    KeyLine("Back, forward, to the start", "Alt+Left, Alt+Right, Alt+Home", "Manual"),
)


def key_lines() -> list[KeyLine]:
    """All keys, those of commands first, menu by menu."""
    commands = [
        KeyLine(action.title.rstrip("…"), action.shortcut, menu)
        for menu in MENUS
        for action in ACTIONS
        if action.menu == menu and action.shortcut
    ]
    return [*commands, *LOCAL]
