"""How a request of the gateway ended, in telemetry's words."""

from __future__ import annotations

from collections.abc import Sequence

from turbulence_app.llm.chain import Step
from turbulence_app.llm.task import Answer
from turbulence_app.llm.telemetry.requests import Request

_CACHED = {
    "raw_hits": "cache_l0",
    "canonical_hits": "cache_l1",
    "store_hits": "cache_l2",
    "similar": "cache_similar",
    "joined": "joined",
}
"""Ends as the cache counts them (:data:`turbulence_app.llm.cache.counters.ENDS`), and sources."""


def told(request: Request, chain: Sequence[Step], answer: Answer, end: str) -> None:
    """Ends ``request`` with where its answer came from; a cached one saved what it had cost."""
    source = _CACHED.get(end)
    if source and source != "joined":
        request.saved(answer.elapsed_ms, answer.tokens)
    request.end(source or _asked(chain, answer), answer.backend, answer.model)


def _asked(chain: Sequence[Step], answer: Answer) -> str:
    """``builtin``, ``rules``, or for a language model ``model``, ``repaired`` (asked once more), ``mended`` (the rules
    took over what was wrong)."""
    if answer.backend in ("builtin", "rules"):
        return answer.backend
    last = next((step for step in reversed(chain) if step.outcome == "answered"), None)
    if last is not None and last.backend == "rules":
        return "mended"
    return "repaired" if last is not None and last.stage == "repair" else "model"
