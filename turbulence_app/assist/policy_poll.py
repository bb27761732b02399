"""A persona's policy as a poll: small questions with given answers, about the persona and about nobody at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from turbulence_app.assist.policy_items import Item, items
from turbulence_app.assist.policy_stated import Stated, stated
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.backends.base import Messages, Question
from turbulence_app.llm.task import Poll

NOBODY = "An ordinary person."
"""Who the prior is of: nobody in particular."""
_WORDINGS = (
    ("Say what this person does. Answer in a few words.", "The person", NOBODY),
    ("You know people well. Say what this one does.", "About the person", "Somebody like most people."),
    ("Predict what this user does, in a few words.", "The user", "An average user."),
    ("Think of one person and say what happens.", "Who it is", "Somebody."),
    ("Describe what the person does next.", "A description of the person", "A person like any other."),
)
"""Job, what the description is called, and nobody in particular, in other words for each voter of a consensus."""
WORDINGS = len(_WORDINGS)
MOST_SENTENCES = 10
"""Sentences of a description that are looked at one by one for evidence."""
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*")


def policy_poll(
    persona: Persona,
    workflow: Workflow,
    hide: Callable[[Messages], Messages] = lambda messages: messages,
    variant: int = 0,
) -> Poll:
    """The poll for one persona in one workflow; ``hide`` takes personal data out of each prompt. ``variant`` chooses
    the wording (see :data:`WORDINGS`; more come round again)."""
    asked = items(workflow)
    known = tuple(s for s in stated(persona.description) if s.path in {item.path for item in asked})
    job, called, nobody = _WORDINGS[variant % WORDINGS]

    def prompt(text: str, question: str) -> Messages:
        return hide(_messages(workflow, job, f"{called}: {text}", question))

    def about(text: str) -> tuple[Question, ...]:
        return tuple(Question(prompt(text, item.question), item.answers, item.whole) for item in asked)

    said = _described(persona)
    return Poll(
        stem=prompt("", ""),
        nobody=about(nobody),
        description=said,
        sentences=sentences(persona.description),
        about=about,
        document=lambda changes, quotes: _document(asked, changes, quotes, known),
        moved=lambda i, row: asked[i].says(row) and asked[i].path not in {s.path for s in known},
        way=lambda i, row: tuple(w - b for w, b in zip(asked[i].shares(row), asked[i].base, strict=True)),
    )


def sentences(description: str) -> tuple[str, ...]:
    """The parts of a description that evidence may quote, letter by letter; none where there are too many."""
    found = [part for m in _SENTENCE.finditer(description) if re.search(r"\w{3}", part := m[0].strip())]
    return tuple(found) if len(found) <= MOST_SENTENCES else ()


def _described(persona: Persona) -> str:
    hints = ", ".join(f"{key}: {value}" for key, value in persona.hints.items())
    return " ".join(filter(None, (persona.description.strip(), hints)))


def _messages(workflow: Workflow, job: str, about: str, question: str) -> Messages:
    """What never changes first, so that it is evaluated once; the question last."""
    where = f"{workflow.id}: {workflow.description}".rstrip(": ")
    user = f"{where}\n\n{about}\n\n{question}"
    return ({"role": "system", "content": job}, {"role": "user", "content": user})


def _document(
    asked: tuple[Item, ...],
    changes: tuple[tuple[float, ...], ...],
    quotes: dict[int, str],
    known: tuple[Stated, ...],
) -> dict[str, Any]:
    """What the answers add up to; an amount that the description states stands above them."""
    document: dict[str, Any] = {"decisions": {}, "patience": {}, "retries": {}, "pacing": {}, "forms": {}}
    document |= {"parameters": {}, "toggles": {}, "evidence": {}}
    for number, (item, row) in enumerate(zip(asked, changes, strict=True)):
        item.put(document, item.shares(row))
        document["evidence"][item.path] = quotes.get(number)
    for amount in known:
        document[amount.section][amount.name] = amount.value
        document["evidence"][amount.path] = amount.said
    return document
