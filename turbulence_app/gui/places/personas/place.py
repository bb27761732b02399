"""The Personas place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.personas.live import USERS
from turbulence_app.gui.places.personas.policy_card import Page
from turbulence_app.gui.places.personas.presenter import Presenter
from turbulence_app.gui.places.personas.view import PersonasView
from turbulence_app.gui.undo_step import undo_stack

if TYPE_CHECKING:
    from turbulence_app.service.drafts import Draft


class Place(BasePlace):
    """Wires view, presenter and actions."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._undo = self.undo_stack = undo_stack(context.undo)
        self.view = PersonasView(context, self._run, USERS)
        self.widget = self.view
        self._presenter: Presenter | None = None

    def fill(self) -> Iterator[None]:
        """The cards, one after another, and then who is in the crowd."""
        yield from self.view.fill()
        self.presenter = self._presenter = Presenter(self.context, self.view, self._undo)
        self.view.policy.switch.chosen.connect(lambda _key: self._yaml())
        self.view.crowd.menu.connect(self._menu)
        yield
        if self.context.project.loaded:
            self.presenter.reload()

    def give_up(self) -> None:
        """There may be no presenter yet."""
        if self._presenter is not None:
            self._presenter.close()

    def actions(self) -> Mapping[str, Handler]:
        """What can be done here."""
        presenter = self.presenter
        return {
            "personas.new": presenter.people.add,
            "personas.duplicate": presenter.people.duplicate,
            "personas.rename": presenter.people.rename,
            "personas.delete": presenter.people.delete,
            "personas.compare": presenter.compare.open,
            "personas.import": presenter.transfer.ask,
            "personas.export": presenter.transfer.export_persona,
            "personas.export_policy": presenter.transfer.export_policy,
            "personas.export_all": presenter.transfer.export_all,
            "personas.copy": presenter.transfer.copy,
            "personas.weigh": self._weigh,
            "personas.up": lambda: presenter.move(presenter.selected, -1),
            "personas.down": lambda: presenter.move(presenter.selected, 1),
            "personas.compile": presenter.compile,
            "personas.stop": presenter.compiling.stop,
            "personas.approve": presenter.approve,
            "personas.revert": presenter.revert,
            "personas.yaml": lambda: self._turn("yaml"),
            "personas.changes": lambda: self._turn("changes"),
            "personas.moves": lambda: self.view.preview.turn("moves"),
            "personas.jump": presenter.jump,
        }

    def enabled(self, action: str) -> bool:
        """Whether it can be done now."""
        presenter, card = self.presenter, self.view.policy
        if action in ("personas.new", "personas.import"):
            return self.context.project.loaded
        if action == "personas.compare":
            return self.view.words.compare.isEnabled()
        if action == "personas.export_policy":
            return presenter.policy() is not None
        if action == "personas.stop":
            return presenter.compiling.busy
        if action == "personas.approve":
            return card.approve.isEnabled()
        if action == "personas.revert":
            return card.revert.isEnabled()
        if action in ("personas.yaml", "personas.changes", "personas.moves", "personas.jump"):
            return card.switch.isEnabled()
        if action == "personas.compile":
            return not presenter.compiling.busy and self.view.words.compile.isEnabled()
        return bool(presenter.selected)

    def opened(self, target: Mapping[str, Any]) -> None:
        """Show the persona that was asked for."""
        persona = target.get("persona")
        if persona in self.context.project.data.personas:
            self.view.show_comparison(False)
            self.presenter.select(str(persona))

    def target(self) -> Mapping[str, Any]:
        """The persona that is looked at."""
        return {"persona": self.presenter.selected}

    def restore(self, draft: Draft) -> None:
        """Words or numbers that were not saved."""
        if draft.kind == "persona":
            self.presenter.people.restore(Persona.model_validate_json(draft.data))
        else:
            self.presenter.restore(Policy.model_validate_json(draft.data))

    def close(self) -> bool:
        """Write what waits."""
        self.presenter.close()
        return True

    def _run(self, action: str) -> None:
        self.context.navigation.act(action)

    def _weigh(self) -> None:
        self.view.crowd.list.setFocus()
        self.view.crowd.list.type_share()

    def _turn(self, page: Page) -> None:
        """To a page of the policy, and back to the numbers."""
        card = self.view.policy
        card.switch.choose("numbers" if card.page == page else page)
        card.switch.chosen.emit(card.page)

    def _yaml(self) -> None:
        policy = self.presenter.policy()
        if self.view.policy.page == "yaml" and policy is not None:
            self.presenter.showing.yaml(policy)

    def _menu(self, actions: tuple[str, ...], where: Any) -> None:
        self.context.navigation.menu(actions, where)
