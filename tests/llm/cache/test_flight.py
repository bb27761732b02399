"""Single flight: one call for equal questions, and nobody pays for somebody else's leaving."""

from __future__ import annotations

import random
import sys
import threading
import time

import pytest

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm.cache import SingleFlight
from turbulence_app.llm.errors import BudgetError, ModelError


class Caller(threading.Thread):
    """Asks on a thread of its own; remembers what came of it."""

    def __init__(self, flights, work, **more):
        super().__init__()
        self.flights, self.work, self.more = flights, work, more
        self.got = self.error = self.joined = None

    def run(self):
        try:
            self.got, self.joined = self.flights.do(b"k", self.work, **self.more)
        except (CancelledError, ModelError, KeyError, KeyboardInterrupt) as error:
            self.error = error


def until(holds):
    """Waits for a state of other threads; the test's own time limit ends it otherwise."""
    while not holds():
        threading.Event().wait(0.001)


def begun(*callers):
    for caller in callers:
        caller.start()
    return callers


def joined(*callers):
    for caller in callers:
        caller.join()


def test_the_others_wait_for_the_first_and_get_its_answer():
    flights, go = SingleFlight(), threading.Event()
    callers = begun(*(Caller(flights, lambda: (go.wait(20), "one")[1]) for _ in range(5)))
    until(lambda: flights.waiting == 4)
    go.set()
    joined(*callers)
    assert [c.got for c in callers] == ["one"] * 5
    assert sorted(c.joined for c in callers) == [False, True, True, True, True]
    assert (flights.flying, flights.waiting) == (0, 0)


def test_one_who_waits_and_is_stopped_leaves_alone_and_at_once():
    flights, go, stop = SingleFlight(), threading.Event(), threading.Event()
    (leader,) = begun(Caller(flights, lambda: (go.wait(20), 1)[1]))
    until(lambda: flights.flying == 1)
    stopped, patient = begun(Caller(flights, lambda: 2, should_stop=stop.is_set), Caller(flights, lambda: 3))
    until(lambda: flights.waiting == 2)
    stop.set()
    joined(stopped)
    assert isinstance(stopped.error, CancelledError)
    assert leader.is_alive()
    assert flights.waiting == 1
    go.set()
    joined(leader, patient)
    assert (leader.got, patient.got) == (1, 1)


def test_one_who_waits_and_runs_out_of_time_leaves_alone():
    flights, go = SingleFlight(), threading.Event()
    (leader,) = begun(Caller(flights, lambda: (go.wait(20), 1)[1]))
    until(lambda: flights.flying == 1)
    left = iter([0.001, 0.001, 0.0])
    with pytest.raises(BudgetError, match="an equal question"):
        flights.do(b"k", lambda: 2, left=lambda: next(left))
    assert flights.waiting == 0
    go.set()
    joined(leader)
    assert leader.got == 1


@pytest.mark.parametrize("why", [CancelledError("stopped"), BudgetError("no time"), KeyboardInterrupt()])
def test_when_the_one_who_asks_leaves_another_asks_in_its_place(why):
    flights, go, again = SingleFlight(), threading.Event(), threading.Event()

    def leave():
        go.wait(20)
        raise why

    (leader,) = begun(Caller(flights, leave))
    until(lambda: flights.flying == 1)
    others = begun(*(Caller(flights, lambda: (again.wait(20), "second")[1]) for _ in range(3)))
    until(lambda: flights.waiting == 3)
    go.set()
    joined(leader)
    assert leader.error is why
    until(lambda: flights.waiting == 2)
    again.set()
    joined(*others)
    assert [c.got for c in others] == ["second"] * 3
    assert sorted(c.joined for c in others) == [False, True, True]
    assert flights.flying == 0


