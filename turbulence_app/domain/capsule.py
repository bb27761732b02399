"""A capsule: one failure with everything that is needed to see it again, kept as a regression test."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from turbulence_app.domain.base import Identifier, Noun
from turbulence_app.domain.failure import Choice
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Target

CAPSULE_FORMAT = 1
"""Version of the file format; a reader refuses what is newer."""
Expect = Literal["fails", "passes"]
Word = Annotated[int, Field(ge=0, lt=2**32)]


class Seen(Noun):
    """What was seen when the capsule was made: who broke the invariant, where and when, and the trace's digest."""

    invariant: Identifier
    user: int = 0
    step: str = ""
    at_us: int = 0
    events: int = 0
    message: str = ""
    digest: str = ""


class Origin(Noun):
    """How the failure was found."""

    run_id: str = ""
    scenario: str = ""
    user: int = 0
    users: int = 0
    """Users of the run or the world that found it."""
    seed: int = 0
    choices: int = 0
    """Choices out of the ordinary, as found."""
    candidates: int = 0
    """Candidates that were really run to make it small."""
    at: str = ""
    """When, in UTC."""


class Capsule(Noun):
    """A minimal reproduction in one file.

    ``expect`` is what the file demands as a regression test: ``fails`` while the defect is there, ``passes`` once it is
    mended. ``choices`` stand over a neutral baseline in which nothing goes wrong; ``fixed`` say who the users are.
    """

    capsule: Literal[1] = 1
    name: Identifier
    says: str = ""
    expect: Expect = "fails"
    target: Target = "model"
    seen: Seen
    users: Annotated[tuple[int, ...], Field(min_length=1, max_length=10_000)]
    faults: Annotated[tuple[int, ...], Field(max_length=64)] = ()
    """Places in the inputs' list of the faults that are on."""
    until_us: int | None = None
    fresh: bool = True
    """App target: whether people come in the liveness phase, where the inputs have one."""
    fixed: Annotated[dict[str, Word], Field(max_length=20_000)] = {}
    choices: Annotated[tuple[Choice, ...], Field(max_length=20_000)] = ()
    minimal: bool = False
    proof: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    recorded: tuple[dict[str, Any], ...] = ()
    """Http target: the exchanges with the service, against which the capsule is run."""
    version: str = ""
    engine_version: int = 1
    build: str = ""
    """App target: digest of the application's sources when it was made."""
    origin: Origin = Origin()
    inputs: RunInputs
