"""The person's own defaults under a project's: what ``turbulence.yaml`` leaves open, the settings fill.

From the strongest: what a call itself says (or a scenario, about users and seed) · the environment · the project's
``turbulence.yaml`` · the person's settings · the program's defaults. A project's ``backend: auto`` leaves it open, too.
"""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.project import ModelDefaults, Project, RunDefaults
from turbulence_app.settings import BY_KEY, Preferences, preferences

RUN = ("users", "seed", "workers")
MODELS = ("timeout_ms", "retry_max", "breaker_threshold", "cache", "cache_entries")


def filled(project: Project, mine: Preferences | None = None) -> Project:
    """A project's settings with what it leaves open filled by the person's."""
    mine = mine or preferences()
    run, models = filled_run(project.run, mine), filled_models(project.models, mine)
    return project.model_copy(update={"run": run, "models": models})


def filled_run(run: RunDefaults, mine: Preferences) -> RunDefaults:
    """Users, seed and processes."""
    return run.model_copy(update={name: mine.kept(f"run.{name}") for name in RUN if name not in run.model_fields_set})


def filled_models(models: ModelDefaults, mine: Preferences | None = None) -> ModelDefaults:
    """Who reads personas, how patiently, and what is kept of the answers."""
    mine = mine or preferences()
    said = models.model_fields_set
    update: dict[str, Any] = {name: mine.kept(f"models.{name}") for name in MODELS if name not in said}
    if models.backend == "auto" and mine.kept("models.backend") != "auto":
        update["backend"] = mine.kept("models.backend")
        update["model"] = models.model or mine.kept("models.model") or None
    if "cache_days" not in said:
        update["cache_days"] = float(mine.kept("models.cache_days")) or None
    if "keep_alive" not in said and mine.kept("ollama.keep_alive") != BY_KEY["ollama.keep_alive"].default:
        update["keep_alive"] = mine.kept("ollama.keep_alive")
    return models.model_copy(update=update)
