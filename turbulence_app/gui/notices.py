"""What was told to the person: kept, counted, and held back where it repeats itself. Qt-free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["info", "good", "warn", "bad"]
SHARE = {"info": 1, "good": 1, "warn": 2, "bad": 3}
"""How long a message stays, in units of what the person chose."""
KEPT = 200
REPEATS, WITHIN_S = 2, 60.0
"""The same words are shown so often within so long; after that they only count in the history."""


@dataclass(slots=True)
class Notice:
    """One message. ``times`` says how often it was told in a row."""

    at: datetime
    kind: Kind
    text: str
    action: str = ""
    clicked: Callable[[], object] | None = None
    times: int = 1
    read: bool = False


@dataclass
class NoticeBook:
    """All of them, the newest last."""

    notices: list[Notice] = field(default_factory=list)

    def add(self, notice: Notice) -> Notice:
        """Keep one; the same words twice in a row are one notice that counts."""
        last = self.notices[-1] if self.notices else None
        if last is not None and (last.kind, last.text) == (notice.kind, notice.text):
            last.times += 1
            last.at, last.read = notice.at, False
            last.action, last.clicked = notice.action, notice.clicked
            return last
        self.notices.append(notice)
        del self.notices[:-KEPT]
        return notice

    def unread(self) -> int:
        """How many nobody has looked at in the history."""
        return sum(not notice.read for notice in self.notices)

    def worst(self) -> Kind:
        """The gravest kind among the unread ones."""
        kinds = [notice.kind for notice in self.notices if not notice.read]
        return max(kinds, key=("info", "good", "warn", "bad").index, default="info")

    def look(self) -> None:
        """Somebody looks at the history."""
        for notice in self.notices:
            notice.read = True

    def drop(self, notice: Notice) -> None:
        """One less."""
        self.notices = [one for one in self.notices if one is not notice]

    def clear(self) -> None:
        """None."""
        self.notices.clear()


class Restraint:
    """Lets the same words through only so often."""

    def __init__(self) -> None:
        self._told: dict[str, list[datetime]] = {}

    def allows(self, text: str, now: datetime) -> bool:
        """Whether these words may be shown now; counts them if so."""
        recent = [at for at in self._told.get(text, ()) if abs((now - at).total_seconds()) < WITHIN_S]
        allowed = len(recent) < REPEATS
        self._told = {
            key: times for key, times in self._told.items() if abs((now - times[-1]).total_seconds()) < WITHIN_S
        }
        self._told[text] = [*recent, now] if allowed else recent
        return allowed


def wanted(kind: Kind, show: str) -> bool:
    """Whether a kind is shown, by the person's choice: ``all``, ``problems`` or ``none``."""
    return show == "all" or (show == "problems" and kind in ("warn", "bad"))


def clock(notice: Notice, now: datetime) -> str:
    """When it was, for people; how often."""
    words = notice.at.strftime("%H:%M" if notice.at.date() == now.date() else "%Y-%m-%d %H:%M")
    return words if notice.times == 1 else f"{words} · {notice.times} times"
