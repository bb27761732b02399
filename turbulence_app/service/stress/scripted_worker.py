"""A process that speaks the worker's protocol and has no model: it answers from the schema, or misbehaves.

``python scripted_worker.py SETTINGS`` with JSON settings: ``faults``, ``fault_rate``, ``seed``, ``latency_s``,
``answer`` (what a whole answer is), ``log`` (a file that gets a line per fault). It stands alone, so that it starts
quickly. The protocol is that of :mod:`turbulence_app.llm.worker.serve`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from typing import Any


class Worker:
    """Serves requests one by one; hears a cancel only between slices of its pretended work."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.rng = random.Random(f"{settings['seed']}-{os.getpid()}" if settings["faults"] else 0)
        self.cancelled: Any = None
        self.lock = threading.Lock()

    def say(self, event: str, **data: Any) -> None:
        """One event."""
        with self.lock:
            sys.stdout.write(json.dumps({"ev": event, **data}) + "\n")
            sys.stdout.flush()

    def note(self, fault: str) -> None:
        """Leaves a line in the log: whoever is killed cannot tell afterwards."""
        with open(self.settings["log"], "a", encoding="ascii") as log:  # noqa: PTH123 - without a further import
            log.write(fault + "\n")

    def fault(self) -> str:
        """What is to go wrong with this answer, "" for nothing."""
        if not self.settings["faults"] or self.rng.random() >= self.settings["fault_rate"]:
            return ""
        return str(self.rng.choice(self.settings["faults"]))

    def generate(self, request: dict[str, Any]) -> None:
        """One answer, with its fault."""
        fault, number = self.fault(), request.get("id")
        seconds = self.settings["latency_s"] * (0.5 + self.rng.random())
        if fault:
            self.note(fault)
        if fault == "endless":
            self.endless(number)
        if fault == "dying":
            time.sleep(seconds / 2)
            os.kill(os.getpid(), signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        if fault == "refusing":
            self.say("error", id=number, reason="model", message="no memory for this question")
            return
        until = time.monotonic() + seconds * (20 if fault == "slow" else 1)
        limit = time.monotonic() + float(request.get("seconds", 60.0))
        while time.monotonic() < until:
            if number == self.cancelled or time.monotonic() >= limit:
                reason = "cancelled" if number == self.cancelled else "timeout"
                self.say("error", id=number, reason=reason, message="stopped")
                return
            time.sleep(0.005)
        if fault == "garbage":
            sys.stdout.write("llama_decode: not an event\n")
            sys.stdout.flush()
            return
        text = "x" * 5_000_000 if fault == "oversized" else self.settings["answer"]
        counts = {"prompt_tokens": 300, "answer_tokens": len(text) // 4, "prompt_ms": 1.0, "answer_ms": 1.0}
        self.say("done", id=number, text=text, finish="stop", load_ms=0.0, **counts)

    def endless(self, number: Any) -> None:
        """Ticks for ever and heeds nothing: only being killed ends it."""
        while True:
            self.say("tick", id=number, stage="answer", done=1, total=0, chars=1)
            time.sleep(0.02)


def main() -> None:
    """Serve until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(json.loads(sys.argv[1]))
    requests: list[dict[str, Any]] = []
    ready = threading.Condition()

    def listen() -> None:
        for line in sys.stdin:
            request = json.loads(line)
            if request.get("op") == "cancel":
                worker.cancelled = request.get("id")
                continue
            with ready:
                requests.append(request)
                ready.notify()
        os._exit(0)

    worker.say("hello", pid=os.getpid(), egress={"level": "none", "closed": False}, version="scripted", system="")
    threading.Thread(target=listen, daemon=True).start()
    while True:
        with ready:
            ready.wait_for(lambda: requests)
            request = requests.pop(0)
        if request["op"] == "generate":
            worker.generate(request)
        elif request["op"] == "load":
            worker.say("loaded", id=request["id"], context=4096, elapsed_ms=0.0)
        else:
            os._exit(0)


if __name__ == "__main__":
    main()
