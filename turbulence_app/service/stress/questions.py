"""Questions in any number, all different and cheap to make: one real policy task, with another visitor each."""

from __future__ import annotations

import random
import threading
from collections import deque
from dataclasses import replace
from typing import Any

from turbulence_app.assist.policy import policy_task
from turbulence_app.domain.persona import Persona
from turbulence_app.formats.loader import load_workflow
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.task import Task
from turbulence_app.service.home import pristine_sample

KNOWN = 128
"""Questions that are asked again; fewer than the cache holds."""
PERSONA = Persona(
    id="visitor",
    name="Visitor",
    description="Shops during lunch breaks, compares two or three things, and leaves when the page takes too long.",
)


class Questions:
    """New and known questions, from several threads."""

    def __init__(self) -> None:
        folder = pristine_sample() / "workflows"
        self._base = policy_task(PERSONA, load_workflow(sorted(folder.glob("*.yaml"))[0]))
        self._known: deque[Task] = deque(maxlen=KNOWN)
        self._lock = threading.Lock()
        self._number = 0

    @property
    def schema(self) -> dict[str, Any]:
        """What an answer has to fit."""
        return self._base.schema

    def draw(self, rng: random.Random, hit_rate: float) -> tuple[Task, bool]:
        """The next question, and whether it was answered before."""
        with self._lock:
            if self._known and rng.random() < hit_rate:
                return rng.choice(self._known), True
            self._number += 1
            return self._variant(self._number), False

    def answered(self, task: Task) -> None:
        """From now on it is a known one."""
        with self._lock:
            self._known.append(task)

    def _variant(self, number: int) -> Task:
        base, words = self._base, f" This is visitor number {number}."
        last = base.messages[-1]
        messages = (*base.messages[:-1], {**last, "content": last["content"] + words})
        slots = Slots({**base.slots.values, "visitor": number})
        return replace(base, material=base.material + words, messages=messages, slots=slots)
