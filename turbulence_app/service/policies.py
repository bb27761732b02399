"""Policies: from persona to policy, what changed, the human gate, and keeping every version."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turbulence_app.assist.policy import policy_task
from turbulence_app.assist.policy_lint import lint
from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.events import Event
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import load_personas, load_policies, load_workflow
from turbulence_app.formats.writer import save_policies
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.privacy import ledger
from turbulence_app.service.consensus import consensus, voters
from turbulence_app.service.ollama import permit
from turbulence_app.store.cache import PolicyCacheStore
from turbulence_app.store.database import Database
from turbulence_app.store.policies import PolicyHistory, SavedPolicy

NOT_BEHAVIOUR = {"provenance", "evidence", "ranges", "persona_id", "workflow"}
"""Parts of a policy that say where it came from and whose it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs, by its dotted path; ``None`` where it is absent."""

    path: str
    before: Any
    after: Any


def gateway_for(home: Path, database: Database | None, settings: GatewaySettings | None = None) -> Gateway:
    """The way to models: with the project's cache and settings, or without any for a fresh answer."""
    store = PolicyCacheStore(database) if database is not None else None
    if settings is not None:
        permit(settings.ollama.allow_hosts)
    return Gateway(cache_store=store, registry=ModelRegistry(home), settings=settings)


