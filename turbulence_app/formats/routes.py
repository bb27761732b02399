"""From ``GET /orders/17`` back to the step that asks so: paths of a workflow with their templates as wildcards."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from turbulence_app.domain.workflow import HttpStep, WaitStep, Workflow

_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ANY = "\0"


class Routes:
    """Which steps a request may belong to; the pattern with the most fixed parts wins, also before a base path."""

    def __init__(self, workflow: Workflow) -> None:
        self._patterns: dict[tuple[str, int], list[tuple[tuple[str, ...], str]]] = {}
        self._known: dict[str, list[str]] = {}
        for step in workflow.steps():
            if isinstance(step, HttpStep | WaitStep):
                service = workflow.services.get(step.service or "")
                base = (service.base_url or (service.http.base_url if service.http else "")) if service else ""
                for path in {step.path, f"{urlsplit(base).path.rstrip('/')}{step.path}"}:
                    parts = tuple(_TEMPLATE.sub(_ANY, path).partition("?")[0].strip("/").split("/"))
                    self._patterns.setdefault((step.method, len(parts)), []).append((parts, step.name))

    def steps(self, request: str) -> list[str]:
        """Names of the steps that send ``METHOD /path``; none where nothing matches."""
        if request not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[request] = self._match(request)
        return self._known[request]

    def _match(self, request: str) -> list[str]:
        method, _, target = request.partition(" ")
        path = target.partition("?")[0].partition("#")[0]
        parts = [unquote(p) for p in path.strip("/").split("/")]
        best, found = -1, list[str]()
        for pattern, step in self._patterns.get((method.upper(), len(parts)), ()):
            if not all(_fits(one, other) for one, other in zip(pattern, parts, strict=True)):
                continue
            fixed = sum(_ANY not in one for one in pattern)
            if fixed > best:
                best, found = fixed, []
            if fixed == best and step not in found:
                found.append(step)
        return found


def _fits(pattern: str, part: str) -> bool:
    if _ANY not in pattern:
        return pattern == part
    if pattern == _ANY:
        return bool(part)
    first, *rest = pattern.split(_ANY)
    if not part.startswith(first) or not part.endswith(rest[-1]):
        return False
    at = len(first)
    for middle in rest[:-1]:
        place = part.find(middle, at)
        if place < 0:
            return False
        at = place + len(middle)
    return at <= len(part) - len(rest[-1])
