"""The worker's operations on the cache: parameters and handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.service import cache
from turbulence_app.service.models import list_models
from turbulence_app.service.params import InProject

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

Text = Annotated[str, Field(min_length=1, max_length=300)]


class CacheClear(InProject):
    """``cache_clear``: everything, or what fits all that is given (``older_than``: ``30d``; not used for so long)."""

    model: Text | None = None
    kind: Text | None = None
    older_than: Text | None = None
    stale: bool = False


def cache_stats(ops: Operations, given: InProject, _: Job) -> Any:
    """What :func:`turbulence_app.service.cache.statistics` says, with the memory of this process."""
    gateways = ops.gateways(given.project)
    for gateway in gateways:
        gateway.cache.flush()
    memory = {
        "entries": sum(len(gateway.cache.canonical) for gateway in gateways),
        "bytes": sum(gateway.cache.raw.bytes + gateway.cache.canonical.bytes for gateway in gateways),
        "capacity": sum(gateway.cache.settings.capacity for gateway in gateways),
    }
    return cache.statistics(ops.database(given.project), lambda: list_models(ops.home), memory)


def cache_clear(ops: Operations, given: CacheClear, _: Job) -> Any:
    """``removed``: how many answers there were in the store; the memory of this process is emptied with it."""
    gateways = ops.gateways(given.project)
    for gateway in gateways:
        gateway.cache.flush()
    wanted = cache.Wanted(given.model, given.kind, given.older_than, given.stale)
    done = cache.clear(ops.database(given.project), wanted, lambda: list_models(ops.home))
    for gateway in gateways:
        gateway.clear_memory()
    return done
