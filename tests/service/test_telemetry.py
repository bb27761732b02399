"""Telemetry from a gateway's hands into the database and back, with thresholds and alarms."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.llm import errors
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.service.client import Client
from turbulence_app.service.opening import kept
from turbulence_app.service.projects import init_project
from turbulence_app.service.telemetry import THRESHOLDS, Keeper, set_thresholds, thresholds
from turbulence_app.service.telemetry_report import report
from turbulence_app.store.database import Database
from turbulence_app.store.meta import Meta
from turbulence_app.store.telemetry import KEPT_DAYS, MinuteRow, TelemetryStore

START = 1_800_000_000.0


class Time:
    def __init__(self) -> None:
        self.now = START

    def wall(self) -> float:
        return self.now

    def nanoseconds(self) -> int:
        return int(self.now * 1e9)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "t.db") as opened:
        yield opened


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def keeper(database: Database, time: Time) -> Keeper:
    breakers = [{"backend": "ollama", "model": "phi3", "digest": "d", "state": "open"}]
    return Keeper(Telemetry(time.nanoseconds), database, lambda: {"breakers": breakers}, wall=time.wall)


def model_answer(keeper: Keeper, time: Time, seconds: float = 2.0) -> None:
    request = keeper.telemetry.begin("policy")
    with request.call("ollama", "phi3:mini") as call:
        time.now += seconds
        call.tokens(300, 100)
    request.end("model", "ollama", "phi3:mini")


def test_numbers_of_a_minute_and_of_all(keeper: Keeper, database: Database, time: Time) -> None:
    model_answer(keeper, time)
    for _ in range(3):
        keeper.telemetry.hits("policy", "cache_l0").record(1000)
        keeper.telemetry.saved(2e9, 400)
    keeper.keep()
    time.now += 60
    request = keeper.telemetry.begin("policy")
    failing = request.call("ollama", "phi3:mini")
    failing.__enter__()
    failing.__exit__(errors.ModelCrashError, errors.ModelCrashError("x"), None)
    request.retry("ollama", "crash")
    request.queued("ollama", 0.5)
    request.fallback("crash")
    request.end("rules", "rules")
    keeper.telemetry.begin("policy").end("", error="absent")
    keeper.close()
    database.flush()

    found = report(database, now=time.now)
    assert json.loads(json.dumps(found)) == found
    first, second = found["series"]
    assert (first["minute"], second["minute"]) == (int(START) // 60, int(START) // 60 + 1)
    assert (first["requests"], first["hits"], first["hit_rate"]) == (4, 3, 0.75)
    assert (second["requests"], second["answered"], second["fallback_requests"], second["error_requests"]) == (
        2,
        1,
        1,
        1,
    )
    total = found["total"]
    assert total["sources"] == {"cache_l0": 3, "model": 1, "none": 1, "rules": 1}
    assert total["fallbacks"] == total["retried"] == {"crash": 1}
    assert total["errors"] == {"absent": 1}
    assert (total["tokens_in"], total["tokens_out"], total["saved_tokens"]) == (300, 100, 1200)
    assert total["saved_ms"] == 6000
    assert total["max_ms"] == pytest.approx(2000)
    (model,) = found["models"]
    assert (model["provider"], model["model"], model["calls"], model["failed"]) == ("ollama", "phi3:mini", 2, 1)
    assert model["tokens_per_s"] == pytest.approx(50, rel=0.01)
    assert found["queue"]["waited"] == 1
    assert found["queue"]["p95_ms"] == pytest.approx(500, rel=1 / 16)
    assert [b["state"] for b in found["breakers"]] == ["open"]
    assert report(database, now=time.now + 100)["breakers"] == []


def test_several_processes_are_added_up(database: Database, time: Time) -> None:
    for _ in range(2):
        keeper = Keeper(Telemetry(time.nanoseconds), database, dict, wall=time.wall)
        model_answer(keeper, time, 1.0)
        keeper.close()
    database.flush()
    assert report(database, now=time.now)["total"]["requests"] == 2


def test_a_quiet_keeper_writes_nothing_twice(keeper: Keeper, database: Database, time: Time) -> None:
    for _ in range(50):
        keeper.keep()
        time.now += 10
    database.flush()
    assert TelemetryStore(database).stats()["rows"] == 1


def test_what_is_old_is_forgotten(keeper: Keeper, database: Database, time: Time) -> None:
    model_answer(keeper, time)
    keeper.keep()
    time.now += (KEPT_DAYS + 1) * 86_400
    model_answer(keeper, time)
    keeper.keep()
    database.flush()
    assert TelemetryStore(database).stats()["rows"] == 1


def test_an_alarm_is_told_at_once_and_seen_by_whoever_reads(database: Database, time: Time) -> None:
    told: list[tuple[str, str]] = []
    keeper = Keeper(
        Telemetry(time.nanoseconds), database, dict, wall=time.wall,
        on_alarm=lambda what, alarm: told.append((what, alarm.threshold.name)),
    )  # fmt: skip
    for _ in range(20):
        request = keeper.telemetry.begin("policy")
        request.fallback("timeout")
        request.end("rules", "rules")
    keeper.keep()
    database.flush()
    assert told == [("raised", "fallbacks")]
    found = report(database, now=time.now)
    assert [alert["says"] for alert in found["alerts"]] == ["100.0 % of requests took a fallback in 5 min (limit 20 %)"]
    assert found["windows"]["1"]["fallback_share"] == 1.0
    time.now += 400
    keeper.keep()
    assert told[-1] == ("cleared", "fallbacks")
    later = report(database, now=time.now)
    assert later["alerts"] == []
    assert [past["name"] for past in later["past_alerts"]] == ["fallbacks"]


def test_thresholds_are_kept_and_what_makes_no_sense_changes_nothing(database: Database) -> None:
    usual = thresholds(database)
    set_thresholds(database, [{"name": "slow", "over": 500.0}])
    set_thresholds(database, [{"name": "errors", "on": False}])
    found = {t.name: t for t in thresholds(database)}
    assert found["slow"].over == 500.0
    assert not found["errors"].on
    with pytest.raises(InputError):
        set_thresholds(database, [{"name": "slow", "over": -1}])
    assert found["slow"] in thresholds(database)
    assert set_thresholds(database, []) == usual == thresholds(database)


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[1]", '[{"name": "slow", "over": "x"}]', "[[[[" * 50_000])
def test_thresholds_that_cannot_be_read_are_the_usual_ones(database: Database, text: str) -> None:
    Meta(database).set(THRESHOLDS, text)
    assert thresholds(database)[0].name == "fallbacks"


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"version": 99}', '{"version": 1, "at": "x"}', "[" * 100_000])
def test_a_damaged_minute_is_a_lost_minute(database: Database, time: Time, text: str) -> None:
    TelemetryStore(database).put(MinuteRow(int(START) // 60, "a", text))
    database.flush()
    assert report(database, now=time.now)["total"]["requests"] == 0


def test_it_keeps_by_itself_and_stops_when_closed(database: Database, monkeypatch) -> None:
    monkeypatch.setattr("turbulence_app.service.telemetry.SLICE_S", 0.01)
    keeper = Keeper(Telemetry(), database, dict)
    keeper.start()
    keeper.telemetry.begin("policy").end("model")
    for _ in range(6000):
        database.flush()
        if TelemetryStore(database).stats()["rows"]:
            break
        keeper._done.wait(0.01)
    keeper.close()
    assert report(database)["total"]["requests"] == 1


def test_what_the_window_asks_for(tmp_path: Path) -> None:
    root = str(tmp_path / "shop")
    init_project(Path(root))
    client = Client()
    try:
        opened = client.call("model", "open_project", {"project": root})
        ask = {"project": root, "persona": opened["personas"][0], "workflow": opened["workflows"][0]}
        for _ in range(2):
            client.call("model", "compile", {**ask, "backend": "builtin"})
        found = client.call("model", "telemetry", {"project": root, "minutes": 5})
        assert found["total"]["sources"] == {"builtin": 1, "cache_l0": 1}
        assert [row["source"] for row in found["recent"]] == ["cache_l0", "builtin"]
        assert found["total"]["saved_ms"] > 0
        (model,) = found["models"]
        assert (model["provider"], model["calls"], model["failed"]) == ("builtin", 1, 0)
        assert "Ada" not in str(found)
        limits = [{"name": "slow", "over": 1.0, "least": 1}]
        said = client.call("model", "set_thresholds", {"project": root, "thresholds": limits})
        assert next(t for t in said["thresholds"] if t["name"] == "slow")["over"] == 1.0
        elsewhere = client.call("live", "telemetry", {"project": root})
        assert [alert["name"] for alert in elsewhere["alerts"]] == ["slow"]
        assert elsewhere["recent"] == []
        with pytest.raises(RuntimeError, match="looks at 2 minutes"):
            client.call("model", "set_thresholds", {"project": root, "thresholds": [{"name": "slow", "minutes": 2}]})
    finally:
        client.close()


def test_the_command_line_shows_it_and_ends_with_1_while_an_alarm_is_on(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    init_project(root)

    def turbulence(*words: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "turbulence_app", *words, "--project", str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout, done.stderr

    assert turbulence("policy", "generate", "--backend", "builtin", "--force", "--quiet")[0] == 0
    status, shown, _ = turbulence("models", "stats")
    assert status == 0
    assert "5 requests in 60 min" in shown
    assert "builtin" in shown
    assert turbulence("models", "stats", "--limit", "slow=0.001", "--limit", "errors=off")[0] == 0
    status, text, _ = turbulence("models", "stats", "--json", "--limit", "few=1")
    assert status == 2
    with kept(root) as database:
        set_thresholds(database, [{"name": "slow", "over": 0.001, "least": 1}])
    status, text, _ = turbulence("models", "stats", "--json")
    assert status == 1
    found = json.loads(text)
    assert [alert["name"] for alert in found["alerts"]] == ["slow"]
    assert not next(t for t in found["thresholds"] if t["name"] == "errors")["on"]
    assert "slow:" in turbulence("models", "stats")[1]
