"""The payment company's sandbox, as its documentation describes it. It is another company: it survives our crashes.

- ``charge`` is idempotent: the same key is captured once, however often it is sent.
- Test cards: ``tok_declined`` is refused, every other card pays.
- It is slow at times, some answers get lost after the money was taken, and now and then it is down for some seconds.
- Each capture is reported as an event, again and again until the report was acknowledged: at least once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import uuid4

ANSWER_LOST = 0.02
OUTAGE_BEGINS = 0.02
ACKNOWLEDGEMENT_LOST = 0.1
OUTAGE_SECONDS = (2.0, 5.0)
REPORTED_AFTER_SECONDS = 0.05
REPORTED_AGAIN_SECONDS = 5.0


class ProviderDownError(Exception):
    """The sandbox does not take requests at the moment. Nothing happened."""


class DeclinedError(Exception):
    """The card was refused, or the charge was voided before it came. Nothing happened, and nothing will."""


@dataclass(frozen=True, slots=True)
class CaptureEvent:
    """The report of one capture. ``key`` is the one that it was charged under."""

    event_id: str
    key: str
    cents: int


@dataclass(slots=True)
class ProviderBooks:
    """What the payment company keeps. Plain data."""

    captured: dict[str, int] = field(default_factory=dict)
    """By key: cents."""
    voided: set[str] = field(default_factory=set)
    attempts: Counter[str] = field(default_factory=Counter)
    unreported: dict[str, CaptureEvent] = field(default_factory=dict)
    down_until: float = 0.0


Handler = Callable[[CaptureEvent], Awaitable[None]]


class PaymentSandbox:
    """The payment company at work, over its books. ``report`` is called with each event, at least once."""

    def __init__(self, books: ProviderBooks, report: Handler) -> None:
        self._books = books
        self._report = report
        self._reporting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Go on with the reports that were never acknowledged."""
        for event in list(self._books.unreported.values()):
            self._report_later(event)

    async def stop(self) -> None:
        """Stop reporting; what was not acknowledged stays in the books."""
        for task in list(self._reporting):
            task.cancel()
        await asyncio.gather(*self._reporting, return_exceptions=True)

    async def charge(self, key: str, cents: int, card: str) -> None:
        """Take the money; returns when it was taken.

        Raises:
            DeclinedError: it never will be.
            ProviderDownError: it was not; try again.
        """
        self._books.attempts[key] += 1
        await asyncio.sleep(random.uniform(0.05, 0.4))
        self._answer_the_phone()
        if key in self._books.voided or card == "tok_declined":
            raise DeclinedError(card)
        if key not in self._books.captured:
            self._books.captured[key] = cents
            event = CaptureEvent(str(uuid4()), key, cents)
            self._books.unreported[event.event_id] = event
            self._report_later(event)
        await asyncio.sleep(random.uniform(0.02, 0.1))
        if random.random() < ANSWER_LOST:
            await asyncio.Event().wait()

    async def void(self, key: str) -> bool:
        """See to it that a key is never captured from now on; false where it was captured already.

        Raises:
            ProviderDownError: it is not known; try again.
        """
        await asyncio.sleep(random.uniform(0.05, 0.2))
        self._answer_the_phone()
        if key in self._books.captured:
            return False
        self._books.voided.add(key)
        return True

    def _answer_the_phone(self) -> None:
        now = time.monotonic()
        if now >= self._books.down_until and random.random() < OUTAGE_BEGINS:
            self._books.down_until = now + random.uniform(*OUTAGE_SECONDS)
        if now < self._books.down_until:
            raise ProviderDownError

    def _report_later(self, event: CaptureEvent) -> None:
        task = asyncio.create_task(self._report_until_acknowledged(event))
        self._reporting.add(task)
        task.add_done_callback(self._reporting.discard)

    async def _report_until_acknowledged(self, event: CaptureEvent) -> None:
        await asyncio.sleep(REPORTED_AFTER_SECONDS)
        while event.event_id in self._books.unreported:
            await self._report(event)
            if random.random() >= ACKNOWLEDGEMENT_LOST:
                del self._books.unreported[event.event_id]
                return
            await asyncio.sleep(REPORTED_AGAIN_SECONDS)
