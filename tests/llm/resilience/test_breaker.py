"""The breaker against a model of it that remembers everything and is too slow for anything but a test."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.resilience.clocks import Clock
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.resilience.breaker import Breaker, BreakerSettings
from turbulence_app.llm.resilience.breakers import Breakers


@dataclass
class Model:
    """The rules as they are written down: every call since the last change of state, looked through each time."""

    state: str = "closed"
    until: float = 0.0
    cooldown: float = 10.0
    era: int = 0
    probe: bool = False
    seen: list[tuple[int, bool]] = field(default_factory=list)

    def admits(self, now: float) -> bool:
        if self.state == "closed":
            return True
        if now >= self.until and not self.probe:
            self.state, self.probe = "half_open", True
            return True
        return False

    def report(self, era: int, outcome: str, now: float) -> None:
        if era != self.era:
            return
        if outcome == "gone":
            self.probe = False
        elif self.state == "half_open":
            self.cooldown = 10.0 if outcome == "ok" else min(120.0, 2 * self.cooldown)
            self.change("closed" if outcome == "ok" else "open", now)
        else:
            self.seen.append((int(now), outcome == "bad"))
            if outcome == "bad" and self.broken(int(now)):
                self.change("open", now)

    def broken(self, second: int) -> bool:
        last = [bad for _, bad in self.seen[-5:]]
        window = [bad for at, bad in self.seen if at > second - 30]
        return (len(last) == 5 and all(last)) or (len(window) >= 10 and 2 * sum(window) >= len(window))

    def change(self, state: str, now: float) -> None:
        self.state, self.probe, self.seen = state, False, []
        self.era += 1
        self.until = now + self.cooldown


steps = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.sampled_from(["ok", "bad", "bad", "gone", "later"])),
        st.tuples(st.just("end"), st.tuples(st.integers(0, 9), st.sampled_from(["ok", "bad", "gone"]))),
        st.tuples(st.just("wait"), st.sampled_from([0.1, 0.9, 3.0, 9.5, 10.0, 31.0, 121.0])),
    ),
    max_size=120,
)


@settings(max_examples=300)
@given(steps)
def test_it_does_what_the_rules_say(schedule: list[tuple[str, object]]) -> None:
    clock, model = Clock(0.0), Model()
    breaker = Breaker(clock=clock)
    pending: list[tuple[int, int]] = []

    def report(ticket: int, era: int, outcome: str) -> None:
        {"ok": breaker.success, "bad": breaker.failure, "gone": breaker.gone}[outcome](ticket)
        model.report(era, outcome, clock.now)

    for what, detail in schedule:
        if what == "wait":
            clock.now += float(detail)  # type: ignore[arg-type]
        elif what == "end" and pending:
            which, outcome = detail  # type: ignore[misc]
            report(*pending.pop(which % len(pending)), outcome)
        elif what == "call":
            try:
                ticket = breaker.admit()
            except errors.BreakerOpenError:
                assert not model.admits(clock.now)
                continue
            assert model.admits(clock.now)
            if detail == "later":
                pending.append((ticket, model.era))
            else:
                report(ticket, model.era, str(detail))
        shown = "half_open" if model.state == "open" and clock.now >= model.until else model.state
        assert breaker.view().state == shown
    if model.state == "open":
        assert breaker.view().cooldown == model.cooldown


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(errors.ModelCrashError), breaker.guard():
            raise errors.ModelCrashError("dead")


def test_five_in_a_row_open_it_and_it_says_for_how_long() -> None:
    clock, told = Clock(), []
    breaker = Breaker(clock=clock, on_change=told.append)
    fail(breaker, 4)
    with breaker.guard():
        pass
    fail(breaker, 5)
    with pytest.raises(errors.BreakerOpenError, match=r"10 s") as refused, breaker.guard():
        raise AssertionError("not admitted")
    assert refused.value.retry_after == 10.0
    assert refused.value.reason == "breaker_open"
    assert told == ["open"]
    clock.now += 10
    with breaker.guard():
        pass
    assert told == ["open", "half_open", "closed"]


def test_looking_takes_no_place() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    breaker.check()
    fail(breaker, 5)
    with pytest.raises(errors.BreakerOpenError):
        breaker.check()
    clock.now += 10
    breaker.check()
    with breaker.guard():
        breaker.check()
    assert breaker.view().state == "closed"


def test_half_of_ten_open_it_and_older_ones_do_not_count() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(4):
        fail(breaker, 1)
        with breaker.guard():
            pass
    clock.now += 31
    fail(breaker, 1)
    assert breaker.view().state == "closed"
    assert (breaker.view().calls, breaker.view().failures) == (1, 1)


def test_a_probe_that_is_cancelled_gives_its_place_back() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    fail(breaker, 5)
    clock.now += 10
    probe = breaker.guard()
    probe.__enter__()
    with pytest.raises(errors.BreakerOpenError):
        breaker.admit()
    probe.__exit__(CancelledError, CancelledError("stopped"), None)
    with breaker.guard():
        pass
    assert breaker.view().state == "closed"


def test_a_cancelled_call_of_an_earlier_time_frees_no_place() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    old = breaker.admit()
    fail(breaker, 5)
    clock.now += 10
    breaker.admit()
    breaker.gone(old)
    with pytest.raises(errors.BreakerOpenError):
        breaker.admit()


def test_the_window_is_30_whole_seconds() -> None:
    clock = Clock(0.0)
    breaker = Breaker(BreakerSettings(consecutive=99), clock)
    fail(breaker, 5)
    seen = []
    for clock.now in (29.9, 30.0):
        seen.append(breaker.view().calls)
    assert seen == [5, 0]


@pytest.mark.parametrize("kind", [errors.PromptTooLongError, errors.ModelAbsentError, errors.BudgetError])
def test_what_says_nothing_about_the_model_does_not_count(kind: type[errors.ModelError]) -> None:
    breaker = Breaker(clock=Clock())
    for _ in range(20):
        with pytest.raises(kind), breaker.guard():
            raise kind("not its fault")
    assert breaker.view().calls == 0


def test_the_cool_down_doubles_up_to_its_longest() -> None:
    clock = Clock()
    breaker = Breaker(BreakerSettings(cooldown=10, longest=35), clock)
    fail(breaker, 5)
    seen = []
    for _ in range(4):
        seen.append(breaker.view().retry_in)
        clock.now += breaker.view().retry_in
        fail(breaker, 1)
    assert seen == [10, 20, 35, 35]


def test_of_many_threads_one_gets_the_probe() -> None:
    clock = Clock()
    breaker = Breaker(clock=clock)
    fail(breaker, 5)
    clock.now += 10
    gate, admitted = threading.Barrier(16), []

    def ask() -> None:
        gate.wait()
        try:
            admitted.append(breaker.admit())
        except errors.BreakerOpenError:
            return

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 1


def test_under_real_threads_no_call_is_lost_from_the_count() -> None:
    breaker = Breaker(BreakerSettings(consecutive=10**9, ratio=2.0), Clock())

    def work() -> None:
        for i in range(500):
            if i % 2:
                fail(breaker, 1)
            else:
                with breaker.guard():
                    pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (breaker.view().calls, breaker.view().failures) == (3000, 1500)


def test_each_model_has_its_own_for_good() -> None:
    told: list[tuple[str, str, str]] = []
    breakers = Breakers(clock=Clock(), on_change=lambda *what: told.append(what))
    sick, well = breakers.of("ollama", "d1", "phi"), breakers.of("ollama", "d2", "qwen")
    fail(sick, 5)
    assert breakers.of("ollama", "d1") is sick
    assert told == [("ollama", "phi", "open")]
    with well.guard():
        pass
    states = breakers.states()
    assert [(s["backend"], s["model"], s["state"], s["opened"]) for s in states] == [
        ("ollama", "phi", "open", 1),
        ("ollama", "qwen", "closed", 0),
    ]
