"""Filling the view: crowd, words, policy, fares."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from turbulence_app.domain.policy import Policy, Provenance
from turbulence_app.domain.run import PersonaStats, Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.persona_colours import token_of
from turbulence_app.gui.places.personas.crowd_state import CrowdRow, ordered, sums_to
from turbulence_app.gui.places.personas.doubts import doubts_of
from turbulence_app.gui.places.personas.order import Order
from turbulence_app.gui.places.personas.portrait import portrait
from turbulence_app.gui.places.personas.preview import funnel_rows, milliseconds
from turbulence_app.gui.places.personas.state import panel_of
from turbulence_app.gui.places.personas.view import PersonasView
from turbulence_app.insight.words import percent

_DESCRIBE = "Describe the person in words, then compile: every decision gets its numbers, each with its reason."
NO_POLICY = "no policy"
MODELS = {"builtin": "built-in", "llamacpp": "llama.cpp", "ollama": "Ollama", "rules": "rules", "manual": "by hand"}


class Showing:
    """From the project's nouns to what the widgets show."""

    def __init__(self, context: Context, view: PersonasView) -> None:
        self._context, self._view = context, view
        self._fares: dict[str, str] = {}
        self.order = Order(context)

    def color(self, persona_id: str) -> str:
        """The token of the persona's colour."""
        return token_of(persona_id)

    def crowd(self, selected: str) -> None:
        """The list of personas."""
        project = self._context.project
        people = list(project.data.personas.values())
        weights = {persona.id: project.weight(persona) for persona in people}
        total = sum(weights.values()) or 1.0
        rows = [
            CrowdRow(
                persona.id, persona.title, weights[persona.id] / total, token_of(persona.id),
                _status(project.policy(persona.id)), persona.id in project.data.project.crowd,
                self._fares.get(persona.id, ""), persona.description,
            )
            for persona in people
        ]  # fmt: skip
        self._view.crowd.show_rows(ordered(rows, self.order.names()), selected, sums_to(weights, _without(rows)))

    def words(self, selected: str) -> None:
        """The description of the chosen one."""
        card, project = self._view.words, self._context.project
        persona = project.data.personas.get(selected)
        card.setEnabled(persona is not None)
        card.name.setText(persona.title if persona is not None else "Nobody here yet")
        policy = project.policy(selected)
        card.editor.show_words(persona.description if persona is not None else "", policy.evidence if policy else {})
        workflow = project.workflow
        self._view.preview.show_subject(
            persona.title if persona is not None else "", workflow.id if workflow is not None else ""
        )
        card.show_made(policy is not None)
        card.report.setText(self.report(policy, policy.provenance.elapsed_ms) if policy is not None else "")

    def policy(self, selected: str, approved: Policy | None, versions: int, *, whole: bool = True) -> None:
        """The policy of the chosen one; not ``whole``: what a hand changed of it."""
        project, card = self._context.project, self._view.policy
        policy, workflow = project.policy(selected), project.workflow
        words = self._view.words
        words.version.setVisible(versions > 0)
        words.version.set(f"v{versions}")
        if policy is None or workflow is None:
            self._no_policy(selected)
            return
        words.show_status(*_approval(policy))
        persona = project.data.personas.get(selected)
        words.editor.show_words(persona.description if persona is not None else "", policy.evidence)
        words.show_portrait(portrait(policy, workflow))
        card.show_panel(panel_of(policy, workflow, approved), self.color(selected), whole=whole)
        card.show_doubts(doubts_of(policy))
        card.title.setToolTip(f"Made by {_source(policy.provenance)}")
        if card.page == "yaml":
            self.yaml(policy)

    def _no_policy(self, selected: str) -> None:
        project, card, words = self._context.project, self._view.policy, self._view.words
        words.show_portrait(())
        title, text, action = "No policy yet", _DESCRIBE, "personas.compile"
        if selected not in project.data.personas:
            words.status.setVisible(False)
            title, text = "Nobody here yet", "Make a persona: a name, and who that is in plain words."
            action = "personas.new"
        elif project.workflow is None:
            text = "A policy is for a workflow: make one in Workflow, or import one."
            words.show_status("no workflow", "neutral", text)
            title, action = "No workflow", "place.workflow"
        else:
            words.show_status("no policy yet", "neutral", "Compile the words to get one.")
            if len(project.data.workflows) > 1:
                title = f"No policy for {project.workflow.id} yet"
        card.show_none(title, text, action)

    def yaml(self, policy: Policy) -> None:
        """The policy as its file says it."""
        text = _dump(policy)
        if text != self._view.policy.yaml.toPlainText():
            self._view.policy.yaml.setPlainText(text)

    def fares(self, summary: Summary, selected: str) -> None:
        """How each persona does in the whole crowd."""
        if not summary.users:
            self._fares = {}
            self._view.crowd.show_whole("–", "nobody can come yet", [])
        else:
            self._fares = {stats.persona: _fare(stats) for stats in summary.personas}
            median = milliseconds(summary.time_to_complete.p50) if summary.time_to_complete.n else "–"
            steps = [(step.label, step.value) for step in funnel_rows(summary, None)]
            self._view.crowd.show_whole(percent(summary.completion), f"complete · {median}", steps)
        self.crowd(selected)

    def report(self, policy: Policy, took_ms: float | None) -> str:
        """One line on how the policy was made."""
        made = policy.provenance
        parts = [milliseconds(took_ms)] if took_ms else []
        parts.append(MODELS.get(made.backend, made.backend))
        if made.source == "cache":
            parts.append("from the cache")
        return " · ".join(parts)


def _without(rows: Sequence[CrowdRow]) -> int:
    return sum(row.status == NO_POLICY and row.share > 0 for row in rows)


def _status(policy: Policy | None) -> str:
    if policy is None:
        return NO_POLICY
    return "approved" if policy.approved else "not approved"


def _approval(policy: Policy) -> tuple[str, Any, str]:
    made = policy.provenance
    if not policy.approved:
        return "not approved", "warn", "Look at the numbers, then approve. Runs say that it was not approved."
    when = (made.approved_at or "")[:16].replace("T", " ")
    return "approved", "good", f"Approved by {made.approved_by} {when}".strip()


def _source(made: Provenance) -> str:
    model = MODELS.get(made.backend, made.backend)
    return f"{model} · {made.mode}" if made.mode and made.mode != made.backend else model


def _fare(stats: PersonaStats) -> str:
    if not stats.users:
        return "nobody"
    median = f" · {milliseconds(stats.time_to_complete.p50)}" if stats.time_to_complete.n else ""
    return f"{percent(stats.completed / stats.users)} complete{median}"


@lru_cache(maxsize=4)
def _texts() -> Any:
    from turbulence_app.service import texts

    return texts


def _dump(policy: Policy) -> str:
    return str(_texts().text_of(policy))
