"""The list of runs in plain data: pages, filters, words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.history import HistoryLine, HistoryPage, HistoryQuery
from turbulence_app.gui.places.run.history.state import (
    KEPT_PAGES,
    PAGE,
    Filters,
    Pages,
    as_tag,
    changed_words,
    complete_tag,
    shares_of,
    since,
    verdict_words,
    when_words,
)

EAST = timezone(timedelta(hours=9))
NOW = datetime(2026, 11, 28, 1, 30, tzinfo=EAST)


def line(number: int, **more: object) -> HistoryLine:
    plain = {"id": f"r-{number:04d}", "kind": "run", "created_at": "2026-11-27T20:00:00.000Z", "status": "done",
             "workflow": "checkout", "users": 200}  # fmt: skip
    return HistoryLine.model_validate({**plain, **more})


def page(number: int, total: int) -> HistoryPage:
    rows = range(number * PAGE, min(total, (number + 1) * PAGE))
    return HistoryPage(total=total, offset=number * PAGE, lines=tuple(line(row) for row in rows))


@given(total=st.integers(1, 40 * PAGE), data=st.data())
def test_a_row_is_its_page_and_place(total: int, data: st.DataObject) -> None:
    pages = Pages()
    row = data.draw(st.integers(0, total - 1))
    assert pages.line(row) is None
    pages.put(page(row // PAGE, total))
    found = pages.line(row)
    assert found is not None
    assert found.id == f"r-{row:04d}"
    assert pages.row_of(found.id) == row
    changed = found.model_copy(update={"name": "other"})
    assert pages.replace([changed]) == [row]
    assert pages.line(row) == changed


def test_pages_that_nobody_looks_at_go() -> None:
    pages = Pages()
    for number in range(KEPT_PAGES + 5):
        pages.put(page(number, 10**6))
    assert not pages.has(0)
    assert pages.has(KEPT_PAGES + 4)
    assert pages.total == 10**6


def test_days_begin_where_people_are() -> None:
    assert since("today", NOW) == "2026-11-27T15:00:00.000Z"
    assert since("week", NOW) == "2026-11-21T15:00:00.000Z"
    assert since("", NOW) == ""
    assert when_words("2026-11-27T15:10:00.000Z", NOW) == "00:10"
    assert when_words("2026-11-27T14:10:00.000Z", NOW) == "27 Nov 23:10"
    assert when_words("2025-11-27T14:10:00.000Z", NOW) == "27 Nov 2025"
    assert when_words("once", NOW) == "once"


def test_filters_become_a_question() -> None:
    assert Filters().query(0, NOW) == HistoryQuery()
    assert not Filters().narrow
    asked = Filters(words=" lost ", verdict="broken", age="today", sort="users").query(3, NOW)
    assert (asked.words, asked.verdict, asked.offset, asked.sort) == ("lost", "broken", 3 * PAGE, "users")
    assert datetime.fromisoformat(asked.since.replace("Z", "+00:00")).tzinfo == UTC


def test_words_for_a_line() -> None:
    assert verdict_words(line(1, verdict="broken", broken=2)) == "2 broken"
    assert verdict_words(line(1, verdict="broken", broken=1, kind="campaign")) == "1 cause"
    assert verdict_words(line(1, verdict="unfinished", status="cancelled")) == "cancelled"
    assert shares_of(line(1, shape=(200, 50))) == [1.0, 0.25]
    assert shares_of(line(1, kind="campaign", shape=(200, 50))) == []
    assert changed_words(line(1)) == ""
    assert changed_words(line(1, changed=())) == "the same inputs"


@given(text=st.text(max_size=60))
def test_whatever_is_typed_is_a_tag_or_nothing(text: str) -> None:
    tag = as_tag(text)
    assert as_tag(tag) == tag
    assert all(c.isalnum() or c in "-_." for c in tag)
    assert len(tag) <= 40


def test_completion_offers_what_is_not_there() -> None:
    assert complete_tag("ni", ["nightly", "slow", "night"], ["night"]) == ["nightly"]
