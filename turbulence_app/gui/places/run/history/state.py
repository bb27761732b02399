"""The list of runs as the window knows it: pages that were read, filters, and words for a line. Qt-free."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from turbulence_app.domain.history import HistoryLine, HistoryPage, HistoryQuery, SortKey

PAGE = 100
"""Lines that are read at once."""
KEPT_PAGES = 60
"""Pages that are kept; whoever scrolls on reads again."""
Age = Literal["", "today", "week", "month"]
AGES: tuple[tuple[Age, str], ...] = (
    ("", "Any time"),
    ("today", "Today"),
    ("week", "Last 7 days"),
    ("month", "Last 30 days"),
)
VERDICTS = (("", "Any verdict"), ("holds", "Holds"), ("broken", "Broken"), ("unfinished", "Not finished"))
SIGNS = {"holds": "✓", "broken": "✕", "unfinished": "◌", "running": "●"}
TOKENS = {"holds": "good", "broken": "bad", "unfinished": "warn", "running": "accent"}


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows the list down, and its order."""

    words: str = ""
    kind: str = ""
    verdict: str = ""
    target: str = ""
    persona: str = ""
    tag: str = ""
    age: Age = ""
    sort: SortKey = "created_at"
    descending: bool = True

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(
            self.words.strip() or self.kind or self.verdict or self.target or self.persona or self.tag or self.age
        )

    def query(self, page: int, now: datetime) -> HistoryQuery:
        """The question for one page; ``now`` with its time zone, for days begin where people are."""
        return HistoryQuery.model_validate(
            {
                "words": self.words.strip()[:500],
                "kind": self.kind or None,
                "verdict": self.verdict,
                "target": self.target or None,
                "persona": self.persona,
                "tag": self.tag,
                "since": since(self.age, now),
                "sort": self.sort,
                "descending": self.descending,
                "offset": page * PAGE,
                "limit": PAGE,
            }
        )


def since(age: Age, now: datetime) -> str:
    """The first moment of an age as the database writes moments; '' for any time."""
    if not age:
        return ""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days={"today": 0, "week": 6, "month": 29}[age])
    return start.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Pages:
    """The pages that were read of one list. Whatever is not here is asked for when it is looked at."""

    total: int = 0
    _pages: OrderedDict[int, tuple[HistoryLine, ...]] = field(default_factory=OrderedDict)

    def put(self, page: HistoryPage) -> int:
        """Take a page; returns its number."""
        self.total = page.total
        number = page.offset // PAGE
        self._pages[number] = page.lines
        self._pages.move_to_end(number)
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        return number

    def has(self, number: int) -> bool:
        """Whether the page was read."""
        return number in self._pages

    def line(self, row: int) -> HistoryLine | None:
        """The line of a row; None while it was not read."""
        lines = self._pages.get(row // PAGE, ())
        place = row % PAGE
        return lines[place] if place < len(lines) else None

    def replace(self, lines: Iterable[HistoryLine]) -> list[int]:
        """Take other words about lines that are here; returns their rows."""
        by = {line.id: line for line in lines}
        rows: list[int] = []
        for number, page in self._pages.items():
            if any(line.id in by for line in page):
                rows += [number * PAGE + i for i, line in enumerate(page) if line.id in by]
                self._pages[number] = tuple(by.get(line.id, line) for line in page)
        return rows

    def row_of(self, key: str) -> int:
        """Where a line is among those that were read; -1 if it is not."""
        for number, page in self._pages.items():
            for place, line in enumerate(page):
                if line.id == key:
                    return number * PAGE + place
        return -1


def read_page(reply: Any) -> HistoryPage:
    """``history``."""
    return HistoryPage.model_validate(reply)


def when_words(created_at: str, now: datetime) -> str:
    """``14:02``, ``28 Nov 14:02``, ``28 Nov 2025``, in the time zone of ``now``."""
    try:
        made = datetime.fromisoformat(created_at.replace("Z", "+00:00")).astimezone(now.tzinfo)
    except ValueError:
        return created_at
    if made.date() == now.date():
        return f"{made:%H:%M}"
    day = f"{made.day} {MONTHS[made.month - 1]}"
    return f"{day} {made:%H:%M}" if made.year == now.year else f"{day} {made.year}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def verdict_words(line: HistoryLine) -> str:
    """``holds``, ``2 broken``, ``3 causes``, ``cancelled``."""
    if line.verdict == "broken":
        return f"{line.broken} cause{'s' * (line.broken != 1)}" if line.kind == "campaign" else f"{line.broken} broken"
    return line.status if line.verdict in ("unfinished", "") else line.verdict


def subject_words(line: HistoryLine) -> str:
    """Its name, else what ran."""
    return line.name or line.scenario or line.workflow


def size_words(line: HistoryLine) -> str:
    """``20,000``; of a campaign ``1,000 worlds``."""
    return f"{line.users:,}" + (" worlds" if line.kind == "campaign" else "")


def changed_words(line: HistoryLine) -> str:
    """What was different to the run before, in a line."""
    if line.changed is None:
        return ""
    return " · ".join(line.changed) if line.changed else "the same inputs"


def shares_of(line: HistoryLine) -> list[float]:
    """How many of its users reached each step, from 0 to 1."""
    return [min(1.0, count / line.users) for count in line.shape] if line.kind == "run" and line.users else []


def complete_tag(text: str, known: Iterable[str], has: Iterable[str]) -> list[str]:
    """Tags that the text may become, without those that are there."""
    start, taken = text.strip().lower(), set(has)
    return [tag for tag in known if tag.startswith(start) and tag not in taken]


def as_tag(text: str) -> str:
    """A word that can be a tag; '' where nothing is left of it."""
    word = "-".join(text.strip().lower().split())
    return "".join(c for c in word if c.isalnum() or c in "-_.")[:40].strip("-")
