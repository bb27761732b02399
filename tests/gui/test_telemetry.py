"""The Telemetry place: a report as curves, rows and words; alarms told once; limits; what it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.places.telemetry import state
from turbulence_app.gui.places.telemetry.export import as_csv
from turbulence_app.gui.window import MainWindow

NOW = 29_000_000
"""Some minute since 1970."""


def minute(at: int, requests: int, hits: int, p50: float) -> dict[str, Any]:
    fallbacks = requests // 12
    return {
        "minute": at, "requests": requests, "answered": requests, "hits": hits, "fallback_requests": fallbacks,
        "error_requests": 1 if at % 17 == 0 else 0, "p50_ms": p50, "p95_ms": 6 * p50, "p99_ms": 11 * p50,
        "hit_rate": hits / requests, "saved_ms": 400.0 * hits,
    }  # fmt: skip


def report(**changes: Any) -> dict[str, Any]:
    """An hour of a busy window."""
    series = [
        minute(NOW - back, 20 + (back * 7) % 31, 12 + (back * 5) % 9, 180.0 + (back * 37) % 400)
        for back in range(58, -1, -1)
        if back % 9
    ]
    total = {
        "requests": sum(row["requests"] for row in series), "hits": sum(row["hits"] for row in series),
        "hit_rate": 0.46, "fallback_share": 0.07, "p50_ms": 312.0, "p95_ms": 2140.0, "p99_ms": 4310.0,
        "saved_ms": 268_000.0, "fallbacks": {"timeout": 41, "breaker_open": 88}, "errors": {"refused": 3},
        "retried": {"busy": 12},
    }  # fmt: skip
    times = {"p99_ms": 5000.0, "mean_ms": 500.0, "max_ms": 9000.0}
    limits = [
        ("fallbacks", "fallback_share", 5, 0.2), ("errors", "error_share", 5, 0.05),
        ("slow", "p95_ms", 5, 120_000.0), ("breaker", "breaker_opened", 5, 0.0),
    ]  # fmt: skip
    made: dict[str, Any] = {
        "from": NOW - 59, "to": NOW, "series": series, "total": total,
        "by_source": {
            "cache_l0": {"requests": 612, "p50_ms": 0.0012, "p95_ms": 0.0017, **times},
            "cache_l2": {"requests": 80, "p50_ms": 0.034, "p95_ms": 0.05, **times},
            "model": {"requests": 702, "p50_ms": 640.0, "p95_ms": 2900.0, **times},
            "builtin": {"requests": 129, "p50_ms": 21.0, "p95_ms": 38.0, **times},
        },
        "models": [
            {"provider": "llamacpp", "model": "phi-3-mini-4k-instruct-q4", "calls": 702, "failed": 41, "p50_ms": 640.0,
             "p95_ms": 2900.0, "p99_ms": 4310.0, "tokens_in": 512_000, "tokens_out": 88_200, "tokens_per_s": 13.3},
            {"provider": "ollama", "model": "qwen2.5:1.5b", "calls": 88, "failed": 0, "p50_ms": 410.0, "p95_ms": 990.0,
             "p99_ms": 1400.0, "tokens_in": 61_000, "tokens_out": 9_400, "tokens_per_s": 35.1},
        ],
        "queue": {"waited": 40, "p50_ms": 3.0, "p95_ms": 20.0, **times},
        "alerts": [], "past_alerts": [],
        "thresholds": [
            {"name": n, "measure": m, "minutes": w, "over": o, "clear": o / 2, "least": 10, "on": True}
            for n, m, w, o in limits
        ],
        "measures": {
            "fallback_share": "of requests took a fallback", "error_share": "of requests had no answer",
            "p95_ms": "ms at the 95th percentile", "breaker_opened": "× a breaker opened",
        },
        "breakers": [
            {"backend": "llamacpp", "model": "phi-3-mini-4k-instruct-q4", "digest": "a", "state": "open", "calls": 12,
             "failures": 7, "opened": 2, "retry_in": 8.4},
            {"backend": "ollama", "model": "qwen2.5:1.5b", "digest": "b", "state": "closed", "calls": 9, "failures": 0,
             "opened": 0, "retry_in": 0.0},
        ],
        "queues": [], "kept": {"rows": 51, "bytes": 40_000, "oldest": NOW - 58, "days": 14},
        "recent": [
            {"id": "9f3a61c2e810", "operation": "policy", "source": "model", "provider": "llamacpp",
             "model": "phi-3-mini-4k-instruct-q4", "error": "", "fallbacks": [], "retries": 0, "calls": 1,
             "tokens_in": 812, "tokens_out": 190, "waited_ms": 2.0, "ms": 2310.0},
            {"id": "77b0d1c2aa01", "operation": "policy", "source": "builtin", "provider": "builtin",
             "model": "minilm-l6-v2-int8", "error": "", "fallbacks": ["breaker_open"], "retries": 0, "calls": 1,
             "tokens_in": 0, "tokens_out": 0, "waited_ms": 0.0, "ms": 24.0},
            {"id": "10aa41c2ffe3", "operation": "policy", "source": "", "provider": "", "model": "",
             "error": "timeout", "fallbacks": [], "retries": 2, "calls": 3, "tokens_in": 812, "tokens_out": 0,
             "waited_ms": 11.0, "ms": 120_000.0},
        ],
    }  # fmt: skip
    return {**made, **changes}


ALARM = {
    "name": "fallbacks", "measure": "fallback_share", "minutes": 5, "over": 0.2, "value": 0.34, "worst": 0.41,
    "since": 60.0 * NOW - 140, "says": "34.0 % of requests took a fallback in 5 min (limit 20 %)",
}  # fmt: skip
PAST = {**ALARM, "name": "breaker", "since": 60.0 * NOW - 2000, "until": 60.0 * NOW - 1500,
        "says": "1 × a breaker opened in 5 min (limit 0)"}  # fmt: skip
CACHE = {
    "entries": 1204, "bytes": 3_400_000, "hits": {"raw": 612, "canonical": 0, "store": 80}, "similar": 0,
    "ms_saved": 268_000.0, "tokens_saved": 91_000, "false_hits": {"audited": 0, "disagreed": 0, "low": 0, "high": 1},
}  # fmt: skip


# -- words and rows -------------------------------------------------------------------------------------------


def test_every_minute_is_a_point_and_long_times_are_added_up() -> None:
    hour = state.curves(report())
    assert len(hour.at) == 60
    assert hour.at[1] == 60.0
    assert sum(hour.answered["cache"]) == sum(row["hits"] for row in report()["series"])
    long = state.curves(report(**{"from": NOW - 1439}))
    assert len(long.at) <= state.MOST_POINTS
    assert sum(long.answered["cache"]) == sum(hour.answered["cache"])
    assert max(long.latency["p99"]) == max(hour.latency["p99"]), "a peak is not averaged away"


def test_nothing_asked_is_calm_and_gives_flat_curves() -> None:
    empty = report(series=[], total={"requests": 0}, by_source={})
    assert state.calm(empty)
    assert state.calm({})
    assert set(state.curves(empty).latency["p95"]) == {0.0}
    assert state.source_rows(empty) == state.reason_rows(empty) == []


def test_sources_come_with_the_most_frequent_first_and_shares_that_sum_to_one() -> None:
    rows = state.source_rows(report())
    assert [row.source for row in rows] == ["model", "cache_l0", "builtin", "cache_l2"]
    assert sum(row.share for row in rows) == pytest.approx(1.0)


def test_alarms_that_are_on_come_before_past_ones() -> None:
    rows = state.alarm_rows(report(alerts=[ALARM], past_alerts=[PAST]))
    assert [(row.name, bool(row.until)) for row in rows] == [("fallbacks", False), ("breaker", True)]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0.0, "0 ms"), (0.0012, "1.2 µs"), (0.5, "500 µs"), (9.94, "9.9 ms"), (312.4, "312 ms"), (2140, "2.1 s"),
     (268_000, "4 min"), (3_600_000 * 3, "3.0 h")],
)  # fmt: skip
def test_durations_say_two_figures_that_mean_something(ms: float, words: str) -> None:
    assert state.duration(ms) == words


@pytest.mark.parametrize(
    ("breaker", "words", "token"),
    [
        ({"state": "closed"}, "closed", "good"),
        ({"state": "closed", "calls": 9, "failures": 2}, "closed · 2 of 9 failed", "good"),
        ({"state": "half_open", "opened": 1}, "half-open · testing", "warn"),
        ({"state": "open", "opened": 2, "retry_in": 8.4}, "open · again in 8 s", "bad"),
    ],
)
def test_a_breaker_says_how_it_stands(breaker: Mapping[str, Any], words: str, token: str) -> None:
    assert state.breaker_words(breaker) == (words, token)
    assert state.breaker_opened(breaker) == (f"{breaker['opened']}×" if breaker.get("opened") else "")


def test_the_models_place_tells_at_a_glance_what_telemetry_counts(window: MainWindow) -> None:
    card = window.place("models").view.glance
    presenter = window.place("telemetry").presenter
    presenter._timer.stop()
    presenter._reported(report())
    assert card.pages.currentIndex() == 0
    assert card.figures["cache"].text() == "46 %"
    assert card.breakers[0][1].text() == "open · again in 8 s"
    presenter._reported(report(total={"requests": 0}))
    assert card.pages.currentIndex() == 1


# -- the place in a window ------------------------------------------------------------------------------------


def test_a_compile_is_counted_and_the_place_fills_itself(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("telemetry")
    window.go("telemetry", {})
    qtbot.waitUntil(lambda: bool(place.presenter.report), timeout=20_000)
    before = int(place.presenter.report["total"]["requests"])
    window.go("personas", {})
    window.commands.run("personas.compile")
    personas = window.place("personas").presenter
    qtbot.waitUntil(lambda: not personas.compiling.busy, timeout=60_000)
    window.go("telemetry", {})
    # the process of the models keeps its counts every ten seconds
    qtbot.waitUntil(lambda: place.presenter.report["total"]["requests"] > before, timeout=40_000)
    assert place.view.upper.currentIndex() == 0
    assert place.view.sources.rows.rowCount() >= 1
    assert "minute,requests" in as_csv(place.presenter)


def test_an_alarm_is_told_once_and_stands_in_the_navigation(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = window.place("telemetry")
    told: list[str] = []
    monkeypatch.setattr(window.notices, "show", lambda text, *_: told.append(text))
    for _ in range(3):
        place.presenter._reported(report(alerts=[ALARM]))
    assert len(told) == 1
    assert "34.0 %" in told[0]
    assert window.nav.buttons["telemetry"].badge == "1"
    place.presenter._reported(report(past_alerts=[ALARM | {"until": 60.0 * NOW}]))
    assert window.nav.buttons["telemetry"].badge == ""
    place.presenter._reported(report(alerts=[ALARM]))
    assert len(told) == 2, "it began again"


def test_a_limit_is_changed_and_kept(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("telemetry")
    window.go("telemetry", {})
    window.commands.run("telemetry.limits")
    qtbot.waitUntil(lambda: "fallbacks" in place.view.limits.rows, timeout=20_000)
    _, field = place.view.limits.rows["fallbacks"]
    field.setText("35")
    field.setModified(True)
    field.editingFinished.emit()

    def over() -> float:
        return next(t["over"] for t in place.presenter.report["thresholds"] if t["name"] == "fallbacks")

    qtbot.waitUntil(lambda: over() == 0.35, timeout=20_000)
    place.view.limits.usual.click()
    qtbot.waitUntil(lambda: over() == 0.2, timeout=20_000)


def test_a_report_that_cannot_be_read_says_why(qtbot: QtBot, window: MainWindow) -> None:
    from turbulence_app.domain.events import JobFailed

    place = window.place("telemetry")
    place.presenter._refused(JobFailed(message="the database is locked", mend="close the other program"))
    assert place.view.pages.currentWidget() is place.view.trouble
    assert "locked" in place.view.trouble.text.text()
    place.presenter._reported(report())
    assert place.view.pages.currentIndex() == 0


def test_exports_are_files(qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path) -> None:
    place = window.place("telemetry")
    window.go("telemetry", {})
    place.presenter._reported(report())
    for action, name in (("telemetry.csv", "t.csv"), ("telemetry.png", "t.png")):
        answers.path = tmp_path / name
        window.commands.run(action)
        assert answers.path.stat().st_size > 500


# -- pictures -------------------------------------------------------------------------------------------------


def test_the_status_line_tells_cache_and_breakers_at_a_glance() -> None:
    words, tone, detail = state.health(report())
    assert words == "cache 46 % hit · 1 breaker open"
    assert tone == "warn"
    assert "again in 8 s" in detail
    closed = [{**report()["breakers"][0], "state": "closed"}]
    assert state.health(report(breakers=closed))[:2] == ("cache 46 % hit · breaker closed", "")
    assert state.health(report(breakers=[]))[0] == "cache 46 % hit"
    assert state.health({}) == ("", "", "")


def test_the_status_line_leads_to_the_place(window: MainWindow) -> None:
    presenter = window.place("telemetry").presenter
    presenter._timer.stop()
    presenter._reported(report())
    assert window.status.health.isVisible()
    window.go("personas", {})
    window.status.health.click()
    assert window.places.open == "telemetry"
