"""Where the services of a run are: the application that is imported, or the hosts that may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class AppPlace:
    """Where the application of the app target is imported from.

    ``root`` is the project's folder, ``paths`` (absolute) go in front of the import path, ``venv`` (absolute) is a
    virtual environment with the application's packages, ``env`` is what the application sees of the environment
    beside what every program needs.
    """

    root: Path
    paths: tuple[Path, ...] = ()
    venv: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """Which hosts beside loopback the http target may talk to, and the environment (profile) that it uses.

    ``root`` is the project's folder, if there is one; ``time_scale`` shortens what people spend without asking (1: real
    time); ``environ`` is what ``{{ env.NAME }}`` reads (None: this process's environment).
    """

    root: Path | None = None
    allow_hosts: tuple[str, ...] = ()
    profile: str | None = None
    time_scale: float = 1.0
    environ: Mapping[str, str] | None = None


Place: TypeAlias = AppPlace | HttpPlace
