"""Personas and policies in and out: files of ours and of the original, several at once; YAML into the clipboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from turbulence_app.domain.events import JobFailed
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.people import People
from turbulence_app.gui.places.personas.transfer_state import (
    CHOICES,
    Choice,
    Coming,
    Here,
    clashes,
    file_name,
    settled,
)

FILTERS = "Personas and policies (*.yaml *.yml *.json);;All files (*)"
YAML = "YAML (*.yaml *.yml)"
MOST_NOTES = 3


class Transfer(QObject):
    """Asks for files, lets the service read or write them, and puts what came in as one undo step."""

    def __init__(self, context: Context, people: People, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._people = context, people

    # -- in

    def ask(self) -> None:
        """Ask for files and bring in who is in them."""
        self.read(self._context.dialogs.open_files("Import personas and policies", FILTERS))

    def read(self, paths: Sequence[Path]) -> None:
        """Bring in who is in these files."""
        if paths:
            params = {"paths": [str(path) for path in paths]}
            self._context.bridge.request("live", "read_people", params, on_result=self._read, on_error=self._failed)

    def _read(self, reply: Mapping[str, Any]) -> None:
        personas = [Persona.model_validate(item) for item in reply["personas"]]
        policies = [Policy.model_validate(item) for item in reply["policies"]]
        problems = [_problem(item) for item in reply["problems"]]
        if not personas and not policies:
            why = problems[0] if problems else "There are no personas or policies in these files."
            self._context.notices.show(f"Nothing imported. {why}", "warn")
            return
        here = self._here()
        choices = self._ask_clashes(clashes(personas, here))
        if choices is None:
            return
        coming = settled(personas, policies, here, choices)
        self._people.bring(coming.personas, coming.policies)
        self._tell(coming, (*problems, *(str(note) for note in reply["notes"]), *coming.notes))

    def _ask_clashes(self, found: Sequence[Persona]) -> dict[str, Choice] | None:
        """One answer per clash, or one for all of the rest; None gives the import up."""
        choices: dict[str, Choice] = {}
        for place, persona in enumerate(found):
            rest = len(found) - place
            offered: list[tuple[str, str]] = list(CHOICES)
            if rest > 1:
                offered += [(f"all-{key}", f"{words}, all {rest}") for key, words in CHOICES]
            text = "Somebody with this name is here already, and is not the same."
            answer = self._context.dialogs.choose(f"{persona.title} is here already", text, offered)
            if answer is None:
                return None
            key = next(key for key, _ in CHOICES if answer.removeprefix("all-") == key)
            if answer.startswith("all-"):
                return choices | {other.id: key for other in found[place:]}
            choices[persona.id] = key
        return choices

    def _tell(self, coming: Coming, notes: Sequence[str]) -> None:
        shown = [*notes[:MOST_NOTES], *([f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else [])]
        text = " ".join([f"Imported {coming.words}.", *shown])
        self._context.notices.show(text, "warn" if notes else "good")

    def _here(self) -> Here:
        project = self._context.project
        return Here(project.data.personas, project.data.policies, project.workflow)

    # -- out

    def export_persona(self) -> None:
        """The chosen persona into a file."""
        persona = self._people.persona()
        if persona is not None:
            self._write("Export this persona", file_name(persona.title), [persona], [])

    def export_policy(self) -> None:
        """The chosen persona's policy into a file."""
        persona = self._people.persona()
        policy = self._context.project.policy(self._people.selected)
        if persona is not None and policy is not None:
            self._write("Export this policy", file_name(persona.title, "policy"), [], [policy])

    def export_all(self) -> None:
        """Everybody, with the policies for the workflow that is looked at."""
        project = self._context.project
        personas = list(project.data.personas.values())
        policies = [policy for who in personas if (policy := project.policy(who.id)) is not None]
        self._write("Export all personas and policies", file_name(project.name, "personas"), personas, policies)

    def copy(self) -> None:
        """The chosen persona and its policy as YAML, for pasting elsewhere."""
        from turbulence_app.service.texts import people_text

        persona = self._people.persona()
        if persona is not None:
            policy = self._context.project.policy(persona.id)
            QGuiApplication.clipboard().setText(people_text([persona], [policy] if policy is not None else []))
            what = f"{persona.title} and the policy" if policy is not None else persona.title
            self._context.notices.show(f"{what} copied as YAML.", "good")

    def _write(self, title: str, name: str, personas: Sequence[Persona], policies: Sequence[Policy]) -> None:
        path = self._context.dialogs.save_file(title, name, YAML)
        if path is None:
            return
        params = {
            "path": str(path if path.suffix else path.with_suffix(".yaml")),
            "personas": [persona.model_dump(mode="json", by_alias=True) for persona in personas],
            "policies": [policy.model_dump(mode="json", by_alias=True) for policy in policies],
        }
        self._context.bridge.request("live", "write_people", params, on_result=self._wrote, on_error=self._failed)

    def _wrote(self, reply: Mapping[str, Any]) -> None:
        self._context.notices.show(f"Written: {reply['file']}", "good")

    def _failed(self, error: JobFailed) -> None:
        self._context.notices.show(error.message + (f" ({error.mend})" if error.mend else ""), "bad")


def _problem(item: Mapping[str, Any]) -> str:
    where = item.get("where")
    place = f"{Path(str(where['file'])).name}{':' + str(where['line']) if where['line'] else ''}: " if where else ""
    mend = f" ({item['mend']})" if item.get("mend") else ""
    return f"{place}{item['message']}{mend}"