def generate(
    persona: Persona,
    workflow: Workflow,
    *,
    gateway: Gateway,
    backend: str = "auto",
    model: str | None = None,
    mode: str | None = None,
    seed: int = 42,
    times: int = 1,
    models: Sequence[str] = (),
    budget_ms: int | None = None,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Policy:
    """A policy for a persona; validated, with its provenance. Never fails for want of a model.

    ``times`` above 1, or several ``models``, make it the consensus of so many compilations, with ``ranges``.
    """
    return consensus(
        persona,
        workflow,
        voters(backend, model, mode, seed, times, models),
        gateway=gateway,
        budget_ms=budget_ms,
        on_event=on_event,
        should_stop=should_stop,
        on_vote=lambda policy: _tell_ledger(policy, gateway),
    )


_HELD = {"builtin": "this process, behind the lock", "ollama": "a server of its own, asked over loopback"}


def _tell_ledger(policy: Policy, gateway: Gateway) -> None:
    """Which model answered, and what held it; nothing of the question or the answer. A cache is no model."""
    made = policy.provenance
    if made.source == "model":
        level = _HELD.get(made.backend or "") or gateway.ladder.held(made.model or "") or "unknown"
        told = {"backend": made.backend, "model": made.model, "digest": made.digest, "level": level}
        ledger.note("model", told)


def warm(
    workflow: Workflow,
    *,
    gateway: Gateway,
    backend: str = "auto",
    model: str | None = None,
    mode: str | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> str:
    """Has the model loaded that would compile policies of this workflow; its name, or "" where nothing is loaded."""
    task = policy_task(Persona(id="nobody"), workflow)
    return gateway.warm(task, backend=backend, model=model, mode=mode, should_stop=should_stop)


def policy_file(folder: Folder, policy: Policy) -> Path:
    """The file that holds the policy now, else the one that it will be written to."""
    for key in (f"{policy.workflow}/{policy.persona_id}", policy.persona_id):
        if (known := folder.files.get(("policy", key))) is not None:
            return folder.root / known
    return folder.root / "policies" / f"{policy.workflow or 'policies'}.yaml"


def save(folder: Folder, policies: Sequence[Policy], database: Database, reason: str) -> list[Path]:
    """Write policies into the project's files and into the history; returns the files."""
    by_file: dict[Path, list[Policy]] = {}
    for policy in policies:
        by_file.setdefault(policy_file(folder, policy), []).append(policy)
    for path, group in by_file.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        save_policies(path, group)
    history = PolicyHistory(database)
    for policy in policies:
        history.save(policy, reason)
    return list(by_file)


def find(folder: Folder, persona: str, workflow: str | None = None) -> Policy:
    """A persona's policy. Raises ``InputError`` if there is none, or several workflows have one."""
    found = [p for (w, who), p in folder.policies.items() if who == persona and workflow in (None, w)]
    if not found:
        known = ", ".join(sorted({who for _, who in folder.policies})) or "none"
        raise InputError(
            f"no policy for {persona!r}", f"policies here: {known}; `turbulence policy generate` makes one"
        )
    if len(found) > 1:
        flows = ", ".join(sorted(p.workflow or "-" for p in found))
        raise InputError(f"{persona!r} has policies for several workflows", f"name one with --workflow: {flows}")
    return found[0]


def approve(folder: Folder, database: Database, persona: str, workflow: str | None, by: str | None) -> Policy:
    """The human gate: writes who let the policy through, and when."""
    policy = find(folder, persona, workflow)
    moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    stamp = {"approved_by": by or _whoami(), "approved_at": moment}
    approved = policy.model_copy(update={"provenance": policy.provenance.model_copy(update=stamp)})
    save(folder, [approved], database, "approved")
    return approved


def history(database: Database, persona: str, workflow: str, limit: int = 100) -> tuple[SavedPolicy, ...]:
    """Saved versions, newest first."""
    return PolicyHistory(database).versions(workflow, persona, limit)


def diff(before: Policy, after: Policy) -> list[Change]:
    """What changed in behaviour: every value that differs, in the order of its path. Provenance is not behaviour."""
    old, new = _flat(before), _flat(after)
    paths = sorted(old.keys() | new.keys())
    return [Change(path, old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)]


def contradictions(
    folder: Folder | None, name: str, persona: str | None = None, workflow: str | None = None
) -> tuple[Policy, list[Problem]]:
    """The policy that ``name`` means (:func:`named_policy`), and what its persona's words say against it.

    ``persona`` and ``workflow`` are files, for a policy outside a project. Raises ``InputError`` if one is not to be
    found, ``MachineError`` if the built-in model is not here.
    """
    policy = named_policy(folder, name)
    people = load_personas(Path(persona)) if persona else tuple(folder.personas.values()) if folder else ()
    who = next((p for p in people if p.id == policy.persona_id), None)
    if who is None:
        raise InputError(f"no persona {policy.persona_id!r} to compare the policy with", "name its file with --persona")
    flow = (
        load_workflow(Path(workflow)) if workflow else folder.workflows.get(policy.workflow or "") if folder else None
    )
    if flow is None:
        raise InputError(f"no workflow {policy.workflow!r} to read the policy in", "name its file with --workflow")
    return policy, lint(policy, who, flow, BuiltinBackend())


def named_policy(folder: Folder | None, name: str) -> Policy:
    """A policy by persona, ``workflow/persona``, file, or ``file#persona``."""
    file, _, persona = name.partition("#")
    if Path(file).is_file():
        policies = load_policies(Path(file))
        chosen = [p for p in policies if not persona or p.persona_id == persona]
        if len(chosen) == 1:
            return chosen[0]
        known = ", ".join(p.persona_id for p in policies) or "none"
        raise InputError(f"which policy of the file: {known}?", f"write {file}#{known.split(', ')[0]}", Location(file))
    if folder is None:
        raise InputError(f"no file {name!r}, and no project here", "name a policy file")
    workflow, _, who = name.rpartition("/")
    return find(folder, who, workflow or None)


def _flat(policy: Policy) -> dict[str, Any]:
    plain = policy.model_dump(mode="json", by_alias=True, exclude=NOT_BEHAVIOUR)
    flat: dict[str, Any] = {}
    _flatten("", plain, flat)
    return flat


def _flatten(path: str, value: Any, into: dict[str, Any]) -> None:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            _flatten(f"{path}.{key}" if path else str(key), inner, into)
    elif value not in (None, {}, []):
        into[path] = value


def _whoami() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
