"""Two policies of the same words side by side: who can make one, and where they differ. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.places.personas.changes_state import ABSENT, part_title, part_words
from turbulence_app.insight.parts import part_of, part_paths

NOW, APPROVED = "now", "approved"


@dataclass(frozen=True, slots=True)
class Source:
    """Who makes a policy: a model by backend and name, or the policy as it is or was approved (no backend)."""

    key: str
    title: str
    backend: str = ""
    model: str | None = None


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One part in both policies; ``same`` as what the person has now: "", "left", "right" or "both"."""

    path: str
    title: str
    left: str
    right: str
    differs: bool
    has: str = ""

    @property
    def sign(self) -> str:
        """What stands before the row."""
        return "≠" if self.differs else ""


def sources_of(listed: Sequence[Mapping[str, Any]], *, now: bool, approved: bool) -> tuple[Source, ...]:
    """Everybody who can be asked here, and the policies that are here already."""
    found: list[Source] = []
    for model in listed:
        backend, name = str(model.get("backend", "")), str(model.get("name", ""))
        if not model.get("available"):
            continue
        if backend in ("llamacpp", "ollama"):
            found.append(
                Source(f"{backend}:{name}", name if backend == "llamacpp" else f"Ollama {name}", backend, name)
            )
        elif backend == "builtin":
            found.append(Source("builtin", "Built-in model", "builtin"))
        elif backend == "rules":
            found.append(Source("rules", "Rules only", "rules"))
    if now:
        found.append(Source(NOW, "As it is now"))
    if approved:
        found.append(Source(APPROVED, "As it was approved"))
    return tuple(found)


def usual(sources: Sequence[Source]) -> tuple[int, int]:
    """Which two are compared first: the best model against what is there, else the next model."""
    if len(sources) < 2:
        return 0, 0
    keys = [source.key for source in sources]
    return 0, keys.index(NOW) if NOW in keys[1:] else 1


def rows_of(
    left: Policy | None, right: Policy | None, now: Policy | None, workflow: Workflow
) -> tuple[CompareRow, ...]:
    """Every number of either, in the order of a policy."""
    both = [policy for policy in (left, right) if policy is not None]
    paths = dict.fromkeys(path for policy in both for path in part_paths(policy))
    sections = ("decisions", "patience", "retries", "pacing", "forms", "parameters", "toggles", "data")
    order = {name: place for place, name in enumerate(sections)}
    rows = [_row(path, left, right, now, workflow) for path in paths]
    return tuple(sorted(rows, key=lambda row: order.get(row.path.split(".")[0], 9)))


def differing_count(rows: Sequence[CompareRow]) -> int:
    """How many numbers differ."""
    return sum(row.differs for row in rows)


def _row(path: str, left: Policy | None, right: Policy | None, now: Policy | None, workflow: Workflow) -> CompareRow:
    one, two = (None if policy is None else part_of(policy, path) for policy in (left, right))
    words = tuple(_words(path, policy, workflow) for policy in (left, right))
    mine = None if now is None else part_of(now, path)
    has = [side for side, policy, value in (("left", left, one), ("right", right, two)) if policy and value == mine]
    differs = left is not None and right is not None and words[0] != words[1]
    kept = "" if now is None or not has else "both" if len(has) == 2 else has[0]
    return CompareRow(path, part_title(path), words[0], words[1], differs, kept)


def _words(path: str, policy: Policy | None, workflow: Workflow) -> str:
    if policy is None:
        return ""
    value = part_of(policy, path)
    if value is None and path.startswith("parameters."):
        value = workflow.all_parameters().get(path.removeprefix("parameters."))
        return f"{part_words(path, value)} (any)" if value is not None else ABSENT
    return part_words(path, value)
