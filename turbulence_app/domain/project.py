"""A project: a folder of text files, and the defaults that hold in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turbulence_app.domain.base import Identifier, Noun, Weight
from turbulence_app.domain.scenario import Seed, Users


class RunDefaults(Noun):
    """Used where neither the scenario nor the command line says otherwise."""

    users: Users = 20_000
    seed: Seed = 42
    workers: Annotated[int, Field(ge=0, le=256)] = 0
    """Engine processes; 0 = one per processor."""


class ModelDefaults(Noun):
    """Which model compiles personas here."""

    backend: Literal["auto", "builtin", "llamacpp", "ollama", "rules"] = "auto"
    model: str | None = None


class AppDefaults(Noun):
    """Where the application of the app target is imported from; paths are relative to the project."""

    paths: tuple[str, ...] = (".",)
    venv: str | None = None
    """A virtual environment whose packages the application needs (same Python version)."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables that the application sees."""


class HttpDefaults(Noun):
    """Which hosts beside loopback the http target may talk to, and the environment (profile) that it uses."""

    allow_hosts: tuple[str, ...] = ()
    sut: str | None = None
    profile: Identifier | None = None


class Planted(Noun):
    """A mistake that the application has behind a switch, for ``campaign --audit``: ``env`` switches it on."""

    bug: Identifier
    says: str = ""
    env: Annotated[dict[str, str], Field(min_length=1)]
    """Environment variables, laid over those of ``app``."""


class Project(Noun):
    """``turbulence.yaml``."""

    name: str = ""
    workflow: Identifier | None = None
    scenario: Identifier | None = None
    crowd: dict[Identifier, Weight] = Field(default_factory=dict)
    run: RunDefaults = RunDefaults()
    models: ModelDefaults = ModelDefaults()
    app: AppDefaults = AppDefaults()
    http: HttpDefaults = HttpDefaults()
    audit: tuple[Planted, ...] = ()
