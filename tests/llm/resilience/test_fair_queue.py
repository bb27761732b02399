"""The queue: in turns, nobody lost, nobody too many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.llm.resilience.clocks import Clock
from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.resilience.deadline import Deadline
from turbulence_app.llm.resilience.fair_queue import FairQueue

LONG = 60.0


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.001)


def served(queue: FairQueue, clients: list[str]) -> list[tuple[str, int]]:
    """The order in which waiting requests get the only place; they entered the row in the order of ``clients``."""
    order: list[tuple[str, int]] = []
    threads = []

    def ask(client: str, number: int) -> None:
        with queue.turn(client, Deadline.after(LONG)):
            order.append((client, number))

    with queue.turn("holder", Deadline.after(LONG)):
        for number, client in enumerate(clients):
            threads.append(threading.Thread(target=ask, args=(client, number)))
            threads[-1].start()
            until(lambda: queue.waiting == len(threads))
    for thread in threads:
        thread.join()
    return order


def test_a_batch_does_not_starve_somebody_who_comes_later() -> None:
    order = served(FairQueue(), ["batch"] * 30 + ["person"])
    assert order.index(("person", 30)) == 1
    assert [number for client, number in order if client == "batch"] == list(range(30))


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_clients_take_turns_and_each_is_served_in_its_order(clients: list[str]) -> None:
    rows: dict[str, list[int]] = {}
    for number, client in enumerate(clients):
        rows.setdefault(client, []).append(number)
    expected = []
    while rows:
        for client in list(rows):
            expected.append((client, rows[client].pop(0)))
            if not rows[client]:
                del rows[client]
    assert served(FairQueue(), clients) == expected


@pytest.mark.parametrize("parallel", [1, 3])
def test_under_real_threads_nobody_is_lost_and_never_too_many_have_a_place(parallel: int) -> None:
    queue = FairQueue(parallel)
    inside, most, done, lock = [0], [0], [0], threading.Lock()
    given_up = [0]

    def client(name: int) -> None:
        for i in range(40):
            try:
                with queue.turn(name, Deadline.after(0.0005 if i % 5 == 4 else LONG)):
                    with lock:
                        inside[0] += 1
                        most[0] = max(most[0], inside[0])
                    time.sleep(0.0002)
                    with lock:
                        inside[0] -= 1
                        done[0] += 1
            except errors.QueueTimeoutError:
                with lock:
                    given_up[0] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done[0] + given_up[0] == 8 * 40
    assert done[0] >= 8 * 32
    assert most[0] <= parallel
    assert (queue.waiting, queue.running) == (0, 0)


def test_the_deadline_ends_the_waiting_with_a_type_of_its_own() -> None:
    queue = FairQueue()
    with queue.turn("a", Deadline.after(LONG)):
        with pytest.raises(errors.QueueTimeoutError) as over, queue.turn("b", Deadline.after(0.01)):
            raise AssertionError("there was no place")
        assert over.value.reason == "queue"
        assert queue.waiting == 0


def test_a_stop_ends_the_waiting() -> None:
    queue, clock = FairQueue(), Clock()
    with queue.turn("a", Deadline.after(LONG)):
        asked = iter([False, False, True])
        with pytest.raises(CancelledError), queue.turn("b", Deadline.after(LONG, clock), lambda: next(asked)):
            raise AssertionError("there was no place")
    assert (queue.waiting, queue.running) == (0, 0)


def test_a_place_that_is_given_to_somebody_who_just_left_goes_to_the_next() -> None:
    queue, holder = FairQueue(), ExitStack()
    holder.enter_context(queue.turn("a", Deadline.after(LONG)))

    def leave_as_the_place_comes() -> bool:
        holder.close()
        return True

    with pytest.raises(CancelledError), queue.turn("b", Deadline.after(LONG), leave_as_the_place_comes):
        raise AssertionError("it was stopped")
    assert (queue.waiting, queue.running) == (0, 0)


def test_an_error_inside_gives_the_place_back() -> None:
    queue = FairQueue()
    with pytest.raises(ZeroDivisionError), queue.turn("a", Deadline.after(LONG)):
        raise ZeroDivisionError
    with queue.turn("b", Deadline.after(LONG)) as waited:
        assert waited >= 0


def test_more_places_let_the_waiting_in_at_once() -> None:
    queue = FairQueue()
    entered = threading.Event()

    def ask() -> None:
        with queue.turn("b", Deadline.after(LONG)):
            entered.set()

    with queue.turn("a", Deadline.after(LONG)):
        thread = threading.Thread(target=ask)
        thread.start()
        until(lambda: queue.waiting == 1)
        queue.resize(2)
        assert entered.wait(LONG)
    thread.join()
    assert queue.parallel == 2
