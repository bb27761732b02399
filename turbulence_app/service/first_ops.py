"""The operations that a window asks for while it starts, and a worker that begins with these alone.

The whole vocabulary (:mod:`turbulence_app.service.ops`) imports the way to models, campaigns and imports: as much again
as all that a first picture needs. A worker brings it in when something of it is first asked for.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from turbulence_app.domain.base import Noun
from turbulence_app.engine.kept import Kept
from turbulence_app.engine.preview import preview
from turbulence_app.formats.folder import Folder
from turbulence_app.service import params, plain, projects
from turbulence_app.service.home import data_home, own_sample
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.live import Live
from turbulence_app.service.worker import Job
from turbulence_app.store.database import Database
from turbulence_app.store.history import HistoryStore
from turbulence_app.store.policies import PolicyHistory

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations

P = TypeVar("P", bound=Noun)
PREVIEW_USERS = 20_000


class Opened:
    """Projects and their databases, open as long as the worker lives, and what the people of previews drew.

    ``databases`` and ``kept`` of another one are shared.
    """

    def __init__(
        self, home: Path | None = None, databases: dict[Path, Database] | None = None, kept: Kept | None = None
    ) -> None:
        self.home = home or data_home()
        self.databases: dict[Path, Database] = {} if databases is None else databases
        self.kept = kept or Kept()

    def root(self, project: str | None) -> Path:
        """The project's folder; None is the sample."""
        return Path(project).expanduser().absolute() if project else own_sample(self.home)

    def folder(self, project: str | None) -> Folder:
        """The project as it is on disk now."""
        return projects.open_project(self.root(project), self.home)

    def database(self, project: str | None) -> Database:
        """The project's database, opened once."""
        path = projects.database_path(self.root(project))
        if path not in self.databases or not path.exists():
            self.databases[path] = Database(path)
            HistoryStore(self.databases[path]).purge()
        return self.databases[path]

    def close(self) -> None:
        """Write what waits."""
        for database in self.databases.values():
            database.close()


class Beginning:
    """A worker's handlers that start with :data:`TABLE` and become the whole vocabulary when it is needed."""

    def __init__(self, home: Path | None = None) -> None:
        self._opened = Opened(home)
        self._whole: Operations | None = None

    def handle(self, op: str, given: Mapping[str, Any], job: Job) -> Any:
        """Do one operation, by the few as long as they are enough."""
        if self._whole is None and op in TABLE:
            model, act = TABLE[op]
            return act(self._opened, model.model_validate(given), job)
        return self._all().handle(op, given, job)

    def close(self) -> None:
        """Leave nothing unwritten."""
        (self._whole or self._opened).close()

    def _all(self) -> Operations:
        if self._whole is None:
            from turbulence_app.service.ops import Operations

            gc.freeze()  # what was imported stays: the collector need not look at it again in the middle of a preview
            self._whole = Operations(self._opened.home, self._opened.databases, self._opened.kept)
        return self._whole


def _ping(_: Opened, given: params.Ping, __: Job) -> Any:
    return given.data


def _open_project(ops: Opened, given: params.OpenProject, _: Job) -> Any:
    wanted = given.project or given.root
    if given.sample is not None:
        wanted = str(own_sample(ops.home, given.sample))
    return {**plain.folder(ops.folder(wanted)), "sample": wanted is None or given.sample is not None}


def _build_inputs(ops: Opened, given: params.BuildInputs, _: Job) -> Any:
    said = Overrides(
        users=given.users,
        seed=given.seed,
        target=given.target,
        crowd=given.crowd or {},
        live=Live(profile=given.profile),
    )
    return plain.noun(build_inputs(ops.folder(given.project), given.scenario, given.workflow, said))


def _preview(ops: Opened, given: params.Preview, job: Job) -> Any:
    users = given.users or min(given.inputs.users, PREVIEW_USERS)
    return plain.noun(preview(given.inputs, users, job.should_stop, ops.kept if users <= PREVIEW_USERS else None))


def _policy_history(ops: Opened, given: params.PolicyHistory, _: Job) -> Any:
    flow = given.workflow
    if not flow:
        from turbulence_app.service.policies import find

        flow = find(ops.folder(given.project), given.persona).workflow or ""
    versions = PolicyHistory(ops.database(given.project)).versions(flow, given.persona, given.limit)
    return {"versions": [plain.saved_policy(version) for version in versions]}


Act = Callable[[Any, Any, Job], Any]


def _op(model: type[P], act: Callable[[Opened, P, Job], Any]) -> tuple[type[Noun], Act]:
    return model, cast(Act, act)


TABLE: Mapping[str, tuple[type[Noun], Act]] = {
    "ping": _op(params.Ping, _ping),
    "open_project": _op(params.OpenProject, _open_project),
    "build_inputs": _op(params.BuildInputs, _build_inputs),
    "preview": _op(params.Preview, _preview),
    "policy_history": _op(params.PolicyHistory, _policy_history),
}
