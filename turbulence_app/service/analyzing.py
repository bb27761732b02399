"""A failure of a project explained: finds the failure, opens the way to a model where one is asked, writes files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from turbulence_app.domain.events import Event
from turbulence_app.domain.postmortem import PostMortem
from turbulence_app.formats.writer import write_atomic
from turbulence_app.privacy.redaction import redact
from turbulence_app.service import policies, postmortems, projects
from turbulence_app.service.gateways import settings_of
from turbulence_app.service.home import data_home
from turbulence_app.service.telemetry import keeping
from turbulence_app.store.database import Database


def analyze(
    database: Database,
    root: Path,
    name: str,
    *,
    backend: str = "rules",
    model: str | None = None,
    seed: int = 42,
    fresh: bool = False,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> PostMortem:
    """See :func:`turbulence_app.service.postmortems.analyze`; a model is only reached for where one is asked."""
    with ExitStack() as stack:
        gateway = None
        if backend != "rules":
            settings = settings_of(projects.model_defaults(root))
            gateway = stack.enter_context(policies.gateway_for(data_home(), None if fresh else database, settings))
            stack.enter_context(keeping(gateway, database))
        return postmortems.analyze(
            database, name, project=root, gateway=gateway, backend=backend, model=model, seed=seed,
            on_event=on_event, should_stop=should_stop,
        )  # fmt: skip


def save(found: PostMortem, path: Path) -> None:
    """As Markdown, without personal data."""
    write_atomic(path, redact(postmortems.markdown(found)).text)
