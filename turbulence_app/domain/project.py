"""A project: a folder of text files, and the defaults that hold in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from turbulence_app.domain.base import Identifier, Noun, Weight
from turbulence_app.domain.scenario import Seed, Users


class RunDefaults(Noun):
    """Used where neither the scenario nor the command line says otherwise."""

    users: Users = 20_000
    seed: Seed = 42
    workers: Annotated[int, Field(ge=0, le=256)] = 0
    """Engine processes; 0 = one per processor."""


Backend = Literal["auto", "builtin", "llamacpp", "ollama", "rules"]
ModelTask = Literal["draft", "policy"]
"""What a model is asked for: ``draft`` while somebody types, ``policy`` when they ask for it."""


class Route(Noun):
    """Who answers one task. ``model`` and ``mode`` absent: the backend's usual ones."""

    backend: Backend = "auto"
    model: str | None = None
    mode: Literal["json", "logits"] | None = None

    @model_validator(mode="after")
    def _asked_in_a_mode(self) -> Route:
        if self.mode is not None and self.backend not in ("llamacpp", "ollama"):
            raise ValueError(f"a mode is a way to ask llamacpp or ollama, not {self.backend}")
        return self


class Routes(Noun):
    """Tasks that are answered by another model than the usual one: small for drafts, large on demand."""

    draft: Route | None = None
    policy: Route | None = None


class ModelDefaults(Noun):
    """Which model compiles personas here, how patiently, and which tasks go elsewhere. The environment stands above
    the numbers."""

    backend: Backend = "auto"
    model: str | None = None
    routes: Routes = Routes()
    allow_hosts: tuple[str, ...] = ()
    """Hosts beside this machine on which an Ollama server may be asked."""
    keep_alive: Annotated[str, Field(pattern=r"^(-1|0|[1-9][0-9]{0,5}(s|m|h))$")] = "10m"
    """How long Ollama keeps a model loaded after an answer: ``10m``, ``0`` (not at all), ``-1`` (for good)."""
    parallel: Annotated[int, Field(ge=1, le=64)] = 1
    """Requests that the Ollama server takes at once: what its ``OLLAMA_NUM_PARALLEL`` says, which it does not tell."""
    timeout_ms: Annotated[int, Field(ge=1, le=3_600_000)] = 120_000
    """For a whole answer, with waiting, retries and repair; ``LLM_TIMEOUT_MS``."""
    retry_max: Annotated[int, Field(ge=0, le=20)] = 2
    """Tries after the first one, on errors that may pass; ``LLM_RETRY_MAX``."""
    breaker_threshold: Annotated[int, Field(ge=1, le=1000)] = 5
    """Failures in a row after which a model is left alone for a while; ``LLM_BREAKER_THRESHOLD``."""
    cache: bool = True
    cache_entries: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    """Answers in memory; ``LLM_CACHE_CAP``."""
    cache_days: Annotated[float, Field(gt=0, le=36_500, allow_inf_nan=False)] | None = None
    """After so many days an answer is asked for again."""
    similar: bool = False
    """Whether a question that only words the same otherwise may take a kept answer."""
    similar_audit: Annotated[float, Field(ge=0.01, le=0.05, allow_inf_nan=False)] = 0.02
    """Share of such answers that are checked by really asking."""

    def route(self, task: ModelTask) -> Route:
        """Who answers a task: its route, else the built-in model for drafts and the usual one for the rest."""
        given: Route | None = getattr(self.routes, task)
        if given is not None:
            return given
        small = task == "draft" and self.backend != "rules"
        return Route(backend="builtin") if small else Route(backend=self.backend, model=self.model)


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
