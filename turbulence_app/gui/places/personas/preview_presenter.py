"""The preview and what moves it: asks the live worker, shows what comes back, tells what went wrong."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.live import USERS, Live
from turbulence_app.gui.places.personas.moving import Moving
from turbulence_app.gui.places.personas.preview import unfit
from turbulence_app.gui.places.personas.preview_card import PreviewCard


class PreviewPresenter(QObject):
    """Keeps the preview card. ``number`` tells the path of a number that a person went for in the tornado."""

    number = Signal(str)

    def __init__(self, context: Context, card: PreviewCard, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._card = context, card
        self.live = Live(context, self)
        self.moving = Moving(context, "sensitivity", self)
        self._persona = ""
        self._approved: Policy | None = None
        self._summary: tuple[Summary, float] | None = None
        self._baseline: Summary | None = None
        self.live.current.connect(self._current)
        self.live.baseline.connect(self._compared)
        self.live.failed.connect(self._failed)
        self.moving.known.connect(card.moves.show_swings)
        self.moving.progressed.connect(card.moves.show_busy)
        self.moving.failed.connect(lambda why: card.moves.show_words(why, retry=True))
        card.again.connect(self.touch)
        card.compile.connect(lambda: context.navigation.act("personas.compile"))
        card.turned.connect(lambda _key: self._move())
        card.moves.stopped.connect(self._stopped)
        card.moves.again.connect(self._move)
        card.moves.picked.connect(self.number)

    @property
    def summary(self) -> Summary | None:
        """What is shown."""
        return self._summary[0] if self._summary is not None else None

    def show(self, persona_id: str, approved: Policy | None) -> None:
        """Look at another persona."""
        self.moving.stop()
        if persona_id != self._persona:
            self._summary = self._baseline = None
        self._persona, self._approved = persona_id, approved
        if not self._say_why():
            if self._summary is None:
                self._card.show_waiting()
            self.live.show(persona_id, approved)

    def touch(self) -> None:
        """The policy is another one: run it, and let go of what was found out about the one before."""
        self.moving.stop()
        self.live.touch(self._persona)
        self._card.moves.show_words("")

    def compare(self, approved: Policy | None) -> None:
        """The approved policy is known, or another one."""
        self._approved = approved
        self.live.compare(approved)

    def inputs(self) -> RunInputs | None:
        """A crowd of this persona alone, as the preview runs it."""
        return self._context.project.inputs(users=USERS, only=self._persona)

    def close(self) -> None:
        """Nothing more is awaited."""
        self.moving.stop()
        self.live.close()

    def _say_why(self) -> bool:
        """What stands in the way of a preview; False where nothing does."""
        project = self._context.project
        if not project.loaded or not self._persona:
            self._card.show_nothing("Make a persona first: a name, and who that is in plain words.")
        elif project.workflow is None:
            self._card.show_nothing(
                "The project has no workflow yet: make one in Workflow, or import one.", "No workflow"
            )
        elif project.policy(self._persona) is None:
            self._card.show_nothing(f"Compile the policy, and {USERS:,} of this persona walk through the workflow.")
        else:
            return False
        self.live.drop()
        return True

    def _failed(self, why: str) -> None:
        project = self._context.project
        policy, workflow = project.policy(self._persona), project.workflow
        self._card.show_wrong(why, unfit=policy is not None and workflow is not None and unfit(policy, workflow))

    def _current(self, summary: Summary, took_ms: float) -> None:
        self._summary = (summary, took_ms)
        self._draw()
        self._move()

    def _compared(self, summary: Summary | None) -> None:
        self._baseline = summary
        self._draw()

    def _draw(self) -> None:
        if self._summary is not None and self._context.project.policy(self._persona) is not None:
            self._card.show_summary(self._summary[0], self._baseline, self._summary[1])

    def _move(self) -> None:
        """Find out what moves it, as soon as it is in view and nothing else is asked."""
        if self._summary is None or not self._card.moves_wanted or self.live.busy:
            return
        self.moving.want(self.inputs())

    def _stopped(self) -> None:
        self.moving.stop()
        self._card.moves.show_words("Stopped.", retry=True)


def alone(policy: Policy, inputs: RunInputs) -> RunInputs:
    """The same run with another policy for its one persona."""
    return inputs.model_copy(update={"crowd": (Member(persona=policy.persona_id, weight=1.0, policy=policy),)})
