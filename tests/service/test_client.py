"""The window's side of the workers, against real child processes."""

import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.events import JobFailed, Log
from turbulence_app.service import lane as lane_module
from turbulence_app.service.client import Client

TOY = (sys.executable, str(Path(__file__).with_name("toy_worker.py")))


class Caller:
    """Requests whose outcomes can be waited for."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.outcomes: queue.Queue[tuple[int, str, Any]] = queue.Queue()
        self.events: list[Any] = []

    def ask(self, op: str, lane: str = "run", slot: str | None = None, tag: int = 0, **params: Any) -> int:
        return self.client.request(
            lane,
            op,
            params,
            on_event=self.events.append,
            on_result=lambda value: self.outcomes.put((tag, "result", value)),
            on_error=lambda error: self.outcomes.put((tag, "error", error)),
            slot=slot,
        )

    def next(self) -> tuple[int, str, Any]:
        return self.outcomes.get(timeout=30)

    def until_started(self, lane: str = "run") -> int:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if (pid := self.client.pids()[lane]) is not None:
                return pid
            time.sleep(0.01)
        raise AssertionError("the worker did not start")


@pytest.fixture
def caller():
    client = Client(command=TOY)
    yield Caller(client)
    client.close()


def test_answers_come_back_whatever_is_printed(caller: Caller) -> None:
    data = {"text": "naïve \u2028 \U0001f600", "big": 2**64 - 1, "blob": "x" * 300_000}
    caller.ask("echo", data=data)
    assert caller.next() == (0, "result", data)


def test_events_come_in_order_and_before_the_result(caller: Caller) -> None:
    caller.ask("count", to=500)
    assert caller.next() == (0, "result", 500)
    assert [event.message for event in caller.events] == [str(i) for i in range(500)]
    assert all(isinstance(event, Log) for event in caller.events)


def test_lanes_do_not_wait_for_each_other(caller: Caller) -> None:
    blocked = caller.ask("polite", lane="run", tag=1)
    caller.ask("echo", lane="live", tag=2, data=1)
    assert caller.next() == (2, "result", 1)
    caller.client.cancel(blocked)
    tag, what, error = caller.next()
    assert (tag, what, error.exit_status) == (1, "error", 130)


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="no such priorities here")
def test_a_run_lets_the_window_go_first(caller: Caller) -> None:
    for lane in ("run", "live"):
        caller.ask("echo", lane=lane, data=1)
        caller.next()
    pids, own = caller.client.pids(), os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pids["live"] or 0) == own
    assert os.getpriority(os.PRIO_PROCESS, pids["run"] or 0) == max(own, lane_module.NICE)


def test_known_errors_and_bugs_are_told_apart(caller: Caller) -> None:
    caller.ask("known")
    _, _, known = caller.next()
    assert known == JobFailed(message="no such thing", mend="name another", exit_status=2)
    caller.ask("bug")
    _, _, bug = caller.next()
    assert not bug.known
    assert "ZeroDivisionError: a bug" in bug.message
    assert "toy_worker.py" in bug.traceback


def test_a_crash_is_an_error_with_a_reason_and_the_others_go_on(caller: Caller) -> None:
    caller.ask("segfault", tag=1)
    caller.ask("echo", tag=2, data="after")
    outcomes = {tag: (what, value) for tag, what, value in (caller.next(), caller.next())}
    what, error = outcomes[1]
    assert what == "error"
    assert "SIGSEGV" in error.message
    assert "last words" in error.traceback
    assert outcomes[2] == ("result", "after")


def test_an_exit_status_is_named(caller: Caller) -> None:
    caller.ask("leave")
    _, what, error = caller.next()
    assert what == "error"
    assert "status 7" in error.message


def test_a_kill_from_outside_is_seen_and_the_next_request_works(caller: Caller) -> None:
    caller.ask("polite", tag=1)
    os.kill(caller.until_started(), signal.SIGKILL)
    _, what, error = caller.next()
    assert what == "error"
    assert "SIGKILL" in error.message
    caller.ask("echo", tag=2, data=3)
    assert caller.next() == (2, "result", 3)


def test_garbage_from_a_worker_ends_it(caller: Caller) -> None:
    caller.ask("garbage")
    _, what, _error = caller.next()
    assert what == "error"


def test_a_deaf_job_is_ended_and_the_queue_behind_it_survives(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_module, "TERMINATE_AFTER_S", 0.1)
    job = caller.ask("deaf", tag=1)
    caller.ask("echo", tag=2, data="kept")
    caller.client.cancel(job)
    outcomes = {tag: (what, value) for tag, what, value in (caller.next(), caller.next())}
    assert outcomes[1][1].exit_status == 130
    assert outcomes[2] == ("result", "kept")


def test_a_waiting_job_is_cancelled_at_once(caller: Caller) -> None:
    first = caller.ask("polite", tag=1)
    second = caller.ask("echo", tag=2, data=0)
    caller.client.cancel(second)
    tag, what, error = caller.next()
    assert (tag, what, error.exit_status) == (2, "error", 130)
    caller.client.cancel(first)
    assert caller.next()[0] == 1


def test_a_newer_request_in_a_slot_replaces_the_older(caller: Caller) -> None:
    caller.ask("polite", slot="s", tag=1)
    caller.ask("polite", slot="s", tag=2)
    third = caller.ask("polite", slot="s", tag=3)
    assert sorted((caller.next()[0], caller.next()[0])) == [1, 2]
    caller.client.cancel(third)
    assert caller.next()[0] == 3


def test_close_leaves_no_process() -> None:
    client = Client(command=TOY)
    caller = Caller(client)
    caller.ask("polite", lane="run")
    caller.ask("echo", lane="live", data=1)
    caller.next()
    pids = [pid for pid in client.pids().values() if pid]
    client.close()
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_worker_does_not_outlive_its_window(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(
        "import os, signal, sys, time\n"
        "from turbulence_app.service.client import Client\n"
        f"client = Client(command={TOY!r})\n"
        "client.request('run', 'polite', {}, on_error=print)\n"
        "client.call('live', 'echo', {'data': 1})\n"
        "print(*[p for p in client.pids().values() if p], flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False, env=paths
    )
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(_alive(pid) for pid in pids)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
