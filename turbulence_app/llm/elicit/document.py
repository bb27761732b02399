"""Backends that write the document themselves, without a prompt; and the rules, which mend anybody's document."""

from __future__ import annotations

import json
from dataclasses import replace

from turbulence_app.domain.errors import InputError
from turbulence_app.llm.backends.base import DocumentBackend
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.task import Checked


def ask(backend: DocumentBackend, call: Call) -> tuple[Checked, bool]:
    """The backend's document; see :func:`turbulence_app.llm.elicit.elicit`."""
    call.count("calls")
    began = call.deadline.clock()
    found = call.task.document(backend)
    checked = call.task.check(found)
    call.step(call.asking, backend.name, call.deadline.clock() - began, "answered")
    if checked.document is not None:
        return checked, True
    if backend.name == "rules":
        raise InputError.of(list(checked.problems))
    call.invalid()
    why = f"invalid document from {backend.name}: {checked.problems[0].message}"
    return mended(json.dumps(found), call, why)


def mended(text: str, call: Call, why: str) -> tuple[Checked, bool]:
    """The rules take over what is wrong in ``text``; the reason comes first in the notes."""
    call.count("fallbacks")
    call.request.fallback("invalid")
    began = call.deadline.clock()
    found = call.task.mend(text, call.task.document(RulesBackend()))
    call.step("fallback", "rules", call.deadline.clock() - began, "answered", "invalid")
    if found.document is None:
        raise InputError.of(list(found.problems))
    return replace(found, notes=(why, *found.notes)), False
