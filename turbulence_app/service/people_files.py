"""Personas and policies out of loose files, and into one: what people send to each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.formats.loader import kind_of, parse_personas, parse_policies
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import read_tree
from turbulence_app.formats.writer import write_atomic
from turbulence_app.service.texts import people_text


@dataclass(frozen=True, slots=True)
class People:
    """What several files hold; ``problems`` of those that could not be read, ``notes`` on names that came twice."""

    personas: tuple[Persona, ...] = ()
    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def read_people(paths: Sequence[Path]) -> People:
    """Read them all; a file that cannot be read is a problem and does not keep the others away.

    Of a persona, or of a policy for one workflow, that stands in several files the last one counts.
    """
    personas: dict[str, Persona] = {}
    policies: dict[tuple[str, str], Policy] = {}
    problems: list[Problem] = []
    notes: list[str] = []
    for path in paths:
        try:
            found = _read(path)
        except InputError as error:
            problems += error.problems
            continue
        except OSError as error:
            problems.append(Problem(f"cannot be read: {error.strerror}", "choose another file", Location(str(path))))
            continue
        twice = [persona.title for persona in found[0] if persona.id in personas]
        notes += [f"{title} stands in several files; the one in {path.name} counts." for title in twice]
        personas |= {persona.id: persona for persona in found[0]}
        policies |= {(policy.workflow or "", policy.persona_id): policy for policy in found[1]}
    return People(tuple(personas.values()), tuple(policies.values()), tuple(problems), tuple(notes))


def write_people(path: Path, personas: Sequence[Persona], policies: Sequence[Policy]) -> None:
    """One file that :func:`read_people` reads back equal. Raises ``MachineError`` where it cannot be written."""
    write_atomic(path, people_text(personas, policies))


def _read(path: Path) -> tuple[tuple[Persona, ...], tuple[Policy, ...]]:
    text, name = read_text(path), str(path)
    node = read_tree(text, name)
    kind = kind_of(node)
    keys = node.value.keys() if isinstance(node.value, dict) else set()
    if kind not in ("persona", "policy"):
        mend = "import workflows and recordings with File, Import"
        raise InputError("there are no personas or policies in this file", mend, Location(name))
    personas = parse_personas(text, name) if kind == "persona" or "personas" in keys else ()
    return personas, parse_policies(text, name) if kind == "policy" or "policies" in keys else ()
