"""The worker's operations on personas and their policies: what moves them, and their files in and out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.service import people_files, plain
from turbulence_app.service import sensitivity as moving

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

PeopleUsers = Annotated[int, Field(ge=100, le=moving.MOST_USERS)]


class OfOne(Noun):
    """``sensitivity``: a crowd of one persona, whose policy's numbers are moved one by one."""

    inputs: RunInputs
    users: PeopleUsers = 10_000


class Effects(OfOne):
    """``effects``: what each part does that differs from the policy ``before``."""

    before: Policy


class ReadPeople(Noun):
    """``read_people``: personas and policies out of files, ours or the original's; nothing is written."""

    paths: Annotated[tuple[str, ...], Field(min_length=1, max_length=1000)]


class WritePeople(Noun):
    """``write_people``: personas and policies into one file, which is replaced."""

    path: str
    personas: tuple[Persona, ...] = ()
    policies: tuple[Policy, ...] = ()


def sensitivity(ops: Operations, given: OfOne, job: Job) -> Any:
    """Swings, widest first."""
    found = moving.sensitivity(given.inputs, given.users, on_event=job.emit, should_stop=job.should_stop, kept=ops.kept)
    return asdict(found)


def effects(ops: Operations, given: Effects, job: Job) -> Any:
    """Effects, strongest first."""
    found = moving.effects(
        given.inputs, given.before, given.users, on_event=job.emit, should_stop=job.should_stop, kept=ops.kept
    )
    return {"effects": [asdict(effect) for effect in found]}


def read_people(_: Operations, given: ReadPeople, __: Job) -> Any:
    """What the files hold, and what is wrong with those that could not be read."""
    found = people_files.read_people([Path(path) for path in given.paths])
    return {
        "personas": [plain.noun(persona) for persona in found.personas],
        "policies": [plain.noun(policy) for policy in found.policies],
        "problems": [plain.problem(problem) for problem in found.problems],
        "notes": list(found.notes),
    }


def write_people(_: Operations, given: WritePeople, __: Job) -> Any:
    """The file that was written."""
    people_files.write_people(Path(given.path), given.personas, given.policies)
    return {"file": given.path}
