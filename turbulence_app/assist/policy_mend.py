"""What is left of a bad answer: every part that passes on its own is kept, the rules fill in the rest, with notes."""

from __future__ import annotations

from typing import Any

from turbulence_app.assist.policy_check import validate_policy
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.surface import policy_surface

_PARTS = ("patience", "retries", "pacing", "forms", "parameters", "toggles", "data")


class Mender:
    """Starts from the rules' document and takes over what it can from ``parts`` of another."""

    def __init__(self, parts: dict[str, Any], rules: dict[str, Any], workflow: Workflow, persona: Persona) -> None:
        self._parts, self._rules, self._workflow, self._persona = parts, rules, workflow, persona
        self._document = {k: v for k, v in rules.items() if k != "evidence"}
        self._kept: set[str] = set()
        self._replaced: list[str] = []

    def mend(self) -> tuple[dict[str, Any], str]:
        """The whole document, and a note on what came from the rules."""
        decisions = self._parts.get("decisions")
        given = decisions if isinstance(decisions, dict) else {}
        for name in policy_surface(self._workflow).decisions:
            others = self._document.get("decisions", {})
            self._take(f"decisions.{name}", "decisions", given.get(name), {**others, name: given.get(name)})
        for name in _PARTS:
            self._part(name, self._parts.get(name))
        evidence = {**self._rules.get("evidence", {}), **self._quotes()}
        note = f"from the rules: {', '.join(self._replaced) or 'what was left out'}"
        return {**self._document, "evidence": evidence}, note if self._kept else "the whole policy is from the rules"

    def _part(self, name: str, given: Any) -> None:
        usual = self._rules.get(name)
        if given is None and usual is None:
            return
        value = given
        if isinstance(given, dict) and isinstance(usual, dict):
            value = {**usual, **given}
            self._replaced += [f"{name}.{key}" for key in usual if key not in given]
        self._take(name, name, given, value)

    def _take(self, path: str, section: str, given: Any, value: Any) -> None:
        """Puts ``value`` into the document if it is valid there."""
        trial = {**self._document, section: value}
        if given is not None and validate_policy(trial, self._workflow, self._persona)[0] is not None:
            self._document = trial
            self._kept.add(path)
        else:
            self._replaced.append(path)

    def _quotes(self) -> dict[str, Any]:
        """Evidence of the parts that were kept."""
        evidence = self._parts.get("evidence")
        given = evidence if isinstance(evidence, dict) else {}
        return {p: q for p, q in given.items() if p in self._kept or str(p).partition(".")[0] in self._kept}
