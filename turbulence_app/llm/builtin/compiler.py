"""A persona and a workflow to a policy document, out of words alone."""

from __future__ import annotations

from collections import OrderedDict
from threading import RLock
from typing import Any

import numpy as np

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import ChoiceParameter, DecideStep, Parameter, RangeParameter, Step, Workflow
from turbulence_app.llm.builtin.choices import Choice, cases_for, decided, read_choice, tried_first, words_of
from turbulence_app.llm.builtin.encoder import Encoder, shared_encoder
from turbulence_app.llm.builtin.heads import Heads, load_heads
from turbulence_app.llm.builtin.quantities import counts_said, persistence
from turbulence_app.llm.builtin.reading import Reading, read_persona
from turbulence_app.llm.builtin.text import Clause, leanings
from turbulence_app.llm.builtin.weighing import insistence, weigh

STEP_WAIT, VISIT, THINK, TYPING = (8.0, 20.0), (240.0, 600.0), (800.0, 3000.0), (150.0, 250.0)
"""What a neutral person does: seconds for an answer and a visit, milliseconds of thought and per character."""
PATIENT, IMPATIENT = 3.0, 3.4
"""How many times longer the most patient and shorter the least patient wait for an answer: 24-60 and 2.4-5.9 s."""
HURRIED = 0.3
"""What somebody in a hurry uses at the least of the time that the text gives for the visit."""
NEUTRAL_RETRIES = 1
CORRECTIONS, SKIP = 0.05, 0.5
NAMED = 0.42
"""Cosine from which a clause counts as naming a step, a toggle or a parameter."""
SAVING = ("paying less money", "a price reduction")
REVEALING = ("giving away personal data", "consent to the use of personal data")
"""What a switch may be about, in words of every domain."""
PULL = 1.5
"""What thrift or caution count for a switch that is wholly about money or data, in log-odds."""
KEPT_WORKFLOWS = 16


