"""A decision read once for all people: vectors, kinds and prior of its options, the request that it follows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from turbulence_app.domain.workflow import (
    BranchStep,
    DecideStep,
    GrpcStep,
    HttpStep,
    RepeatStep,
    Step,
    WaitStep,
    Workflow,
)
from turbulence_app.llm.builtin.concepts import concepts_in
from turbulence_app.llm.builtin.encoder import Array, Encoder
from turbulence_app.llm.builtin.heads import KINDS, SUBJECTS, Heads, features
from turbulence_app.llm.builtin.reading import Reading
from turbulence_app.llm.builtin.situations import LEAVES, SLOW, TROUBLE
from turbulence_app.llm.builtin.text import is_negated, stems

FLOOR = 0.01
"""No option's share falls below this: people surprise."""
KIND_TEMPERATURE = 0.12
TRIED = 0.6
"""Share of trying again where the text says that it is tried."""
PRIOR = {"leave": -1.5, "complain": -0.7, "later": -0.3, "dear": -0.2}
LEAVE_AFTER_FAILURE = 0.6
"""What a failure adds to the prior of leaving, in logits."""


@dataclass(frozen=True)
class Choice:
    """A decision with what does not depend on the person: vectors, kinds and prior of its options."""

    decision: str
    prompt: str
    names: tuple[str, ...]
    vectors: Array
    middle: Array
    kinds: Array
    prior: Array
    negated: tuple[bool, ...]
    own_words: tuple[frozenset[str], ...]
    concepts: Array
    failure: float
    slow: float
    failing_step: str | None
    repeats_step: bool
    context: Array


def words_of(name: str) -> str:
    """An identifier as words."""
    return " ".join(
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ").replace(".", " ").split()
    )


def read_choice(step: DecideStep, workflow: Workflow, encoder: Encoder, heads: Heads) -> Choice:
    """Vectors and kinds of one decision's options."""
    names = tuple(step.options)
    meanings = [step.options[n].strip() or words_of(n) for n in names]
    prompt = step.prompt.strip() or step.description.strip() or words_of(step.decision)
    forms = (
        [words_of(n) for n in names] + meanings + [f"{words_of(n)}: {m}" for n, m in zip(names, meanings, strict=True)]
    )
    layers = encoder.layers(forms)
    vectors = layers[:, -1].reshape(3, len(names), -1)
    people = encoder([f"Somebody who {meaning}" for meaning in meanings])[None]
    mixed = np.concatenate([vectors, vectors.sum(0, keepdims=True), people])
    mixed /= np.linalg.norm(mixed, axis=2, keepdims=True)
    middle = layers[:, 1].reshape(3, len(names), -1).sum(0)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    read = features(encoder, [*forms, prompt, words_of(step.decision)])
    kinds = heads.kinds(read[: len(forms)]).reshape(3, len(names), -1).mean(0)
    soft = np.exp((kinds - kinds.max(1, keepdims=True)) / KIND_TEMPERATURE) * (kinds > 0.05)
    soft = soft / np.maximum(soft.sum(1, keepdims=True), 1e-6) * np.clip(kinds.max(1, keepdims=True) * 2.5, 0, 1)
    _mark_leaving(soft, names, meanings)
    subject = heads.subjects(read[len(forms) :]).mean(0)
    failing = failing_step(step, workflow)
    failure = float(np.clip(subject[SUBJECTS.index("failure")] * 1.6, 0, 1))
    if ".failed" in (step.guard or "") or failing[1] or TROUBLE.search(prompt):
        failure = max(failure, 0.8)
    slow = float(np.clip((subject[SUBJECTS.index("slow")] - 0.3) * 2.5, 0, 1))
    slow = max(slow, 0.8) if SLOW.search(prompt) else slow
    leaving = soft[:, KINDS.index("leave")]
    prior = soft @ np.array([PRIOR.get(k, 0.0) for k in KINDS], np.float32)
    prior = prior + LEAVE_AFTER_FAILURE * max(failure, slow) * leaving
    negated = tuple(is_negated(m) or is_negated(words_of(n)) for n, m in zip(names, meanings, strict=True))
    everywhere = stems(f"{words_of(workflow.id)} {workflow.description} {prompt}")
    words = [stems(f"{words_of(n)} {m}") - everywhere for n, m in zip(names, meanings, strict=True)]
    own = tuple(w - frozenset().union(*(o for o in words if o is not w)) for w in words)
    named = np.stack([concepts_in(form) for form in forms[2 * len(names) :]])
    return Choice(
        step.decision,
        prompt,
        names,
        mixed,
        middle,
        soft,
        prior,
        negated,
        own,
        named - named.mean(0),
        failure,
        slow,
        failing[0],
        _in_one_loop(step, failing[0], workflow),
        encoder([prompt])[0],
    )


