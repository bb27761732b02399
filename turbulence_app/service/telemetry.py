"""Telemetry of a gateway kept in the project's database while it runs, and read back with its alarms."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.telemetry.document import Document
from turbulence_app.llm.telemetry.minutes import Minute
from turbulence_app.llm.telemetry.names import MODEL, clean
from turbulence_app.llm.telemetry.telemetry import Telemetry
from turbulence_app.llm.telemetry.thresholds import USUAL, Threshold, checked
from turbulence_app.llm.telemetry.windows import SLICE_S, Alarm, Alarms, Windows
from turbulence_app.service.exporting import export
from turbulence_app.store.database import Database
from turbulence_app.store.meta import Meta
from turbulence_app.store.telemetry import KEPT_DAYS, MinuteRow, TelemetryStore

THRESHOLDS = "telemetry.thresholds"
Changed = Callable[[str, Alarm], object]
"""``raised`` or ``cleared``, and which alarm."""


class Keeper:
    """Stores every ten seconds what a gateway counted, minute by minute, and watches the thresholds on the way.

    A process that dies loses what it counted since then. ``state`` gives ``breakers`` and ``queues`` as plain data.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        database: Database,
        state: Callable[[], dict[str, Any]],
        *,
        wall: Callable[[], float] = time.time,
        on_alarm: Changed | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self.telemetry = telemetry
        self._store = TelemetryStore(database)
        self._state, self._wall, self._on_alarm, self._on_close = state, wall, on_alarm, on_close
        self._process = os.urandom(6).hex()
        self._lock = threading.Lock()
        self._minute = -1
        self._document = Document()
        self._said = ""
        self._windows = Windows()
        self._alarms = Alarms(thresholds(database))
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """From now on it keeps by itself, on a thread of its own."""
        self._thread = threading.Thread(target=self._serve, name="telemetry", daemon=True)
        self._thread.start()

    def keep(self) -> None:
        """Put what was counted so far into the store's hands; look whether an alarm begins or ends."""
        with self._lock:
            now = self._wall()
            counted = self.telemetry.drain()
            if int(now) // 60 != self._minute:
                self._turn(int(now) // 60)
            self._document.merge(counted)
            self._windows.add(now, counted)
            changes = self._alarms.look(self._windows, now)
            self._put(now, bool(counted))
        for what, alarm in changes:
            if self._on_alarm:
                self._on_alarm(what, alarm)

    def watch(self, limits: Sequence[Threshold]) -> None:
        """Other thresholds from now on."""
        with self._lock:
            self._alarms.thresholds = tuple(limits)

    def close(self) -> None:
        """Keep the rest and end the thread. The database stays open."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.keep()
        self._on_close()

    def _serve(self) -> None:
        while not self._done.wait(SLICE_S):
            with contextlib.suppress(KnownError):  # a full disk is told where work is lost, not where numbers are
                self.keep()

    def _turn(self, minute: int) -> None:
        self._minute, self._document = minute, Document()
        self._store.forget(minute - KEPT_DAYS * 24 * 60)

    def _put(self, now: float, news: bool) -> None:
        state = self._state()
        said = json.dumps(state, sort_keys=True)
        if news or said != self._said:
            self._said = said
            self._store.put(MinuteRow(self._minute, self._process, Minute(now, self._document, state).to_json()))


def state_of(gateway: Gateway) -> dict[str, Any]:
    """How the breakers and queues of a gateway stand, as they are stored."""
    breakers = [{**row, "model": clean(MODEL, row["model"])} for row in gateway.guard.breakers.states()]
    return {"breakers": breakers, "queues": gateway.guard.queues()}


def keeper_of(gateway: Gateway, database: Database) -> Keeper:
    """Keeps a gateway's telemetry from now on, and exports it where the user wants that (:mod:`.exporting`); whoever
    asks closes it before the database."""
    keeper = Keeper(gateway.telemetry, database, lambda: state_of(gateway), on_close=export(gateway.telemetry))
    keeper.start()
    return keeper


@contextlib.contextmanager
def keeping(gateway: Gateway, database: Database | None) -> Iterator[None]:
    """Keeps a gateway's telemetry for the time of the block, where there is a database."""
    keeper = keeper_of(gateway, database) if database is not None else None
    try:
        yield
    finally:
        if keeper is not None:
            keeper.close()


def thresholds(database: Database) -> tuple[Threshold, ...]:
    """The project's thresholds; the usual ones where none were set, or what was set cannot be read any more."""
    text = Meta(database).get(THRESHOLDS)
    if text is None:
        return USUAL
    try:
        found = json.loads(text)
        return checked(found) if isinstance(found, list) else USUAL
    except (ValueError, TypeError, AttributeError, RecursionError, InputError):
        return USUAL


def set_thresholds(database: Database, given: Sequence[Mapping[str, Any]]) -> tuple[Threshold, ...]:
    """Change thresholds by name, or add some; the others stay. An empty list brings the usual ones back.

    Raises ``InputError`` for what makes no sense; then nothing is changed.
    """
    found = checked(given, thresholds(database)) if given else USUAL
    Meta(database).set(THRESHOLDS, json.dumps([threshold.to_plain() for threshold in found]))
    return found
