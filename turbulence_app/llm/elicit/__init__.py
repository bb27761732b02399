"""How an answer is got out of a backend: one way per file, each gives the validator's word and whether it is pure."""

from __future__ import annotations

from typing import cast

from turbulence_app.llm.backends.base import ScoringBackend
from turbulence_app.llm.elicit import document, json, logits
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.ladder import Rung
from turbulence_app.llm.task import Checked


def elicit(rung: Rung, call: Call) -> tuple[Checked, bool]:
    """Asks the backend of ``rung`` in the rung's mode.

    Returns a document that passed the validator, and whether it is wholly the backend's own (only then may it be
    cached: what the rules mended is not). Raises a :mod:`turbulence_app.llm.errors` type, ``CancelledError``, or
    ``InputError`` where not even the rules have an answer.
    """
    if rung.mode == "logits" and rung.text is not None and call.task.poll is not None:
        return logits.ask(cast(ScoringBackend, rung.text), f"{rung.digest} {rung.version}", call)
    if rung.text is not None:
        return json.ask(rung.text, call)
    assert rung.document is not None
    return document.ask(rung.document, call)
