"""``{{ env.NAME }}`` in what is sent: filled in when a live run begins, and never stored with the run.

As in the original, only names that the files write out are read, and one that is not set is an error unless a default
stands beside it: ``{{ env.NAME | default:x }}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.workflow import Workflow

_NAME = re.compile(r"\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*default:([^}]*))?\}\}")
_SENT = ("base_url", "path", "headers", "query", "json")


def with_environment(inputs: RunInputs, environ: Mapping[str, str]) -> RunInputs:
    """The inputs with the environment's values in services and steps; the same object where nothing asks for it."""
    document = inputs.workflow.plain()
    changed = {key: _walk(document[key], environ, False) for key in ("services", "flow") if key in document}
    if all(document[key] == value for key, value in changed.items()):
        return inputs
    workflow = Workflow.model_validate({**document, **changed})
    return inputs.model_copy(update={"workflow": workflow})


def names_asked(inputs: RunInputs) -> tuple[str, ...]:
    """The variables that the files of a run write out, sorted."""
    document = inputs.workflow.plain()
    found: set[str] = set()
    _walk([document.get("services", {}), document["flow"]], _Noting(found), False)
    return tuple(sorted(found))


class _Noting(dict[str, str]):
    """An environment in which every name is set, and which remembers those asked for."""

    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._names = names

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ARG002
        self._names.add(name)
        return ""


def _walk(value: Any, environ: Mapping[str, str], sent: bool) -> Any:
    if isinstance(value, dict):
        return {key: _walk(inner, environ, sent or key in _SENT) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, environ, sent) for inner in value]
    return _filled(value, environ) if sent and isinstance(value, str) and "env." in value else value


def _filled(text: str, environ: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        given = environ.get(name)
        if given is not None:
            return given
        if default is None:
            mend = f"set it, or write {{{{ env.{name} | default:... }}}}"
            raise InputError(f"the environment variable {name} is not set, and the workflow sends it", mend)
        return default.strip().strip("'\"")

    return _NAME.sub(value, text)
