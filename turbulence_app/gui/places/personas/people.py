"""Adding, copying, naming, describing, weighing and deleting personas; every one of them can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.crowd_state import parted, weight_for
from turbulence_app.gui.places.personas.files import Files
from turbulence_app.gui.undo_step import Step


class People(QObject):
    """The personas of the project."""

    selection_changed = Signal(str)
    added = Signal()
    """Somebody new was made, to be described."""

    def __init__(self, context: Context, files: Files, undo: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._files, self._undo = context, files, undo
        self.selected = ""
        self._weighing: dict[str, Persona] = {}
        self._burst = 0

    def persona(self, persona_id: str = "") -> Persona | None:
        """A persona, by default the chosen one."""
        return self._context.project.data.personas.get(persona_id or self.selected)

    def shares(self) -> dict[str, float]:
        """Shares of the crowd, by persona."""
        project = self._context.project
        weights = {p.id: project.weight(p) for p in project.data.personas.values()}
        total = sum(weights.values())
        return {name: weight / total if total > 0 else 0.0 for name, weight in weights.items()}

    # -- in and out

    def add(self) -> None:
        """A new persona, to be described."""
        name = self._context.dialogs.ask_text("New persona", "Name", "")
        if name:
            weights = [self._context.project.weight(p) for p in self._context.project.data.personas.values()]
            weight = round(sum(weights) / len(weights), 2) if weights and sum(weights) > 0 else 10.0
            self._insert(Persona(id=self._free_id(name), name=name, weight=weight), None, f"adding {name}")
            self.added.emit()

    def restore(self, persona: Persona) -> None:
        """Take a persona back that a window left behind which was killed; one that is not there any more comes in."""
        before = self.persona(persona.id)
        if before is None:
            self._insert(persona, None, f"restoring {persona.title}")
        elif before != persona:
            self._replace(before, persona, f"restoring {persona.title}")
            self.selection_changed.emit(persona.id)

    def bring(self, personas: Sequence[Persona], policies: Sequence[Policy]) -> None:
        """Put in who came from files, with their policies, as one undo step; those who were there are replaced."""
        project = self._context.project
        before = {persona.id: self.persona(persona.id) for persona in personas}
        old = [project.data.policies.get((policy.workflow or "", policy.persona_id)) for policy in policies]
        chosen, first = self.selected, personas[0].id if personas else policies[0].persona_id

        def forth() -> None:
            for persona in personas:
                self._put(persona)
            self._put_policies(policies)
            self._choose(first)

        def back() -> None:
            for name, persona in before.items():
                if persona is None:
                    self._drop(name)
                else:
                    self._put(persona)
            self._put_policies([policy for policy in old if policy is not None])
            self._choose(chosen)

        self._push("the import", back, forth, now=True)

    def _put_policies(self, policies: Sequence[Policy]) -> None:
        for policy in policies:
            self._context.project.put_policy(policy)
            self._files.policy(policy)

    def _choose(self, persona_id: str) -> None:
        self.selected = persona_id
        self.selection_changed.emit(persona_id)

    def duplicate(self) -> None:
        """A copy of the chosen one, with its policy (not approved)."""
        persona = self.persona()
        if persona is None:
            return
        name = f"{persona.title} copy"
        copy = persona.model_copy(update={"id": self._free_id(name), "name": name})
        policy = self._context.project.policy(persona.id)
        if policy is not None:
            unapproved = policy.provenance.model_copy(update={"approved_by": None, "approved_at": None})
            policy = policy.model_copy(update={"persona_id": copy.id, "provenance": unapproved})
        self._insert(copy, policy, f"copying {persona.title}")

    def delete(self) -> None:
        """Take the chosen one out, after asking."""
        persona = self.persona()
        if persona is None:
            return
        text = "The persona leaves the crowd and its file. Undo brings it back."
        if not self._context.dialogs.confirm(f"Delete {persona.title}?", text, "Delete", danger=True):
            return
        policy = self._context.project.policy(persona.id)
        self._push(
            f"deleting {persona.title}", lambda: self._put(persona, policy), lambda: self._drop(persona.id), now=True
        )

    def rename(self) -> None:
        """Another name; the id, which files refer to, stays."""
        persona = self.persona()
        if persona is None:
            return
        name = self._context.dialogs.ask_text("Rename persona", "Name", persona.title)
        if name and name != persona.name:
            self._replace(persona, persona.model_copy(update={"name": name}), f"renaming {persona.title}")

    # -- words and weight

    def describe(self, persona_id: str, text: str) -> None:
        """The description was typed; one word's letters are one undo step."""
        persona = self.persona(persona_id)
        if persona is None or persona.description == text:
            return
        if text[-1:].isspace() or abs(len(text) - len(persona.description)) > 1:
            self._burst += 1
        after = persona.model_copy(update={"description": text})
        self._replace(persona, after, "typing", key=f"{persona_id}:{self._burst}")

    def drag_share(self, persona_id: str, share: float) -> None:
        """Give a persona a share of the crowd by its own weight; the others keep theirs."""
        persona = self.persona(persona_id)
        if persona is None or persona_id in self._context.project.data.project.crowd:
            return
        self._weighing.setdefault(persona_id, persona)
        project = self._context.project
        rest = sum(project.weight(p) for p in project.data.personas.values() if p.id != persona_id)
        weight = weight_for(share, rest)
        if weight is not None:
            project.put_persona(persona.model_copy(update={"weight": round(weight, 2)}))

    def part(self, first: str, second: str, share: float) -> None:
        """Shift people between two neighbours of the crowd: the first gets ``share`` of what both have."""
        one, two = self.persona(first), self.persona(second)
        if one is None or two is None or {first, second} & set(self._context.project.data.project.crowd):
            return
        for persona in (one, two):
            self._weighing.setdefault(persona.id, persona)
        weights = parted(one.weight, two.weight, share)
        for persona, weight in zip((one, two), weights, strict=True):
            self._context.project.put_persona(persona.model_copy(update={"weight": round(weight, 2)}))

    def drop_share(self) -> None:
        """The hand let go of a share: one undo step."""
        weighed, self._weighing = self._weighing, {}
        pairs = [
            (before, after) for name, before in weighed.items() if (after := self.persona(name)) not in (None, before)
        ]
        if not pairs:
            return
        for _, after in pairs:
            if after is not None:
                self._files.persona(after)

        def put(place: int) -> None:
            chosen = self.selected
            for pair in pairs:
                if (persona := pair[place]) is not None:
                    self._put(persona)
            self.selected = chosen
            self.selection_changed.emit(chosen)

        self._push("change of the crowd", lambda: put(0), lambda: put(1))

    # -- the rest

    def _replace(self, before: Persona, after: Persona, text: str, key: str = "") -> None:
        self._context.project.put_persona(after)
        self._files.persona(after)
        self._undo.push(Step(text, lambda: self._put(before), lambda: self._put(after), key))

    def _insert(self, persona: Persona, policy: Policy | None, text: str) -> None:
        self._push(text, lambda: self._drop(persona.id), lambda: self._put(persona, policy), now=True)

    def _push(self, text: str, undo: Callable[[], None], redo: Callable[[], None], *, now: bool = False) -> None:
        self._undo.push(Step(text, undo, redo, done=not now))

    def _put(self, persona: Persona, policy: Policy | None = None) -> None:
        self.selected = persona.id
        self._context.project.put_persona(persona)
        self._files.persona(persona)
        if policy is not None:
            self._context.project.put_policy(policy)
            self._files.policy(policy)
        self.selection_changed.emit(persona.id)

    def _drop(self, persona_id: str) -> None:
        names = list(self._context.project.data.personas)
        place = names.index(persona_id) if persona_id in names else 0
        left = [name for name in names if name != persona_id]
        self.selected = left[min(place, len(left) - 1)] if left else ""
        self._files.drop(persona_id)
        self._context.project.drop_persona(persona_id)
        self.selection_changed.emit(self.selected)

    def _free_id(self, name: str) -> str:
        base = re.sub(r"[^a-z0-9_]+", "_", name.lower()).strip("_") or "persona"
        base = base if base[0].isalpha() or base[0] == "_" else f"p_{base}"
        taken = self._context.project.data.personas
        number, made = 2, base[:90]
        while made in taken:
            made, number = f"{base[:90]}_{number}", number + 1
        return made
