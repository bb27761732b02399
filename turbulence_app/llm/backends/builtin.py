"""The backend that is always there: the built-in sentence encoder reads policies out of plain words, offline."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any, ClassVar

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.builtin.compiler import Compiler

RULES_VERSION = 6
"""Raised whenever the reading of descriptions changes, so that cached policies are compiled again."""


class BuiltinBackend:
    """Compiles any persona against any workflow; the same words give the same policy."""

    name = "builtin"
    modes: ClassVar[tuple[str, ...]] = ("embedding",)
    model = "minilm-l6-v2-int8"

    @cached_property
    def compiler(self) -> Compiler:
        """The model, loaded when first asked; raises ``MachineError`` where its files are missing or damaged."""
        return Compiler()

    @cached_property
    def digest(self) -> str:
        """What the policies depend on beside the words: weights, heads, version of the rules."""
        parts = (self.compiler.encoder.digest, self.compiler.heads.digest, str(RULES_VERSION))
        return "sha256:" + hashlib.sha256("|".join(parts).encode()).hexdigest()

    def policy_document(self, persona: Persona, workflow: Workflow) -> dict[str, Any]:
        """A policy's fields without provenance, as plain data that :class:`domain.policy.Policy` accepts.

        ``evidence`` maps dotted paths to exact words of the description, or to None where the number is assumed.
        """
        return self.compiler.document(persona, workflow)
