"""What a policy says, in few words, with the phrase that each number came from."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.quantity import Quantity, Uniform
from turbulence_app.insight.words import milliseconds


@dataclass(frozen=True, slots=True)
class Phrase:
    """One number of a policy in words. ``said`` is the text that it came from; None means assumed."""

    path: str
    words: str
    said: str | None


def phrases(policy: Policy) -> list[Phrase]:
    """The telling numbers of a policy: one of each kind in turn, and those with a source first."""
    kinds = (_decisions(policy), _patience(policy), _habits(policy))
    ordered = [sorted(kind, key=lambda phrase: phrase.said is None) for kind in kinds]
    turns = [phrase for turn in zip_longest(*ordered) for phrase in turn if phrase is not None]
    return sorted(turns, key=lambda phrase: phrase.said is None)


def traced(policy: Policy) -> tuple[int, int]:
    """How many numbers point to words, and how many there are."""
    return sum(1 for said in policy.evidence.values() if said), len(policy.evidence)


def _decisions(policy: Policy) -> list[Phrase]:
    found: list[Phrase] = []
    for name, decision in policy.decisions.items():
        total = sum(decision.options.values())
        if total > 0:
            best = max(decision.options, key=lambda option: decision.options[option])
            words = f"{name} → {best} {100 * decision.options[best] / total:.0f} %"
            found.append(_phrase(policy, f"decisions.{name}", words))
    return found


def _patience(policy: Policy) -> list[Phrase]:
    found: list[Phrase] = []
    if (wait := policy.patience.step_wait_seconds) is not None:
        found.append(_phrase(policy, "patience.step_wait_seconds", f"waits {_range(wait, 1000)} for an answer"))
    if (visit := policy.patience.visit_seconds) is not None:
        found.append(_phrase(policy, "patience.visit_seconds", f"stays {_range(visit, 1000)}"))
    return found


def _habits(policy: Policy) -> list[Phrase]:
    found: list[Phrase] = []
    tries = {"": policy.retries.default, **policy.retries.steps}
    for step, times in tries.items():
        if times or not step:
            where = f" {step}" if step else ""
            path = f"retries.steps.{step}" if step else "retries.default"
            words = f"tries{where} again {times}×" if times else "does not try again"
            found.append(_phrase(policy, path, words))
    found.append(_phrase(policy, "pacing.think_ms", f"thinks {_range(policy.pacing.think_ms, 1)}"))
    return found


def _phrase(policy: Policy, path: str, words: str) -> Phrase:
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        said = policy.evidence.get(".".join(parts[:length]))
        if said:
            return Phrase(path, words, said)
    return Phrase(path, words, None)


def _range(quantity: Quantity, to_ms: float) -> str:
    if isinstance(quantity, int | float):
        return milliseconds(quantity * to_ms)
    if isinstance(quantity, Uniform):
        low, high = milliseconds(quantity.min * to_ms), milliseconds(quantity.max * to_ms)
        unit = high.rpartition(" ")[2]
        if low.endswith(f" {unit}") and " min " not in low:
            low = low.rpartition(" ")[0]
        return f"{low}–{high}"
    middle = getattr(quantity, "p50", None) or getattr(quantity, "median", None) or getattr(quantity, "mean", None)
    return f"about {milliseconds(float(middle) * to_ms)}" if middle else "a while"
