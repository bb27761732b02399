"""Runs and campaigns of a project as lines of one list: what is searched, sorted and written about them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.run import RunStatus

HistoryKind = Literal["run", "campaign"]
Standing = Literal["", "holds", "broken", "unfinished", "running"]
"""What came of it in one word; '' where nothing is known yet."""
SortKey = Literal["created_at", "scenario", "users", "completion", "broken", "elapsed_s"]
MOST_LINES = 500
"""Lines of one page."""


def _tag(text: str) -> str:
    """A tag is one word in small letters."""
    word = "-".join(text.strip().lower().split())
    if not word or not all(c.isalnum() or c in "-_." for c in word):
        raise ValueError(f"a tag is one word of letters, digits, - _ and ., not {text!r}")
    return word


Tag = Annotated[str, Field(max_length=40), AfterValidator(_tag)]


class HistoryQuery(Noun):
    """Which lines, in which order. Whatever is absent does not narrow it down; pinned lines always come first."""

    words: Annotated[str, Field(max_length=500)] = ""
    """All of them must occur, each as the beginning of a word: in ids, names, tags, notes, digests, invariants."""
    kind: HistoryKind | None = None
    verdict: Standing = ""
    target: Target | None = None
    persona: str = ""
    tag: str = ""
    since: str = ""
    """Made at this moment or later (ISO 8601, UTC); ``until`` excludes the moment itself."""
    until: str = ""
    sort: SortKey = "created_at"
    descending: bool = True
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 100


class HistoryLine(Noun):
    """One run or campaign.

    For a campaign ``users`` counts worlds, ``broken`` causes, and ``completion`` is the share of worlds in which
    everything held.
    """

    id: str
    kind: HistoryKind
    created_at: str
    status: RunStatus
    workflow: str
    scenario: str = ""
    target: Target = "model"
    users: int = 0
    seed: int = 0
    verdict: Standing = ""
    completion: float | None = None
    broken: int = 0
    elapsed_s: float = 0.0
    digest: str = ""
    invariants: tuple[str, ...] = ()
    """Those that are broken."""
    personas: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    """Users who reached each step that does something, in the order of the flow."""
    changed: tuple[str, ...] | None = None
    """What was different to the run of the workflow before it, in words; None: not looked at yet."""
    name: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    pinned: bool = False


class HistoryPage(Noun):
    """Some lines of the list, and how many there are in all."""

    total: int
    offset: int = 0
    lines: tuple[HistoryLine, ...] = ()


KindState = Literal["open", "seen", "known"]
"""Of a kind of failure: nobody looked yet, somebody did, or it is known and lived with."""


class KindNote(Noun):
    """What somebody decided about a kind of failure, and why."""

    kind: str
    """``invariant|step|persona``, or the id of a campaign's cause."""
    state: KindState = "open"
    note: Annotated[str, Field(max_length=4000)] = ""
    changed_at: str = ""
