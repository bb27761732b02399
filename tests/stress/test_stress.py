"""Every kind of failure, injected into a model, a worker process and a server, through the real gateway."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from turbulence_app.llm.backends.llamacpp import installed
from turbulence_app.llm.errors import ModelTimeoutError
from turbulence_app.llm.gateway import Gateway
from turbulence_app.service.stress import load
from turbulence_app.service.stress.footprint import Footprint, settled
from turbulence_app.service.stress.run import Stressed, stress
from turbulence_app.service.stress.settings import FAULTS, StressSettings

needs_llama = pytest.mark.skipif(not installed(), reason="the extra llama is not installed")
MOCK = {
    "slow": {"model", "timeout"},
    "dying": {"crash", "breaker_open"},
    "garbage": {"invalid"},
    "endless": {"timeout", "breaker_open", "queue"},
    "oversized": {"invalid"},
    "refusing": {"busy", "breaker_open"},
}
"""What a fallback is caused by, where every answer is spoilt."""
BUSY = {"timeout", "queue", "budget"}
"""What it may be caused by on a machine that has no time for a test."""

WORKER = {"crash", "model", "breaker_open"}
"""The same for a process whose answers are spoilt more often than not."""


def run(home: Path, **settings: object) -> Stressed:
    """A short run that must hold. It may be late by what a busy machine takes, never by as much as a fault lasts."""
    usual = {"seconds": 1.0, "agents": 3, "hit_rate": 0.5, "latency_ms": 2.0, "budget_ms": 400, "late_ms": 20_000}
    done = stress(StressSettings(**{**usual, **settings}), home)  # type: ignore[arg-type]
    assert done.problems == ()
    found = done.plain()
    assert json.loads(json.dumps(found)) == found
    assert found["total"]["requests"] == found["plans"] > 0
    return done


def test_a_model_that_behaves(tmp_path: Path) -> None:
    found = run(tmp_path, budget_ms=60_000).plain()
    assert set(found["total"]["sources"]) <= {"model", "cache_l0", "cache_l1", "cache_l2", "joined"}
    assert found["total"]["hits"] > 0
    assert not found["total"]["fallbacks"]
    assert found["latency"]["p50_ms"] > 0
    assert found["queue"]["waited"] == found["total"]["sources"]["model"]


@pytest.mark.parametrize("fault", list(FAULTS))
def test_each_fault_ends_in_an_answer_from_the_rules_within_the_budget(fault: str, tmp_path: Path) -> None:
    found = run(tmp_path, faults=(fault,), fault_rate=1.0).plain()
    assert found["injected"].keys() == {fault}
    assert set(found["total"]["fallbacks"]) <= MOCK[fault] | BUSY
    if fault != "slow":
        assert set(found["total"]["sources"]) <= {"rules", "mended"}
        assert sum(found["total"]["fallbacks"].values()) == found["plans"]
    if fault in ("dying", "refusing"):
        assert found["total"]["breaker_openings"] >= 1
        assert found["total"]["retries"] >= 1


def test_mixed_faults_leave_nothing_behind(tmp_path: Path) -> None:
    found = run(tmp_path, faults=tuple(FAULTS), fault_rate=0.3, seconds=2.5, agents=6).plain()
    assert len(found["injected"]) >= 2
    assert set(found["total"]["sources"]) & {"model", "repaired"}


def test_a_server_that_misbehaves(tmp_path: Path) -> None:
    settings = {"backend": "ollama", "seconds": 2.5, "budget_ms": 600, "hit_rate": 0.3}
    found = run(tmp_path, **settings, faults=tuple(FAULTS), fault_rate=0.3).plain()
    assert found["models"][0]["provider"] == "ollama"
    assert len(found["injected"]) >= 2
    assert found["total"]["sources"].get("model")
    assert set(found["total"]["fallbacks"]) <= {
        "garbage",
        "timeout",
        "broken",
        "busy",
        "queue",
        "breaker_open",
        "budget",
    }


@needs_llama
@pytest.mark.parametrize("fault", ["dying", "endless", "garbage", "oversized", "refusing"])
def test_a_worker_process_that_misbehaves(fault: str, tmp_path: Path) -> None:
    settings = {"backend": "llamacpp", "seconds": 2.0, "budget_ms": 1500, "agents": 2}
    found = run(tmp_path, **settings, faults=(fault,), fault_rate=1.0).plain()
    assert found["models"][0]["provider"] == "llamacpp"
    assert found["injected"].keys() == {fault}
    assert set(found["total"]["fallbacks"]) <= WORKER | BUSY


def test_the_built_in_model(tmp_path: Path) -> None:
    found = run(tmp_path, backend="builtin", budget_ms=20_000).plain()
    assert found["total"]["sources"].get("builtin")


def test_stopped_it_ends_at_once_and_holds(tmp_path: Path) -> None:
    stop = threading.Event()
    events: list[object] = []

    def see(event: object) -> None:
        events.append(event)
        stop.set()

    settings = StressSettings(
        seconds=600, agents=3, faults=("endless",), fault_rate=1.0, budget_ms=500_000, late_ms=20_000
    )
    done = stress(settings, tmp_path, on_event=see, should_stop=stop.is_set)
    assert done.cancelled
    assert done.problems == ()
    assert events


def test_what_is_not_given_back_is_noticed(tmp_path: Path) -> None:
    before = Footprint.now()
    over = threading.Event()
    thread = threading.Thread(target=over.wait, daemon=True)
    thread.start()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    file = (tmp_path / "open").open("w")
    try:
        _, leaks = settled(before, sleep=lambda _: time.sleep(0.3))
        assert len(leaks) == (3 if sys.platform == "linux" else 1)
    finally:
        over.set()
        thread.join()
        file.close()
        child.communicate(b"\n")
    assert settled(before)[1] == []


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda: (_ for _ in ()).throw(ZeroDivisionError("oops")), "no typed answer, .* ZeroDivisionError: oops"),
        (lambda: time.sleep(0.4), "requests ended more than 250 ms after their budget"),
        (lambda: threading.Thread(target=time.sleep, args=(30,), daemon=True).start(), "threads are still there"),
    ],
)
def test_a_gateway_that_breaks_its_promises_does_not_pass(spoil, says: str, tmp_path: Path, monkeypatch) -> None:
    real = Gateway.answer

    def broken(self: Gateway, *args: object, **more: object) -> object:
        found = real(self, *args, **more)  # type: ignore[arg-type]
        spoil()
        return found

    monkeypatch.setattr("turbulence_app.service.stress.footprint.GRACE_S", 0.2)
    monkeypatch.setattr(Gateway, "answer", broken)
    done = stress(StressSettings(seconds=0.5, agents=2, budget_ms=50, latency_ms=1), tmp_path)
    assert not done.holds
    assert any(re.search(says, problem) for problem in done.problems)


def test_an_agent_that_hangs_is_told(tmp_path: Path, monkeypatch) -> None:
    over = threading.Event()

    def hang(*_: object, **__: object) -> None:
        over.wait()
        raise ModelTimeoutError("at last")

    monkeypatch.setattr(load, "HANG_S", 0.0)
    monkeypatch.setattr("turbulence_app.service.stress.footprint.GRACE_S", 0.2)
    monkeypatch.setattr(Gateway, "answer", hang)
    done = stress(StressSettings(seconds=0.1, agents=1, budget_ms=1), tmp_path)
    over.set()
    assert "1 agents hang" in done.problems


def test_the_command_says_it_in_words_and_in_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "turbulence_app", "stress", "--seconds", "0.5", "--agents", "2"]
    command += ["--late-ms", "20000"]
    shown = subprocess.run([*command, "--faults", "all"], capture_output=True, text=True, check=False, timeout=120)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "plans/s" in shown.stdout
    asked = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, timeout=120)
    assert json.loads(asked.stdout)["holds"]
    wrong = subprocess.run([*command, "--agents", "0"], capture_output=True, text=True, check=False, timeout=120)
    assert (wrong.returncode, wrong.stderr.splitlines()[0]) == (2, "error: agents is 0")


def test_ctrl_c_is_130_and_tells_what_was_done(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "turbulence_app", "stress", "--seconds", "600", "--faults", "endless", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    database = Path(f"/proc/{process.pid}/fd")
    end = time.monotonic() + 60
    while time.monotonic() < end and not any("stress.db" in _target(fd) for fd in _entries(database)):
        time.sleep(0.05)
    time.sleep(0.5)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert json.loads(out)["cancelled"]
    assert "Traceback" not in err


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:
        return ""