class Compiler:
    """Reads policies out of descriptions; keeps what it has read of the last workflows. Safe between threads."""

    def __init__(self, encoder: Encoder | None = None, heads: Heads | None = None) -> None:
        self.encoder, self.heads = encoder or shared_encoder(), heads or load_heads()
        self._choices: OrderedDict[str, list[Choice]] = OrderedDict()
        self._lock = RLock()

    def document(self, persona: Persona, workflow: Workflow) -> dict[str, Any]:
        """A policy's fields (without provenance) as plain data; every option of every decision is named."""
        with self._lock:
            reading = read_persona(persona, self.encoder, self.heads)
            evidence: dict[str, str | None] = {}
            return {
                "persona_id": persona.id,
                "workflow": workflow.id,
                "decisions": self._decisions(reading, workflow, evidence),
                "patience": _patience(reading, evidence),
                "retries": self._retries(reading, workflow, evidence),
                "pacing": self._pacing(reading, workflow, evidence),
                "forms": _forms(reading, evidence),
                "parameters": self._parameters(reading, workflow, evidence),
                "toggles": self._toggles(reading, workflow, evidence),
                "evidence": evidence,
            }

    def _read_choices(self, workflow: Workflow) -> list[Choice]:
        key = workflow.model_dump_json()
        if key not in self._choices:
            steps = [s for s in workflow.decisions().values() if s.options]
            merged = [_with_all_options(s, workflow) for s in steps]
            self._choices[key] = [read_choice(step, workflow, self.encoder, self.heads) for step in merged]
            while len(self._choices) > KEPT_WORKFLOWS:
                self._choices.popitem(last=False)
        return self._choices[key]

    def _decisions(self, reading: Reading, workflow: Workflow, evidence: dict[str, str | None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        choices = self._read_choices(workflow)
        contexts = np.stack([choice.context for choice in choices]) if choices else np.zeros((0, 0), np.float32)
        for choice in choices:
            shares, clause = weigh(choice, reading, self.encoder, contexts)
            entry: dict[str, Any] = {
                "options": dict(zip(choice.names, (round(float(s), 3) for s in shares), strict=True))
            }
            persist = reading.traits["persist"] + 0.5 * insistence(choice, shares, clause is not None)
            reading.traits["persist"] = round(max(-1.0, min(1.0, persist)), 2)
            cases = cases_for(choice, reading)
            if cases:
                entry["options"] = tried_first(choice, entry["options"])
                entry["cases"] = cases
            found[choice.decision] = entry
            evidence[f"decisions.{choice.decision}"] = clause.text if clause else None
        return found

    def _retries(self, reading: Reading, workflow: Workflow, evidence: dict[str, str | None]) -> dict[str, Any]:
        trait = reading.trait("persist") - 0.3 * reading.trait("leave")
        source = reading.evidence("persist")
        default = NEUTRAL_RETRIES if abs(trait) < 0.2 else 0 if trait < 0 else persistence(trait, source or "")
        evidence["retries.default"] = source if default != NEUTRAL_RETRIES else None
        steps: dict[str, int] = {}
        for count, clause in reading.retries:
            default = count
            evidence["retries.default"] = clause.text
            step = self._named_step(clause, workflow, ("http", "wait", "grpc"))
            if step is not None:
                steps[step.name] = count
                evidence[f"retries.steps.{step.name}"] = clause.text
        for name in sorted(decided(self._read_choices(workflow)) - steps.keys()):
            steps[name] = 0
        return {"default": default, "steps": steps}

    def _pacing(self, reading: Reading, workflow: Workflow, evidence: dict[str, str | None]) -> dict[str, Any]:
        trait = reading.trait("think") + 0.35 * reading.trait("visit") + 0.2 * reading.trait("explore")
        think = _scaled(THINK, 3.0, trait)
        evidence["pacing.think_ms"] = reading.evidence("think", "visit") if trait else None
        steps: dict[str, Any] = {}
        if "think" in reading.times:
            span, clause = reading.times["think"]
            step = self._named_step(clause, workflow, ("http", "form", "think", "wait", "grpc"))
            timed = {"min": _digits(span.low * 1000), "max": _digits(span.high * 1000)}
            if step is None:
                think = timed
                evidence["pacing.think_ms"] = clause.text
            else:
                steps[step.name] = timed
                evidence[f"pacing.steps.{step.name}"] = clause.text
        column = 4
        for row, clause in enumerate(reading.clauses):
            score = float(reading.scores[row, column])
            step = self._named_step(clause, workflow, ("http", "form", "think")) if abs(score) > 0.3 else None
            if step is not None and step.name not in steps:
                steps[step.name] = _scaled(THINK, 4.0, score + 0.5 * trait)
                evidence[f"pacing.steps.{step.name}"] = clause.text
        return {"think_ms": think, "steps": steps}

    def _named_step(self, clause: Clause, workflow: Workflow, types: tuple[str, ...]) -> Step | None:
        """The step that a clause is about, if one stands out."""
        steps = [s for s in workflow.steps() if s.type in types]
        if not steps:
            return None
        likeness = (
            self.encoder([f"{words_of(s.name)} {s.description}".strip() for s in steps])
            @ self.encoder([clause.text])[0]
        )
        best = int(likeness.argmax())
        rest = np.delete(likeness, best)
        stands_out = not len(rest) or likeness[best] - rest.max() > 0.08
        return steps[best] if likeness[best] > NAMED and stands_out else None

    def _toggles(self, reading: Reading, workflow: Workflow, evidence: dict[str, str | None]) -> dict[str, float]:
        toggles = workflow.variation.toggles if workflow.variation else ()
        found: dict[str, float] = {}
        for toggle in toggles:
            shift, clause = 0.0, None
            about = self.encoder([words_of(toggle.name)])[0]
            for part in reading.clauses:
                for text, sign in leanings(part.text):
                    likeness = float(self.encoder([text])[0] @ about) if text else 0.0
                    if likeness > NAMED - 0.04 and abs(likeness) > abs(shift):
                        shift, clause = sign * likeness, part
            prior = min(0.99, max(0.01, toggle.probability))
            logit = float(np.log(prior / (1 - prior))) + 5.0 * shift
            if clause is None:
                logit += self._toggle_pull(toggle.name, reading)
            share = 1 / (1 + np.exp(-logit))
            found[toggle.name] = (
                round(float(min(0.98, max(0.02, share))), 3) if clause or share != prior else toggle.probability
            )
            evidence[f"toggles.{toggle.name}"] = clause.text if clause else None
        return found

    def _toggle_pull(self, name: str, reading: Reading) -> float:
        """What thrift and caution say of a switch that no clause speaks of, by what its name is about (log-odds)."""
        about = self.encoder([words_of(name)])[0]
        saves, reveals = (float((self.encoder(list(texts)) @ about).max()) for texts in (SAVING, REVEALING))
        return PULL * (reading.trait("thrift") * _share(saves) - reading.trait("guard") * _share(reveals))

    def _parameters(self, reading: Reading, workflow: Workflow, evidence: dict[str, str | None]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, parameter in workflow.all_parameters().items():
            for clause in reading.clauses:
                narrowed = self._narrowed(name, parameter, clause)
                if narrowed is not None:
                    found[name] = narrowed
                    evidence[f"parameters.{name}"] = clause.text
                    break
        return found

    def _narrowed(self, name: str, parameter: Parameter, clause: Clause) -> dict[str, Any] | None:
        if isinstance(parameter, ChoiceParameter):
            lowered = f" {clause.text.lower()} "
            said = [v for v in parameter.values if f" {str(v).lower()} " in lowered and not isinstance(v, (dict, list))]
            return {"type": "choice", "values": said} if said and not clause.negated else None
        wanted = {w.rstrip("s") for w in words_of(name).lower().split()}
        for value, what in counts_said(clause.text):
            spoken = {w.rstrip("s") for w in what.lower().split()}
            near = bool(wanted & spoken) or float(np.dot(*self.encoder([words_of(name), what]))) > 0.55
            if near and parameter.min <= value <= parameter.max:
                return {"type": "range", **_around(clause.text, parameter, round(value))}
        return None


def _around(text: str, parameter: RangeParameter, value: int) -> dict[str, int]:
    lowered = text.lower()
    if any(w in lowered for w in ("at most", "up to", "no more than", "maximum", "never more")):
        return {"min": parameter.min, "max": value}
    if any(w in lowered for w in ("at least", "minimum", "or more", "no fewer")):
        return {"min": value, "max": parameter.max}
    return {"min": value, "max": value}


def _digits(value: float) -> float:
    """Three significant digits: what lies beyond is noise of the arithmetic."""
    return float(f"{value:.3g}")


def _scaled(base: tuple[float, float], factor: float, trait: float) -> dict[str, float]:
    scale = factor ** max(-1.3, min(1.3, trait))
    return _times(base, scale)


def _times(base: tuple[float, float], scale: float) -> dict[str, float]:
    return {"min": _digits(base[0] * scale), "max": _digits(base[1] * scale)}


def _patience(reading: Reading, evidence: dict[str, str | None]) -> dict[str, Any]:
    told, hurry = reading.trait("patience"), reading.trait("visit")
    patience = max(-1.0, min(1.0, 1.2 * told + 0.25 * hurry if told > 0 else 0.85 * told + 0.1 * hurry))
    answer = _times(STEP_WAIT, (PATIENT if patience > 0 else IMPATIENT) ** patience)
    visit = _scaled(
        VISIT, 3.0, reading.trait("visit") + 0.3 * reading.trait("patience") + 0.15 * reading.trait("explore")
    )
    evidence["patience.step_wait_seconds"] = reading.evidence("patience")
    evidence["patience.visit_seconds"] = reading.evidence("visit", "patience")
    for about, path in (("answer", "step_wait_seconds"), ("visit", "visit_seconds")):
        if about in reading.times:
            span, clause = reading.times[about]
            shortest = HURRIED if about == "visit" and hurry < -0.4 else 1.0
            said = {"min": _digits(span.low * shortest), "max": _digits(span.high)}
            answer, visit = (said, visit) if about == "answer" else (answer, said)
            evidence[f"patience.{path}"] = clause.text
    return {"step_wait_seconds": answer, "visit_seconds": visit}


def _forms(reading: Reading, evidence: dict[str, str | None]) -> dict[str, Any]:
    slow, errors, skip = reading.trait("type_slow"), reading.trait("errors"), reading.trait("skip")
    typing = _scaled(TYPING, 2.8, slow)
    evidence["forms.typing_ms_per_char"] = reading.evidence("type_slow")
    if reading.typing is not None:
        milliseconds, clause = reading.typing
        typing = {"min": _digits(milliseconds * 0.85), "max": _digits(milliseconds * 1.15)}
        evidence["forms.typing_ms_per_char"] = clause.text
    evidence["forms.correction_probability"] = reading.evidence("errors")
    evidence["forms.skip_optional"] = reading.evidence("skip")
    hurry = -0.3 * reading.trait("visit") + 0.25 * reading.trait("guard") - 0.3 * reading.trait("think")
    lean = max(-1.0, min(1.0, skip if abs(skip) > 0.1 else skip + hurry))
    return {
        "typing_ms_per_char": typing,
        "correction_probability": round(min(0.4, max(0.005, CORRECTIONS * 5.0**errors)), 3),
        "skip_optional": round(min(0.97, max(0.03, SKIP + 0.46 * lean)), 3),
    }


def _share(likeness: float) -> float:
    """How much of a switch's name is about something: nothing up to a cosine of 0.15, all from 0.35 on."""
    return min(1.0, max(0.0, (likeness - 0.15) / 0.2))


def _with_all_options(step: DecideStep, workflow: Workflow) -> DecideStep:
    """The first step of a decision, with the options that its later steps add."""
    options = dict(step.options)
    for other in workflow.steps():
        if isinstance(other, DecideStep) and other.decision == step.decision:
            options = {**other.options, **options}
    return step if options.keys() == step.options.keys() else step.model_copy(update={"options": options})
