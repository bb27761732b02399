"""Inputs fit to be handed on: without credentials, and without who approved what."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Provenance
from turbulence_app.domain.workflow import Workflow

REDACTED = "redacted"
_SECRET = re.compile(
    r"authoriz|authentic|cookie|token|secret|passw|passphrase|credential|session|signature|api[-_]?key|access[-_]?key"
    r"|^x-.*key$",
    re.IGNORECASE,
)

_SENT = frozenset({"headers", "default_headers", "query", "json", "metadata", "message", "kafka"})


def is_secret(name: str) -> bool:
    """Whether a header, a field or a key of this name holds a credential."""
    return _SECRET.search(name) is not None


def redacted(inputs: RunInputs) -> RunInputs:
    """The same inputs without secrets: headers, queries and bodies by the names of their keys, addresses without
    passwords, policies without the names of people. What comes from a template (``{{ token }}``) stays.
    """
    flow = _value(inputs.workflow.model_dump(mode="json", by_alias=True, exclude_unset=True), "")
    crowd = tuple(
        m.model_copy(update={"policy": m.policy.model_copy(update={"provenance": Provenance(), "evidence": {}})})
        for m in inputs.crowd
    )
    workflow = Workflow.model_validate_json(json.dumps(flow, allow_nan=False))
    return inputs.model_copy(update={"workflow": workflow, "crowd": crowd})


def restored(inputs: RunInputs, source: Workflow) -> RunInputs:
    """Inputs whose secrets were taken out, with those that a project's own workflow has at the same places."""
    flow = inputs.workflow.model_dump(mode="json", by_alias=True, exclude_unset=True)
    own = source.model_dump(mode="json", by_alias=True, exclude_unset=True)
    workflow = Workflow.model_validate_json(json.dumps(_filled(flow, own), allow_nan=False))
    return inputs.model_copy(update={"workflow": workflow})


def without_password(url: str) -> str:
    """An address without the user's name and password in it."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _value(value: Any, key: str) -> Any:
    """Walk to what is sent; what a model answers, conditions and names stay as they are."""
    if isinstance(value, dict):
        return {
            name: inner if name == "model" else _sent(inner, name) if name in _SENT else _value(inner, name)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_value(inner, key) for inner in value]
    return without_password(value) if key == "base_url" and isinstance(value, str) else value


def _sent(value: Any, key: str) -> Any:
    """Headers, queries and bodies: whatever hangs under a key that names a credential is taken out."""
    if isinstance(value, dict):
        return {name: _sent(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [_sent(inner, key) for inner in value]
    secret = is_secret(key) and value is not None and not (isinstance(value, str) and "{{" in value)
    return REDACTED if secret else value


def _filled(value: Any, own: Any) -> Any:
    if value == REDACTED:
        return value if own is None else own
    if isinstance(value, dict) and isinstance(own, dict):
        return {name: _filled(inner, own.get(name)) for name, inner in value.items()}
    if isinstance(value, list) and isinstance(own, list) and len(value) == len(own):
        return [_filled(inner, other) for inner, other in zip(value, own, strict=True)]
    return value
