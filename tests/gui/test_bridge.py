from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

from turbulence_app.domain.events import JobFailed, Log
from turbulence_app.gui.bridge import Bridge, Latest, as_failure


class Threads:
    """A client whose jobs are plain functions on real threads, with the callbacks of the service's client."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.cancelled: list[int] = []
        self.gate = threading.Event()
        self.threads: list[threading.Thread] = []

    def request(self, lane: str, op: str, params: Any, on_event=None, on_result=None, on_error=None) -> int:
        self.asked.append(params)
        work = {"count": self._count, "echo": self._echo, "fail": self._fail, "wait": self._wait}[op]
        thread = threading.Thread(target=work, args=(params, on_event, on_result, on_error))
        self.threads.append(thread)
        thread.start()
        return len(self.asked)

    def cancel(self, job: int) -> None:
        self.cancelled.append(job)

    def close(self) -> None:
        self.gate.set()
        for thread in self.threads:
            thread.join()

    def _count(self, params: Any, event: Callable[[Any], None], result: Callable[[Any], None], _: Any) -> None:
        for number in range(params["n"]):
            event(Log(message=str(number)))
        result(params["n"])

    def _echo(self, params: Any, _: Any, result: Callable[[Any], None], __: Any) -> None:
        result(dict(params))

    def _fail(self, params: Any, _: Any, __: Any, error: Callable[[Any], None]) -> None:
        error({"message": "no", "known": True})

    def _wait(self, params: Any, _: Any, result: Callable[[Any], None], __: Any) -> None:
        self.gate.wait(10)
        result(params["n"])


def test_callbacks_run_in_the_windows_thread(qtbot: QtBot) -> None:
    bridge, seen = Bridge(Threads()), []
    bridge.request("live", "echo", {"a": 1}, on_result=lambda r: seen.append((r, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [({"a": 1}, threading.main_thread())]
    bridge.close()


def test_events_come_in_order_in_few_batches_and_before_the_result(qtbot: QtBot) -> None:
    bridge = Bridge(Threads())
    batches: list[list[Any]] = []
    done: list[int] = []

    def take(events: list[Any]) -> None:
        assert not done
        batches.append(events)

    bridge.request("run", "count", {"n": 5000}, on_events=take, on_result=done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=10_000)
    assert [event.message for batch in batches for event in batch] == [str(n) for n in range(5000)]
    assert len(batches) <= 20
    bridge.close()


def test_a_forgotten_job_tells_nobody_anything(qtbot: QtBot) -> None:
    client = Threads()
    bridge, seen = Bridge(client), []
    job = bridge.request("live", "wait", {"n": 1}, on_result=seen.append)
    job.forget()
    client.gate.set()
    bridge.request("live", "echo", {}, on_result=lambda _: seen.append("echo"))
    qtbot.waitUntil(lambda: "echo" in seen)
    qtbot.wait(80)
    assert seen == ["echo"]
    bridge.close()


def test_latest_wins_and_is_never_more_than_one_behind(qtbot: QtBot) -> None:
    client = Threads()
    bridge, seen = Bridge(client), []
    latest = Latest(bridge, "live", "wait", seen.append, lambda _: None)
    for number in range(100):
        latest.submit({"n": number})
    client.gate.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [0, 99]
    assert len(client.asked) == 2
    assert latest.took_ms >= 0
    bridge.close()


def test_an_error_goes_to_its_caller_or_else_to_the_window(qtbot: QtBot) -> None:
    bridge, seen = Bridge(Threads()), []
    bridge.request("live", "fail", {}, on_error=seen.append)
    with qtbot.waitSignal(bridge.failed) as heard:
        bridge.request("live", "fail", {}, on_result=lambda _: None)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].message == heard.args[0].message == "no"
    bridge.close()


def test_a_job_is_cancelled_by_its_own_number_and_not_after_its_end(qtbot: QtBot) -> None:
    client = Threads()
    bridge, seen = Bridge(client), []
    job = bridge.request("run", "wait", {"n": 3}, on_result=seen.append)
    bridge.cancel(job)
    assert client.cancelled == [1]
    client.gate.set()
    qtbot.waitUntil(lambda: bool(seen))
    bridge.cancel(job)
    assert client.cancelled == [1]
    bridge.close()


def test_whatever_a_client_reports_becomes_a_failure() -> None:
    assert as_failure(JobFailed(message="x")).message == "x"
    assert as_failure({"message": "y"}).message == "y"
    assert not as_failure(ValueError("z")).known


def test_a_job_that_was_answered_holds_nobody(qtbot: QtBot) -> None:
    bridge, seen = Bridge(Threads()), list[Any]()
    answered = bridge.request("live", "count", {"n": 3}, on_events=seen.append, on_result=seen.append)
    refused = bridge.request("live", "fail", {}, on_error=seen.append)
    qtbot.waitUntil(lambda: answered.finished and refused.finished and len(seen) >= 3)
    for job in (answered, refused):
        assert (job.on_events, job.on_result, job.on_error) == (None, None, None)
    bridge.close()
