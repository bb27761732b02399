"""Ordered choices that stand for numbers: what a model is asked instead of a number, which it would invent.

Each scale is a question, the beginning of the answer, and phrases with the value that each stands for, rising by value
and told apart by their first words (only those are evaluated).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """``question`` may hold ``{what}``; the answers are ``lead`` and one phrase each."""

    question: str
    lead: str
    phrases: dict[str, float]

    @property
    def values(self) -> tuple[float, ...]:
        """What the phrases stand for, rising."""
        return tuple(self.phrases.values())

    def answers(self) -> tuple[str, ...]:
        """The answers as the model would write them."""
        return tuple(f"{self.lead} {phrase}" for phrase in self.phrases)


STEP_WAIT = Scale(
    "A page is slow. How long does this person wait before giving up?",
    "This person waits",
    {"a second": 1.5, "a few seconds": 4, "ten seconds": 10, "half a minute": 30, "a minute": 70, "minutes": 240},
)
"""Seconds."""
VISIT = Scale(
    "How much time does this person take for all of this?",
    "This person takes",
    {"a minute": 60, "a few minutes": 180, "ten minutes": 600, "half an hour": 1800, "an hour": 3600, "hours": 7200},
)
"""Seconds."""
THINK = Scale(
    "How long does this person look and think before each step?",
    "This person thinks for",
    {
        "no time": 200,
        "a moment": 700,
        "a second": 1500,
        "a few seconds": 4000,
        "ten seconds": 10_000,
        "a minute": 40_000,
    },
)
"""Milliseconds."""
PAUSE = Scale(
    "How long does this person take for this: {what}?",
    "This person takes",
    {"a second": 1000, "a few seconds": 3000, "ten seconds": 10_000, "half a minute": 30_000, "a minute": 70_000,
     "several minutes": 240_000},
)  # fmt: skip
"""Milliseconds."""
TYPING = Scale(
    "How fast does this person type?",
    "This person types",
    {"very fast": 70, "fast": 130, "at normal speed": 210, "slowly": 400, "very slowly": 800},
)
"""Milliseconds per character."""
CORRECTIONS = Scale(
    "How often does this person make a mistake when filling in a form?",
    "This person makes mistakes",
    {"never": 0.01, "rarely": 0.03, "sometimes": 0.08, "often": 0.2, "constantly": 0.4},
)
"""Part of the fields that are typed wrong first."""
RETRIES = Scale(
    "Something fails with an error. How often does this person try again?",
    "This person tries again",
    {"not at all": 0, "once": 1, "twice": 2, "three times": 3, "again and again": 5},
)
"""Times."""
RETRIES_BASE = (0.3, 0.42, 0.16, 0.08, 0.04)
"""What somebody neutral does, in the mean once."""
AMOUNT = Scale(
    "Between {low} and {high}, how much does this person choose for {what}?",
    "This person chooses",
    {"the least": 0.0, "little": 0.25, "a medium amount": 0.5, "a lot": 0.75, "the most": 1.0},
)
"""Part of the way from the least to the most."""
SKIP = ("Some fields of a form are optional. Does this person fill them in?", "No", "Yes")
TOGGLE = ("{what}: does this person do it?", "Yes", "No")
CHOICE = ("Which {what} does this person choose?", "This person chooses")
