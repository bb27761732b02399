"""Personas and policies that come in from files: what clashes with what is there, and what becomes of it. No Qt."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow

Choice = Literal["replace", "keep", "skip"]
CHOICES: tuple[tuple[Choice, str], ...] = (
    ("keep", "Keep both"), ("replace", "Replace"), ("skip", "Skip"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coming:
    """What an import would put into the project."""

    personas: tuple[Persona, ...] = ()
    policies: tuple[Policy, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What came, in a line."""
        people = f"{len(self.personas)} persona{'s' * (len(self.personas) != 1)}"
        policies = f"{len(self.policies)} polic{'y' if len(self.policies) == 1 else 'ies'}"
        return f"{people} and {policies}" if self.personas and self.policies else people if self.personas else policies


@dataclass(frozen=True, slots=True)
class Here:
    """What is in the project already."""

    personas: Mapping[str, Persona] = field(default_factory=dict)
    policies: Mapping[tuple[str, str], Policy] = field(default_factory=dict)
    workflow: Workflow | None = None


def clashes(personas: Iterable[Persona], here: Here) -> tuple[Persona, ...]:
    """Those whose id is taken by somebody else; the very same persona clashes with nobody."""
    return tuple(p for p in personas if p.id in here.personas and here.personas[p.id] != p)


def settled(
    personas: Iterable[Persona], policies: Iterable[Policy], here: Here, choices: Mapping[str, Choice]
) -> Coming:
    """What comes in after every clash was decided; a policy goes with its persona.

    A policy without a workflow becomes one of the workflow that is looked at. A policy whose persona is neither there
    nor coming is left out, and said. What was approved elsewhere is not approved here.
    """
    names: dict[str, str] = {}
    taken = set(here.personas)
    coming: list[Persona] = []
    for persona in personas:
        choice = choices.get(persona.id, "replace")
        if persona.id in here.personas and here.personas[persona.id] != persona and choice == "skip":
            names[persona.id] = ""
            continue
        new = free_id(persona.id, taken) if choice == "keep" and persona.id in here.personas else persona.id
        names[persona.id] = new
        taken.add(new)
        title = persona.title if new == persona.id else f"{persona.title} (imported)"
        coming.append(persona if new == persona.id else persona.model_copy(update={"id": new, "name": title}))
    made, notes = _policies(policies, here, names)
    return Coming(tuple(coming), tuple(made), tuple(notes))


def free_id(base: str, taken: Container[str]) -> str:
    """An id that nobody has, near the wanted one."""
    number, made = 2, base
    while made in taken:
        made, number = f"{base[:90]}_{number}", number + 1
    return made


def file_name(title: str, kind: str = "") -> str:
    """A name for a file that holds somebody."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", title).strip("-").lower() or "personas"
    return f"{stem}{f'-{kind}' if kind else ''}.yaml"


def _policies(policies: Iterable[Policy], here: Here, names: Mapping[str, str]) -> tuple[list[Policy], list[str]]:
    made: list[Policy] = []
    notes: list[str] = []
    for policy in policies:
        who = names.get(policy.persona_id, policy.persona_id if policy.persona_id in here.personas else None)
        if who is None:
            notes.append(f"The policy of {policy.persona_id!r} was left out: no such persona is here or came with it.")
        elif who:
            workflow = policy.workflow or (here.workflow.id if here.workflow is not None else None)
            provenance = policy.provenance.model_copy(update={"approved_by": None, "approved_at": None})
            if policy.approved:
                notes.append(f"The policy of {policy.persona_id!r} was approved elsewhere; approve it here to use it.")
            changed = {"persona_id": who, "workflow": workflow, "provenance": provenance}
            made.append(policy.model_copy(update=changed))
    return made, notes
