"""Rolling windows and alarms: when they begin, that they do not flutter, when they end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.errors import InputError
from turbulence_app.llm.telemetry.document import Document
from turbulence_app.llm.telemetry.names import REQUEST_NS
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.llm.telemetry.thresholds import USUAL, Threshold, checked
from turbulence_app.llm.telemetry.windows import SLICE_S, Alarms, Windows


def traffic(good: int = 0, fallbacks: int = 0, failed: int = 0, ms: float = 1.0, opened: int = 0) -> Document:
    now = [0]
    telemetry = Telemetry(lambda: now[0])
    for i in range(good + fallbacks + failed):
        request = telemetry.begin("policy")
        now[0] += int(ms * 1e6)
        if i < fallbacks:
            request.fallback("timeout")
        request.end("" if i >= good + fallbacks else "model", error="crash" if i >= good + fallbacks else "")
    for _ in range(opened):
        telemetry.opened("ollama", "phi3")
    return telemetry.drain()


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(1, 4)), max_size=12), st.sampled_from([1, 5, 60]))
def test_a_window_holds_what_is_not_older_than_it_to_ten_seconds(steps: list[tuple[int, int]], minutes: int) -> None:
    windows, now, seen = Windows(), 1_000_000.0, []
    for wait, number in steps:
        now += wait
        windows.add(now, traffic(good=number))
        seen.append((now, number))
        count = windows.over(minutes, now).total(REQUEST_NS)
        least = sum(n for at, n in seen if at > now - 60 * minutes)
        most = sum(n for at, n in seen if at > now - 60 * minutes - SLICE_S)
        assert least <= count <= most


def names(alarms: Alarms) -> list[str]:
    return sorted(alarms.on)


def test_the_alarm_begins_above_the_limit_and_ends_at_the_lower_one() -> None:
    alarms, windows = Alarms((Threshold("f", "fallback_share", 1, over=0.2, clear=0.1),)), Windows()
    seen = []
    for i, share in enumerate([0, 20, 21, 15, 11, 10, 20, 21]):
        now = 1000.0 + 70 * i
        windows.add(now, traffic(good=100 - share, fallbacks=share))
        seen.append([what for what, _ in alarms.look(windows, now)])
    assert seen == [[], [], ["raised"], [], [], ["cleared"], [], ["raised"]]
    (past,) = alarms.past
    assert (past["since"], past["until"], past["worst"]) == (1140.0, 1350.0, 0.21)


def test_few_requests_are_no_reason_for_alarm() -> None:
    alarms, windows = Alarms(), Windows()
    windows.add(1000.0, traffic(fallbacks=9))
    assert alarms.look(windows, 1000.0) == []
    windows.add(1001.0, traffic(fallbacks=1))
    assert names(alarms) == [] and alarms.look(windows, 1001.0)[0][0] == "raised"  # noqa: PT018


def test_an_alarm_ends_when_what_raised_it_is_over() -> None:
    alarms, windows = Alarms(), Windows()
    windows.add(1000.0, traffic(good=20, failed=5, opened=1))
    alarms.look(windows, 1000.0)
    assert names(alarms) == ["breaker", "errors"]
    alarms.look(windows, 1400.0)
    assert names(alarms) == []


def test_slow_answers_are_seen_and_told_in_words() -> None:
    alarms = Alarms(checked([{"name": "slow", "over": 50.0}]))
    alarms.replay([(1000.0, traffic(good=20, ms=64.0))], 1001.0)
    assert alarms.on["slow"].says() == "64 ms at the 95th percentile in 5 min (limit 50)"
    assert alarms.on["slow"].threshold.clear == pytest.approx(37.5)


def test_the_same_documents_give_the_same_alarms_here_and_elsewhere() -> None:
    story = [(1000.0 + 60 * i, traffic(good=20, fallbacks=(9 if 5 <= i < 9 else 0))) for i in range(30)]
    live, windows = Alarms(), Windows()
    for at, document in story:
        windows.add(at, document)
        live.look(windows, at)
    again = Alarms()
    again.replay(story, story[-1][0])
    assert list(again.past) == list(live.past) != []
    assert names(again) == names(live) == []


@pytest.mark.parametrize(
    ("given_rows", "says"),
    [
        ([{"name": "slow", "over": float("nan")}], "not a number"),
        ([{"name": "slow", "over": "5"}], "not a number"),
        ([{"name": "slow", "minutes": 7}], "1, 5 or 60"),
        ([{"name": "slow", "measure": "mood"}], "measures 'mood'"),
        ([{"name": "slow", "limit": 7}], "has no 'limit'"),
        ([{"name": "slow", "over": 1.0, "clear": 2.0}], "ends above"),
        ([{"name": "new thing"}], "not a name"),
        ([{"name": "mine", "over": 1.0}], "measures ''"),
        ([{}], "not a name"),
        ([{"name": "slow", "on": 1}], "true or false"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(given_rows: list[dict[str, object]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        checked(given_rows)


def test_thresholds_can_be_changed_added_and_switched_off() -> None:
    mine = {"name": "retrying", "measure": "retry_share", "minutes": 60, "over": 1.0, "clear": 0.5}
    found = {t.name: t for t in checked([{"name": "slow", "on": False}, mine])}
    assert set(found) == {t.name for t in USUAL} | {"retrying"}
    assert not found["slow"].on
    assert checked([t.to_plain() for t in found.values()]) == tuple(found.values())
