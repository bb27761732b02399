"""A gateway over backends that do as told, on a clock of the test's own; and a small question to ask it."""

from __future__ import annotations

import json
import threading
from typing import ClassVar

from turbulence_app.domain.errors import Problem
from turbulence_app.llm import errors
from turbulence_app.llm.answers import AnswerError, parse_answer, violations
from turbulence_app.llm.backends.base import Completion
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.ladder import Rung
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.task import Checked, Task
from turbulence_app.llm.telemetry.telemetry import Telemetry

SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["n"],
    "additionalProperties": False,
}
GOOD = '{"n": 7}'


class Clock:
    """Seconds that only the test lets pass."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Scripted:
    """A language model. ``script`` gets the prompt and returns a text or a completion, or raises."""

    modes: ClassVar = ("json",)

    def __init__(self, script, name="llamacpp", model="m", parallel=1):
        self.script, self.name, self.model, self.parallel = script, name, model, parallel
        self.asked = []
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def digest(self):
        return f"digest of {self.model}"

    def version(self):
        return "1"

    def complete(self, prompt, on_tick=None, should_stop=None):
        with self._lock:
            self.asked.append(prompt)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            said = self.script(prompt)
        finally:
            with self._lock:
                self.at_once -= 1
        return said if isinstance(said, Completion) else Completion(said, "stop", prompt_tokens=30, answer_tokens=5)

    def close(self):
        pass


class Rules:
    """What is always there."""

    name, model, digest, modes = "rules", "", "rules-1", ("rules",)

    def policy_document(self, persona, workflow):
        raise AssertionError("the toy question makes its own document")


class Rungs:
    """A ladder of given backends; ``auto`` tries them in order and ends with the rules."""

    def __init__(self, *backends):
        self.backends = backends

    def rungs(self, backend, model, mode, left=None, should_stop=None):
        for one in self.backends:
            if backend in ("auto", one.name):
                yield Rung(one.name, one.model, one.digest(), one.version(), "json", text=one)
        if backend in ("auto", "rules"):
            yield Rung("rules", "", "rules-1", "1", "rules", document=Rules())

    def close(self):
        pass


def gateway(*backends, clock=None, store=None, **more):
    """A gateway over these backends, on the test's clock."""
    clock = clock or Clock()
    telemetry = Telemetry(lambda: int(clock() * 1e9))
    made = Gateway(store, clock=clock, sleep=getattr(clock, "sleep", None), telemetry=telemetry, **more)
    made.ladder = Rungs(*backends)
    return made


def task(text="How many?", *, volatile="", raw="", strict="", version=1):
    """One question. ``text`` is free to be worded otherwise, ``strict`` decides, ``volatile`` says nothing, ``raw``
    is only in the words."""

    def check(document):
        wrong = violations(document, SCHEMA)
        return Checked(None, tuple(Problem(w) for w in wrong)) if wrong else Checked(document)

    def read(said):
        try:
            return check(parse_answer(said, 40_000))
        except AnswerError as error:
            return Checked(None, (Problem(str(error)),))

    messages = ({"role": "user", "content": f"{text}\n{strict}\n{volatile}\n{raw}"},)
    return Task(
        kind="toy",
        version=version,
        material=json.dumps([text, strict, volatile, raw]),
        messages=messages,
        schema=SCHEMA,
        document=lambda backend: {"n": 0},
        read=read,
        check=check,
        repair=lambda said, problems: (*messages, {"role": "user", "content": problems[0].message}),
        mend=lambda said, rules: Checked(rules, (), ("the whole answer is from the rules",)),
        slots=Slots({"text": text, "strict": strict, "id": volatile}, frozenset({"id"}), frozenset({"text"})),
    )


class Dict(dict):
    """A store in memory that can be made to fail."""

    def __init__(self):
        super().__init__()
        self.metas, self.totals, self.broken = {}, {}, None

    def _try(self):
        if self.broken:
            raise self.broken

    def get(self, key):
        self._try()
        return super().get(key)

    def put(self, key, value_json, meta):
        self._try()
        self[key], self.metas[key] = value_json, json.loads(json.dumps(meta))

    def remove(self, key):
        self.pop(key, None)

    def prints(self, limit):
        self._try()
        return [(key, meta["print"]) for key, meta in list(self.metas.items()) if meta["print"]][:limit]

    def count(self, totals):
        self._try()
        for name, amount in totals.items():
            self.totals[name] = self.totals.get(name, 0) + amount

    def flush(self):
        self._try()


def raising(error):
    """A script that always fails."""

    def script(prompt):
        raise error

    return script


def slow(clock, seconds, text=GOOD):
    """A script that takes its time, and stops at the prompt's deadline as backends do."""

    def script(prompt):
        clock.now += min(seconds, prompt.seconds)
        if seconds > prompt.seconds:
            raise errors.ModelTimeoutError("no whole answer in time")
        return text

    return script
