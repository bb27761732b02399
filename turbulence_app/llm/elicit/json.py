"""The model writes a whole document inside a grammar; what is invalid is asked once more with the validator's words."""

from __future__ import annotations

from dataclasses import replace

from turbulence_app.domain.errors import Problem
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import Prompt, TextBackend
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.elicit.document import mended
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.task import Checked

VARIED = 0.7
"""Temperature of further voters of a consensus: at 0 all of them would say the same."""


def ask(backend: TextBackend, call: Call) -> tuple[Checked, bool]:
    """The document of a language model; see :func:`turbulence_app.llm.elicit.elicit`."""
    grammar = to_grammar(call.task.schema)
    warmth = VARIED if call.task.variant else 0.0
    messages, text, first, checked = call.task.messages, "", "", Checked(None)
    for attempt in (1, 2):
        prompt = Prompt(messages, call.task.schema, grammar, call.seed, call.left(), warmth)
        call.count("calls")
        try:
            done = backend.complete(prompt, lambda n: call.tick(n, grammar.max_chars), call.should_stop)
        except errors.ModelError as error:
            if attempt == 1:
                raise
            return mended(text, call, f"the repair failed: {error.problem.message}")
        text = done.text
        checked = call.task.read(text) if done.finish == "stop" else _unfinished(done.finish)
        if checked.document is not None:
            notes = (f"repaired once: {first}",) if attempt == 2 else ()
            return replace(checked, notes=(*notes, *done.notes, *checked.notes)), True
        call.invalid()
        if attempt == 1:
            first = checked.problems[0].message
            call.repairing(backend.name)
            call.log("warning", f"invalid answer, asking once more: {first}")
            messages = call.task.repair(text, checked.problems)
    return mended(text, call, f"invalid answer: {checked.problems[0].message}")


def _unfinished(finish: str) -> Checked:
    return Checked(None, (Problem(f"the answer was not finished ({finish})", "answer more briefly"),))
