"""``python -m turbulence_app.service.bench_probe``: the same questions in a process of its own, for comparison.

One JSON document in (home, backend, model, mode, threads, seed, seconds, questions), one out: a digest per answer, and
the most memory that the model had. Whether a model says the same in two processes is only told by two processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import CancelledError, KnownError
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.service.bench_asking import Asker, Subject
from turbulence_app.service.hardware import peak_bytes
from turbulence_app.service.worker import private_pipes

COMMAND = ("-m", "turbulence_app.service.bench_probe")
START_S = 180.0
"""For starting Python and loading a model, on top of the time for the answers."""
Question = tuple[Persona, Workflow]


@dataclass(frozen=True, slots=True)
class Probed:
    """Digests of the answers in order (empty where it failed, ``why`` then), bytes of memory at most, loading time."""

    digests: tuple[str, ...] = ()
    peak: int | None = None
    load_s: float | None = None
    why: str = ""


def probe(
    home: Path,
    subject: Subject,
    questions: Sequence[Question],
    *,
    threads: int | None,
    seed: int,
    seconds: float,
    should_stop: ShouldStop | None = None,
) -> Probed:
    """Ask in another process. Never raises for what happens there; ``CancelledError`` when the user stops."""
    document = {
        "home": str(home), "backend": subject.backend, "model": subject.model, "mode": subject.mode,
        "threads": threads, "seed": seed, "seconds": seconds,
        "questions": [[_plain(persona), _plain(workflow)] for persona, workflow in questions],
    }  # fmt: skip
    return _run(json.dumps(document).encode(), threads, START_S + seconds * len(questions), should_stop)


def _run(request: bytes, threads: int | None, limit_s: float, should_stop: ShouldStop | None) -> Probed:
    pipe = subprocess.PIPE
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    if threads:
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    child = subprocess.Popen([sys.executable, *COMMAND], stdin=pipe, stdout=pipe, stderr=pipe, env=environment)
    until, given = time.monotonic() + limit_s, request
    try:
        while True:
            try:
                said, noise = child.communicate(given or None, timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                given = b""
            if should_stop is not None and should_stop():
                raise CancelledError("stopped while the model was measured")
            if time.monotonic() > until:
                return Probed(why="the other process did not answer in time")
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    return _read(said, noise, child.returncode)


def _read(said: bytes, noise: bytes, status: int) -> Probed:
    try:
        found = json.loads(said)
        return Probed(tuple(found["digests"]), found["peak"], found["load_s"], found["why"])
    except (ValueError, KeyError, TypeError):
        last = next(iter(noise.decode("utf-8", "replace").strip().splitlines()[-1:]), "")
        return Probed(why=f"the other process ended with status {status}" + (f": {last[:200]}" if last else ""))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """The child's work."""
    subject = Subject(request["backend"], request["model"], request["mode"])
    found: dict[str, Any] = {"digests": [], "peak": None, "load_s": None, "why": ""}
    asker: Asker | None = None
    try:
        asker = Asker(Path(request["home"]), subject, request["threads"])
        for persona, workflow in request["questions"]:
            asked = asker.ask(
                Persona.model_validate(persona), Workflow.model_validate(workflow), request["seed"], request["seconds"]
            )
            found["why"] = found["why"] or asked.why
            found["digests"].append(asked.digest)
        found |= {"load_s": asker.load_s, "peak": peak_bytes(children=asker.writes)}
    except KnownError as error:
        found["why"] = str(error.problem)
    finally:
        if asker is not None:
            asker.close()
    return found if not found["why"] else {**found, "digests": []}


def _plain(noun: Persona | Workflow) -> dict[str, Any]:
    return noun.model_dump(mode="json", by_alias=True)


def main() -> int:
    """Entry point of the process."""
    source, sink = private_pipes()
    from turbulence_app.privacy import egress

    egress.lock()
    with source, sink:
        sink.write(json.dumps(answer(json.loads(source.read()))).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