@pytest.mark.parametrize("error", [ModelError("out of memory"), KeyError("a bug")])
def test_a_failure_that_is_not_personal_reaches_all(error):
    flights, go = SingleFlight(), threading.Event()

    def fail():
        go.wait(20)
        raise error

    callers = begun(*(Caller(flights, fail) for _ in range(3)))
    until(lambda: flights.waiting == 2)
    go.set()
    joined(*callers)
    assert [c.error for c in callers] == [error] * 3
    assert flights.do(b"k", lambda: 5) == (5, False)


def test_a_place_that_its_next_taker_leaves_too_goes_on():
    """The leader leaves while the first in the row is being stopped: the second must not wait for ever."""
    for number in range(200):
        flights, go, stop = SingleFlight(), threading.Event(), threading.Event()

        def leave(go=go):
            go.wait(20)
            raise CancelledError("stopped")

        (leader,) = begun(Caller(flights, leave))
        until(lambda flights=flights: flights.flying == 1)
        stopped, patient = begun(
            Caller(flights, lambda: "stopped", should_stop=stop.is_set), Caller(flights, lambda: "patient")
        )
        until(lambda flights=flights: flights.waiting == 2)
        for event in random.Random(number).sample([go, stop], 2):
            event.set()
        joined(leader, stopped, patient)
        assert patient.got in ("patient", "stopped")
        assert (flights.flying, flights.waiting) == (0, 0)


def test_a_free_place_is_offered_again_by_whoever_was_called_and_leaves():
    """Interrupted between being called and taking the place (Ctrl-C in the main thread), somebody else is called."""
    flights, go = SingleFlight(), threading.Event()
    (leader,) = begun(Caller(flights, lambda: (go.wait(20), 1)[1]))
    until(lambda: flights.flying == 1)
    (patient,) = begun(Caller(flights, lambda: "patient"))
    until(lambda: flights.waiting == 1)
    flight = flights._flying[b"k"]
    until(lambda: flight.changed._waiters)
    with flights._lock:
        flight.vacant = True
        flight.waiting += 1
    flights._leave(b"k", flight)
    joined(patient)
    assert (patient.got, patient.joined) == ("patient", False)
    with flights._lock:
        flights._flying[b"k"] = flight
    go.set()
    joined(leader)


@pytest.fixture
def restless():
    """Threads change places as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_the_laws_hold_in_any_order(restless):
    """Thousands of callers, stopped, failing, leaving or answering in random order; see each assertion for a law."""
    flights = SingleFlight()
    for seed in range(400):
        draw = random.Random(seed)
        running, overlaps, produced = [], [], []

        def work(kind, number, running=running, overlaps=overlaps, produced=produced, draw=draw):
            if running:
                overlaps.append(number)
            running.append(number)
            try:
                time.sleep(draw.choice([0, 0, 0.0005]))
                if kind == "cancel":
                    raise CancelledError(f"own {number}")
                if kind == "fail":
                    error = ModelError(f"failed {number}")
                    produced.append(error)
                    raise error
                produced.append(number)
                return number
            finally:
                running.pop()

        callers, kinds, stops = [], [], []
        for number in range(draw.randint(2, 8)):
            kinds.append(draw.choice(["ok", "ok", "fail", "cancel"]))
            stops.append(threading.Event() if draw.random() < 0.3 else None)
            more = {"should_stop": stops[-1].is_set} if stops[-1] else {}
            callers.append(Caller(flights, lambda k=kinds[-1], n=number, work=work: work(k, n), **more))
        begun(*callers)
        for stop in stops:
            if stop:
                time.sleep(draw.choice([0, 0.0003]))
                stop.set()
        joined(*callers)
        assert not overlaps, "two asked the same at the same time"
        assert (flights.flying, flights.waiting) == (0, 0), "something was left behind"
        for number, caller in enumerate(callers):
            if isinstance(caller.error, CancelledError):
                own = str(caller.error).startswith("own")
                assert kinds[number] == "cancel" if own else stops[number], "somebody else's stop reached this one"
                assert not own or f"own {number}" in str(caller.error)
            elif caller.error is not None:
                assert caller.error in produced
            else:
                assert caller.got in produced
                assert caller.joined == (caller.got != number)
