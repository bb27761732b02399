"""Settings as rows, and finding them. Qt-free."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from turbulence_app.settings import GROUPS, SETTINGS, Preferences, Setting, Value
from turbulence_app.settings.table import HOME_KEY


@dataclass(frozen=True, slots=True)
class Row:
    """A setting as it stands. ``locked`` names the variable of the environment that decides; ``note`` is said beside
    the title; ``problem`` is in red below it."""

    setting: Setting
    value: Value
    changed: bool
    locked: str = ""
    note: str = ""
    problem: str = ""


def rows(mine: Preferences, started: dict[str, Value]) -> list[Row]:
    """Every setting; ``started`` is what held when the program began."""
    return [_row(mine, setting, started) for setting in SETTINGS]


def _row(mine: Preferences, setting: Setting, started: dict[str, Value]) -> Row:
    locked = setting.variable if mine.source(setting.key) == "environment" else ""
    value = mine.text(setting.key) if setting.key == HOME_KEY else mine.get(setting.key)
    waits = setting.restart and started.get(setting.key, setting.default) != value
    note = f"{locked} of the environment decides" if locked else "from the next start" if waits else ""
    changed = not locked and mine.kept(setting.key) != setting.default
    return Row(setting, value, changed, locked, note, mine.wrong_variable(setting.key))


def found(query: str, changed: Sequence[str] | None = None) -> list[str]:
    """Keys of the settings in which every word occurs; ``changed`` leaves only those."""
    words = query.lower().split()
    return [
        setting.key
        for setting in SETTINGS
        if all(word in haystack(setting) for word in words) and (changed is None or setting.key in changed)
    ]


def haystack(setting: Setting) -> str:
    """Everything by which a setting is found, in lower case."""
    parts = (setting.title, setting.says, setting.synonyms, setting.key, setting.variable, GROUPS[setting.group])
    return " ".join(parts).lower()


def marks(text: str, query: str) -> list[tuple[int, int]]:
    """Where the words stand in a text, in order and apart from each other."""
    words = sorted(set(query.lower().split()), key=len, reverse=True)
    if not words:
        return []
    pattern = "|".join(re.escape(word) for word in words)
    low = text.lower()
    return [match.span() for match in re.finditer(pattern, low)] if len(low) == len(text) else []


def marked(text: str, query: str, ground: str, ink: str) -> str:
    """A text as rich text with the words on a ground of their own."""
    parts: list[str] = []
    at = 0
    for start, end in marks(text, query):
        parts += (html.escape(text[at:start]), f'<span style="background:{ground}; color:{ink}">')
        parts += (html.escape(text[start:end]), "</span>")
        at = end
    return "".join((*parts, html.escape(text[at:])))


def hidden_reason(setting: Setting, query: str) -> str:
    """The words by which a setting was found where neither its title nor its text shows them."""
    shown = f"{setting.title} {setting.says}".lower()
    missing = [word for word in query.lower().split() if word not in shown]
    names = (*setting.synonyms.split(), setting.key, setting.variable, GROUPS[setting.group])
    hits = [name for name in names if any(word in name.lower() for word in missing)]
    return ", ".join(dict.fromkeys(hits[:3]))


def summary(changed: int, problems: int) -> str:
    """One line over all of them."""
    words = "everything as by default" if not changed else f"{changed} changed"
    return words if not problems else f"{words} · {problems} not as expected"


NEAR = 40
"""Pixels below the upper edge in which a card is read already."""


def read_now(tops: Sequence[int], value: int, most: int, page: int) -> int:
    """Which card is read, by their upper edges, the scroll bar's value and greatest value, and the height in sight.

    At the top it is the first, also while nothing is laid out yet or all of it is in sight. Over the last half page
    the line at which one reads goes down to the lower edge, so that cards which cannot come to the top have their turn.
    """
    if value <= 0 or not tops:
        return 0
    reach = min(most, page // 2)
    down = max(0.0, 1 - (most - value) / reach) if reach > 0 else 1.0
    line = value + NEAR + down * max(0, page - NEAR)
    return max(0, sum(top <= line for top in tops) - 1)
