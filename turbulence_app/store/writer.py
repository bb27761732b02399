"""The one writer: a thread with a connection and a queue. Batches go in, acknowledgements come out.

Batches that wait together are committed together. ``flush`` returns when everything put before it is committed, so
what it acknowledged survives the death of the process at any later moment.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from turbulence_app.domain.errors import MachineError
from turbulence_app.store.errors import plainly

T = TypeVar("T")
Row = Sequence[Any]

MAX_TOGETHER = 256
"""Batches committed in one transaction at most."""
MAX_WAITING = 4096
"""Batches that may wait; whoever is faster than the disk waits with them."""


@dataclass
class _Work:
    """Something to do in a transaction. ``done`` is absent for work whose failure only ``flush`` reports."""

    act: Callable[[sqlite3.Connection], Any]
    done: Future[Any] | None = None


class Writer:
    """Serialises all writes of this process to one database; other processes are waited for (busy timeout)."""

    def __init__(self, path: Path, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = path
        self._connect = connect
        self._queue: queue.Queue[_Work | None] = queue.Queue(MAX_WAITING)
        self._failure: MachineError | None = None
        self._thread = threading.Thread(target=self._serve, name="database-writer", daemon=True)
        self._closed = False
        self._thread.start()

    def put(self, sql: str, rows: Iterable[Row]) -> None:
        """Queue a batch for ``executemany``; does not wait. A failure is raised by the next :meth:`flush`."""
        batch = list(rows)
        if batch:
            self._queue.put(_Work(lambda connection: connection.executemany(sql, batch)))

    def call(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``act`` in a transaction of the writer and wait for it; returns when it is committed."""
        done: Future[T] = Future()
        self._queue.put(_Work(act, done))
        try:
            return done.result()
        except (sqlite3.Error, OSError) as error:
            raise plainly(self._path, error) from error
        finally:
            del done  # it holds the error, whose traceback holds this frame: a circle that keeps the caller's alive

    def flush(self) -> None:
        """Wait until everything queued so far is committed. Raises ``MachineError`` for what could not be."""
        self.call(lambda _connection: None)
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    def close(self) -> None:
        """Write what waits and end the thread."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
            self._thread.join()

    def _serve(self) -> None:
        try:
            connection = self._connect()
        except (sqlite3.Error, OSError) as error:
            self._refuse_all(error)
            return
        try:
            while (first := self._queue.get()) is not None:
                works, last = self._together(first)
                self._commit(connection, works)
                if last:
                    break
        finally:
            connection.close()

    def _refuse_all(self, error: Exception) -> None:
        """Without a connection every work fails, and nobody waits for ever."""
        while (work := self._queue.get()) is not None:
            if work.done is not None:
                work.done.set_exception(error)

    def _together(self, first: _Work) -> tuple[list[_Work], bool]:
        works = [first]
        while len(works) < MAX_TOGETHER:
            try:
                work = self._queue.get_nowait()
            except queue.Empty:
                break
            if work is None:
                return works, True
            works.append(work)
        return works, False

    def _commit(self, connection: sqlite3.Connection, works: list[_Work]) -> None:
        """All in one transaction; if that fails, one by one, so that only what is wrong is lost."""
        try:
            results = _in_transaction(connection, works)
        except Exception as error:
            if len(works) > 1:
                for work in works:
                    self._commit(connection, [work])
            elif works[0].done is not None:
                works[0].done.set_exception(error)
            else:
                self._failure = plainly(self._path, error)
            return
        for work, result in zip(works, results, strict=True):
            if work.done is not None:
                work.done.set_result(result)


def _in_transaction(connection: sqlite3.Connection, works: list[_Work]) -> list[Any]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        results = [work.act(connection) for work in works]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results
