"""The worker's operations on analyses: parameters in, plain JSON data out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.analysis import Among, Sort, Wanted
from turbulence_app.service.params import OfRun, Workers

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


class Analysis(OfRun):
    """``analysis``: who left where and why, how long it took, when it was slow; of these people of a run."""

    among: Among = Among()
    workers: Workers = 0


class People(OfRun):
    """``people``: a page of the people behind a bar."""

    wanted: Wanted = Wanted()
    sort: Sort = "user"
    first: Annotated[int, Field(ge=0, le=2**32)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def analysis(ops: Operations, given: Analysis, job: Job) -> Any:
    """A :class:`~turbulence_app.domain.analysis.Board`; ``progress`` events while the run is computed again."""
    board = ops.analyst.board(
        ops.database(given.project),
        given.run_id,
        given.among,
        workers=given.workers,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return board.model_dump(mode="json")


def people(ops: Operations, given: People, job: Job) -> Any:
    """A :class:`~turbulence_app.domain.analysis.PeoplePage`."""
    page = ops.analyst.people(
        ops.database(given.project),
        given.run_id,
        given.wanted,
        sort=given.sort,
        first=given.first,
        limit=given.limit,
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return page.model_dump(mode="json")
