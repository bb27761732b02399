"""Persona to policy: the words of a person about people, compiled into numbers for one workflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from turbulence_app.assist.policy_answer import Decoded, decode
from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.assist.policy_mend import Mender
from turbulence_app.assist.policy_poll import policy_poll
from turbulence_app.assist.policy_prompt import MAX_DESCRIPTION, PROMPT_VERSION, policy_messages, repair_messages
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.assist.policy_slots import policy_slots
from turbulence_app.assist.shield import Shield
from turbulence_app.domain.errors import InputError, Problem
from turbulence_app.domain.events import Event
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import DecideStep, Workflow
from turbulence_app.llm.answers import AnswerError, parse_answer
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.surface import identity, policy_surface
from turbulence_app.llm.task import Answer, Checked, Task

MAX_ANSWER = 40_000
"""Characters of an answer that are looked at."""


def compile_policy(
    persona: Persona,
    workflow: Workflow,
    *,
    gateway: Gateway,
    backend: str = "auto",
    model: str | None = None,
    mode: str | None = None,
    seed: int = 42,
    budget_ms: int | None = None,
    variant: int = 0,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Policy:
    """A valid, unapproved policy with provenance. ``budget_ms`` bounds everything that models do for it. ``variant``
    asks a language model as another voter of a consensus would be asked.

    Raises ``InputError`` (a decision without options, an unknown backend), ``MachineError`` (a backend that was named
    cannot be had) and ``CancelledError``. An invalid answer is repaired once, then rules take over what is wrong.
    """
    _askable(workflow)
    chosen, notes = backend, list[str]()
    if backend == "auto" and (reason := _nothing_to_read(persona)):
        chosen, notes = "rules", [reason]
    if chosen in ("auto", "llamacpp", "ollama") and len(persona.description) > MAX_DESCRIPTION:
        reason = f"the description has {len(persona.description)} characters; models read at most {MAX_DESCRIPTION}"
        if chosen != "auto":
            raise InputError(f"{persona.id}: {reason}", "shorten it, or use --backend builtin")
        chosen, notes = "builtin", [reason]
    shield = Shield(persona)
    answer = gateway.answer(
        policy_task(persona, workflow, shield, variant),
        backend=chosen,
        model=model if chosen == backend else None,
        mode=mode,
        seed=seed,
        budget_ms=budget_ms,
        on_event=on_event,
        should_stop=should_stop,
    )
    if answer.backend in ("llamacpp", "ollama"):
        notes += shield.note()
    return _policy(answer, notes, persona, workflow, shield)


def policy_task(persona: Persona, workflow: Workflow, shield: Shield | None = None, variant: int = 0) -> Task:
    """The question to the gateway, in all its forms. Models, and the cache, see the persona behind its ``shield``;
    the built-in model and the rules, our own code in this process, read the persona itself."""
    shield = shield or Shield(persona)
    shown = shield.persona
    schema = policy_schema(workflow)
    messages = shield.messages(policy_messages(shown, workflow))
    said = {"name": persona.title, "description": persona.description, "hints": persona.hints}

    def read(text: str) -> Checked:
        found = _decoded(text, schema)
        if found.problems:
            return Checked(None, tuple(found.problems))
        return _checked(found.document, workflow, shown, found.notes)

    return Task(
        kind="policy",
        version=PROMPT_VERSION,
        material=json.dumps([said, identity(workflow)], sort_keys=True, default=str),
        messages=messages,
        schema=schema,
        document=lambda backend: shield.hidden(backend.policy_document(persona, workflow)),
        read=read,
        check=lambda document: _checked(document, workflow, shown, []),
        repair=lambda text, problems: repair_messages(messages, text, problems),
        mend=lambda text, rules: _mended(text, rules, schema, workflow, shown),
        slots=policy_slots(shown, workflow),
        poll=lambda: policy_poll(shown, workflow, shield.messages, variant),
        variant=variant,
    )


def _checked(document: dict[str, Any], workflow: Workflow, persona: Persona, notes: list[str]) -> Checked:
    """The validator's word; the document comes back normal and without whose it is."""
    own = {k: v for k, v in document.items() if k not in ("persona_id", "workflow", "provenance")}
    policy, problems = validate_policy(own, workflow, persona)
    warned = [p.message for p in problems if p.severity != "error"]
    if policy is None:
        return Checked(None, tuple(p for p in problems if p.severity == "error"))
    plain = policy.model_dump(mode="json", by_alias=True, exclude={"persona_id", "workflow", "provenance"})
    return Checked(plain, (), (*notes, *warned))


def _decoded(text: str, schema: dict[str, Any]) -> Decoded:
    try:
        return decode(parse_answer(text, MAX_ANSWER), schema)
    except AnswerError as error:
        return Decoded(problems=[Problem(str(error), "write one JSON object")])


def _mended(text: str, rules: dict[str, Any], schema: dict[str, Any], workflow: Workflow, persona: Persona) -> Checked:
    """The rules' document with every part of the answer that passes on its own, and notes on the parts that do not."""
    found = _decoded(text, schema)
    document, note = Mender(found.document or _as_document(text), rules, workflow, persona).mend()
    return _checked(document, workflow, persona, [note, *found.notes])


def _as_document(text: str) -> dict[str, Any]:
    """The text as a policy document (what the built-in model writes), or nothing."""
    try:
        found = parse_answer(text, MAX_ANSWER)
    except AnswerError:
        return {}
    return found if isinstance(found, dict) else {}


def _policy(answer: Answer, notes: list[str], persona: Persona, workflow: Workflow, shield: Shield) -> Policy:
    provenance = {
        "backend": answer.backend,
        "model": answer.model,
        "digest": answer.digest,
        "mode": answer.mode,
        "prompt_version": PROMPT_VERSION,
        "seed": answer.seed,
        "source": answer.source,
        "created_at": answer.created_at,
        "elapsed_ms": round(answer.elapsed_ms, 3),
        "notes": tuple(notes) + answer.notes,
    }
    whole = {
        **shield.shown(answer.document),
        "persona_id": persona.id,
        "workflow": workflow.id,
        "provenance": provenance,
    }
    return Policy.model_validate(whole)


def _nothing_to_read(persona: Persona) -> str:
    return "" if persona.description.strip() else "the persona has no description: neutral behaviour from the rules"


def _askable(workflow: Workflow) -> None:
    """Every decision must have options, or nothing can be said about it."""
    known = policy_surface(workflow).decisions
    for step in workflow.steps():
        if isinstance(step, DecideStep) and step.decision not in known:
            mend = f"write under step {step.name!r}: options: {{name: what choosing it means}}"
            raise InputError(f"workflow {workflow.id!r}: decision {step.decision!r} has no options", mend)