def _mark_leaving(soft: Array, names: tuple[str, ...], meanings: list[str]) -> None:
    """Options that say in so many words that somebody leaves are of that kind above all."""
    column = KINDS.index("leave")
    for row, (name, meaning) in enumerate(zip(names, meanings, strict=True)):
        if soft[row, column] > 0.15 and LEAVES.search(f"{words_of(name)}: {meaning}"):
            soft[row] *= 0.5
            soft[row, column] = max(0.9, soft[row, column])


def failing_step(decide: DecideStep, workflow: Workflow) -> tuple[str | None, bool]:
    """The request that a decision follows, and whether a condition says that it failed."""
    requests: list[str] = []
    guards: dict[str, str] = {}

    def walk(steps: tuple[Step, ...], guard: str) -> bool:
        for step in steps:
            own = f"{guard} {step.guard or ''}"
            if step is decide:
                guards["at"] = own
                return True
            if isinstance(step, (HttpStep, GrpcStep, WaitStep)):
                requests.append(step.name)
            if isinstance(step, BranchStep) and (
                walk(step.if_true, f"{own} {step.condition}") or walk(step.if_false, f"{own} not ({step.condition})")
            ):
                return True
            if isinstance(step, RepeatStep) and walk(step.steps, f"{own} {step.while_}"):
                return True
        return False

    walk(workflow.flow, "")
    names = {s.name for s in workflow.steps()}
    for match in re.finditer(r"([A-Za-z_][\w\-]*)\.failed|failures\(\s*['\"]([^'\"]+)['\"]", guards.get("at", "")):
        name = match[1] or match[2]
        if name in names:
            return name, True
    return (requests[-1] if requests else None), False


def _in_one_loop(decide: DecideStep, failing: str | None, workflow: Workflow) -> bool:
    """Whether a loop holds both the request and the decision: then trying again is what the decision does."""

    def held(steps: tuple[Step, ...]) -> set[str]:
        names = {s.name for s in steps}
        for step in steps:
            if isinstance(step, BranchStep):
                names |= held(step.if_true) | held(step.if_false)
            elif isinstance(step, RepeatStep):
                names |= held(step.steps)
        return names

    loops = [held(step.steps) for step in workflow.steps() if isinstance(step, RepeatStep)]
    return any({decide.name, failing} <= names for names in loops)


def decided(choices: list[Choice]) -> set[str]:
    """Requests whose repetition a decision in the same loop is asked about."""
    again = KINDS.index("retry")
    return {c.failing_step for c in choices if c.repeats_step and c.failing_step and c.kinds[:, again].max() > 0.3}


def tried_first(choice: Choice, options: dict[str, float]) -> dict[str, float]:
    """Shares before the `then` of `tries once, then leaves`: trying again is at least :data:`TRIED` of them."""
    again = choice.names[int(choice.kinds[:, KINDS.index("retry")].argmax())]
    if options[again] >= TRIED:
        return options
    rest = (1 - TRIED) / (sum(options.values()) - options[again])
    return {name: TRIED if name == again else max(FLOOR, round(share * rest, 3)) for name, share in options.items()}


def cases_for(choice: Choice, reading: Reading) -> list[dict[str, Any]]:
    """`Tries N times, then leaves`: after N repeats the person leaves (or turns to what is left)."""
    if choice.failure < 0.5 or choice.failing_step is None or not reading.retries:
        return []
    retry, leave = KINDS.index("retry"), KINDS.index("leave")
    again, gone = int(choice.kinds[:, retry].argmax()), int(choice.kinds[:, leave].argmax())
    if again == gone or choice.kinds[again, retry] < 0.2 or choice.kinds[gone, leave] < 0.2:
        return []
    for count, clause in reading.retries:
        if re.search(
            r"\b(?:then|before|and)\b.{0,30}"
            r"\b(?:leav\w+|giv\w+ up|quit\w*|go(?:es|ne)?|abandon\w*|walk\w*|stop\w*|cancel\w*)\b",
            clause.text,
            re.I,
        ):
            shares = dict.fromkeys(choice.names, FLOOR)
            shares[choice.names[gone]] = round(1 - FLOOR * (len(choice.names) - 1), 3)
            return [{"when": f"failures('{choice.failing_step}') >= {count + 1}", "options": shares}]
    return []
