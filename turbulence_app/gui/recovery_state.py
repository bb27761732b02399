"""What a draft is compared with: the file as it is, and the lines in which they differ. Qt-free."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from turbulence_app.domain.base import Noun
from turbulence_app.gui.project import ProjectData
from turbulence_app.service.drafts import Draft, Left, digest

Kind = Literal["workflow", "persona", "policy", "scenario"]
Content = str | Noun | Mapping[str, Any]
"""What an editor holds: a text as it stands, a noun, or a part of a file as plain data."""

KINDS: dict[str, tuple[str, str]] = {
    "workflow": ("Workflow", "workflow"),
    "persona": ("Persona", "personas"),
    "policy": ("Policy", "personas"),
    "scenario": ("Faults", "run"),
}
"""What each kind is called, and the place whose editor takes it back."""
SEPARATOR = " · "
MOST_LINES = 400
"""Lines of a difference that are shown: more are not read by anybody."""


@dataclass(frozen=True, slots=True)
class Found:
    """A draft that was left behind, beside what its file says now."""

    left: Left
    now: str

    @property
    def draft(self) -> Draft:
        """The draft."""
        return self.left.draft

    @property
    def moved(self) -> bool:
        """Whether the file was changed by somebody else after the edits began."""
        return bool(self.draft.base) and digest(self.now) != self.draft.base

    @property
    def gone(self) -> bool:
        """Whether there is no file, or nothing of that name in it."""
        return not self.now


def written(content: Content) -> str:
    """The content as text."""
    if isinstance(content, str):
        return content
    from turbulence_app.service.texts import text_of, text_of_data

    return text_of(content) if isinstance(content, Noun) else text_of_data(content)


def policy_key(workflow: str, persona: str) -> str:
    """Under which a policy's draft is kept."""
    return f"{workflow}{SEPARATOR}{persona}"


def source(data: ProjectData, kind: str, key: str) -> Content:
    """What the file says now; '' where there is none. Reads the file of a workflow, asks the project for the rest."""
    if kind == "workflow":
        try:
            return (data.root / key).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
    if kind == "persona":
        return data.personas.get(key) or ""
    if kind == "policy":
        workflow, _, persona = key.partition(SEPARATOR)
        return data.policies.get((workflow, persona)) or ""
    scenario = data.scenarios.get(key)
    return faults_content([fault.plain() for fault in scenario.faults]) if scenario is not None else ""


def faults_content(faults: list[Any]) -> Content:
    """A scenario's faults as its file has them."""
    return {"faults": faults}


def worth_offering(data: ProjectData, left: Iterable[Left]) -> tuple[list[Found], list[Left]]:
    """Drafts that differ from their files, and those that were saved in the last moment."""
    known = [one for one in left if one.draft.kind in KINDS]
    found = [Found(one, written(source(data, one.draft.kind, one.draft.key))) for one in known]
    same = [one.left for one in found if one.now == one.draft.text]
    return [one for one in found if one.now != one.draft.text], same


def difference(found: Found) -> list[tuple[str, str]]:
    """Lines with their sign: ``-`` only the file has, ``+`` only the draft, space both, ``…`` left out."""
    lines: list[tuple[str, str]] = []
    groups = difflib.SequenceMatcher(None, old := found.now.splitlines(), new := found.draft.text.splitlines(), False)
    for number, group in enumerate(groups.get_grouped_opcodes(2)):
        if number:
            lines.append(("…", ""))
        for what, low, high, start, stop in group:
            if what == "equal":
                lines += [(" ", line) for line in old[low:high]]
                continue
            lines += [("-", line) for line in old[low:high]]
            lines += [("+", line) for line in new[start:stop]]
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], ("…", f"{len(lines) - MOST_LINES} more lines")]


def offer(found: list[Found]) -> str:
    """The one line that says what there is."""
    names = [f"{one.draft.title}" for one in found]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    count = "An edit is" if len(found) == 1 else f"{len(found)} edits are"
    return f"{count} not saved yet: {shown}"
