"""A worker with toy operations, for tests of the protocol: real process, real pipes."""

import ctypes
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.events import Log
from turbulence_app.service.worker import Job, Worker, private_pipes


class Toys:
    def handle(self, op: str, params: Mapping[str, Any], job: Job) -> Any:
        return getattr(self, op)(job, **params)

    def close(self) -> None:
        print("closed", file=sys.stderr)

    def echo(self, job: Job, data: Any) -> Any:
        print("this goes to standard output and must not break anything")
        os.write(1, b"nor this, written by native code\n")
        return data

    def count(self, job: Job, to: int) -> int:
        for i in range(to):
            job.emit(Log(message=str(i)))
        return to

    def polite(self, job: Job) -> None:
        while not job.should_stop():
            time.sleep(0.005)
        raise CancelledError("stopped")

    def deaf(self, job: Job) -> None:
        time.sleep(600)

    def known(self, job: Job) -> None:
        raise InputError("no such thing", mend="name another")

    def bug(self, job: Job) -> None:
        raise ZeroDivisionError("a bug")

    def segfault(self, job: Job) -> None:
        print("last words", file=sys.stderr, flush=True)
        ctypes.string_at(0)

    def leave(self, job: Job) -> None:
        os._exit(7)

    def garbage(self, job: Job) -> None:
        job.send.__self__._sink.write(b"\xff\xfe not json\n")  # type: ignore[attr-defined]
        job.send.__self__._sink.flush()  # type: ignore[attr-defined]
        time.sleep(600)


if __name__ == "__main__":
    source, sink = private_pipes()
    Worker(source, sink, Toys()).serve()
    os._exit(0)
