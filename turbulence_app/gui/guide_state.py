"""The main job in six steps, as a person is led through it on the sample. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StepName = Literal["words", "numbers", "run", "failure", "shrink", "replay"]
PERSONA = "impatient_shopper"
SCENARIO = "lost-answers"


@dataclass(frozen=True, slots=True)
class GuideStep:
    """``asks`` stands before the step with ``button`` beside it; ``doing`` while it goes on, ``done`` after it."""

    name: StepName
    place: str
    asks: str
    button: str
    doing: str
    done: str


STEPS: tuple[GuideStep, ...] = (
    GuideStep(
        "words", "personas", "Who comes to the shop? Five kinds of people, each in words.", "Show them",
        "Opening Personas", "This one is impatient. The underlined words are what numbers were made from.",
    ),
    GuideStep(
        "numbers", "personas", "A model on this computer turns words into numbers.", "Show the numbers",
        "Opening the policy", "How often, how long, how many times: every number can be read, changed and approved.",
    ),
    GuideStep(
        "run", "run", "Now 20,000 of them buy something, on a day with a bad network.", "Let them in",
        "The crowd walks through the checkout", "Most got through. For a few, something broke that must never break.",
    ),
    GuideStep(
        "failure", "failures", "What broke, and for whom?", "Show the failure",
        "Looking for the failure", "The payment was taken twice: its answer got lost, and the person tried again.",
    ),
    GuideStep(
        "shrink", "failures", "What does it take, and what is only noise?", "Make it smaller",
        "Leaving out whatever is not needed", "The smallest visit that still breaks. Each candidate was really run.",
    ),
    GuideStep(
        "replay", "failures", "Does it happen again?", "Play it again",
        "Playing the visit again", "The same visit, the same events, bit for bit: now it can be mended.",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GuideState:
    """``at`` is the step that is next, or under way while ``busy``; past the last one the guide is finished."""

    at: int = 0
    busy: bool = False
    alone: bool = False
    """Whether it goes on by itself."""
    failed: str = ""

    @property
    def finished(self) -> bool:
        """Whether everything was shown."""
        return self.at >= len(STEPS)

    @property
    def step(self) -> GuideStep | None:
        """The step that is next or under way."""
        return None if self.finished else STEPS[self.at]

    @property
    def said(self) -> str:
        """The line that stands there now: what happened, then what comes."""
        if self.failed:
            return self.failed
        if self.step is not None and self.busy:
            return f"{self.step.doing}…"
        before = STEPS[self.at - 1].done if self.at else ""
        return f"{before} {self.step.asks}".strip() if self.step is not None else before

    @property
    def count(self) -> str:
        """How far it has come."""
        return f"{min(self.at + 1, len(STEPS))} of {len(STEPS)}"
