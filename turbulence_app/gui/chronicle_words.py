"""Jobs in the words of the log, and where a line about one leads. Qt-free."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.events import JobFailed

Target = Callable[[Mapping[str, Any]], dict[str, Any]]
CANCELLED = 130


@dataclass(frozen=True, slots=True)
class Work:
    """What an operation is called, the place that it belongs to, and what of its result is shown there.

    ``saves`` writes a file of the project: told as done, without a beginning.
    """

    title: str
    place: str
    target: Target = lambda _result: {}
    saves: bool = False


def _run_of(result: Mapping[str, Any]) -> dict[str, Any]:
    manifest = result.get("manifest")
    return {"run_id": manifest["run_id"]} if isinstance(manifest, Mapping) and "run_id" in manifest else {}


def _campaign_of(result: Mapping[str, Any]) -> dict[str, Any]:
    report = result.get("report", result)
    manifest = report.get("manifest") if isinstance(report, Mapping) else None
    found = manifest.get("campaign_id") if isinstance(manifest, Mapping) else None
    return {"campaign_id": found} if found else {}


WORKS: dict[str, Work] = {
    "run": Work("Run", "run", _run_of),
    "verify": Work("Verification", "run"),
    "campaign": Work("Campaign", "run", _campaign_of),
    "audit": Work("Audit of the invariants", "run"),
    "shrink": Work("Shrinking", "failures"),
    "check_capsules": Work("Check of the capsules", "failures"),
    "compile": Work("Compilation", "personas"),
    "bench": Work("Bench of models", "models"),
    "add_model": Work("Adding a model", "models"),
    "verify_model": Work("Check of a model's file", "models"),
    "ollama_pull": Work("Fetching with Ollama", "models"),
    "ollama_load": Work("Loading with Ollama", "models"),
    "stress": Work("Stress of the gateway", "telemetry"),
    "export": Work("Export", "run", saves=True),
    "import_file": Work("Import", "workflow"),
    "save_policy": Work("Policy saved", "personas", saves=True),
    "approve_policy": Work("Policy approved", "personas", saves=True),
    "save_persona": Work("Persona saved", "personas", saves=True),
    "delete_persona": Work("Persona deleted", "personas", saves=True),
    "save_workflow": Work("Workflow saved", "workflow", saves=True),
    "save_scenario": Work("Scenario saved", "run", saves=True),
    "save_capsule": Work("Capsule saved", "failures", saves=True),
    "set_route": Work("Route of models saved", "models", saves=True),
    "set_thresholds": Work("Limits of alarms saved", "telemetry", saves=True),
    "cache_clear": Work("Cache cleared", "telemetry", saves=True),
    "open_project": Work("Project read", "personas", saves=True),
}
"""What is worth a line. Everything else gets one only where it fails, or at the level that writes everything."""
QUIET = frozenset({"log_search", "log_page", "telemetry", "preview", "ping", "cache_stats"})
"""Asked all the time: no line even at that level."""
ABSENT = frozenset({"ollama_ps", "failures"})
"""Asked for what may well not be there, a server or a first run: the place says so, and it is no warning."""


def ended_words(work: Work | None, op: str, outcome: object, ms: float) -> str:
    """A line about the end of a job, which took so long."""
    title = work.title if work is not None else op.replace("_", " ")
    if isinstance(outcome, JobFailed):
        if outcome.exit_status == CANCELLED:
            return f"{title} was stopped after {took(ms)}"
        return f"{title} failed after {took(ms)}: {outcome.message}" + (f" ({outcome.mend})" if outcome.mend else "")
    if work is not None and work.saves:
        file = _file_of(outcome)
        return f"{title}: {file}" if file else title
    users = details(outcome).get("users")
    return f"{title} ended · {users:,} users · {took(ms)}" if isinstance(users, int) else f"{title} ended · {took(ms)}"


def details(outcome: object) -> dict[str, Any]:
    """Plain facts of a result that are nobody's personal data."""
    found: dict[str, Any] = {}
    if isinstance(outcome, Mapping):
        for part in (outcome, outcome.get("manifest")):
            if isinstance(part, Mapping):
                kept = ("run_id", "campaign_id", "status", "users", "seed", "target", "digest", "lines")
                found |= {key: part[key] for key in kept if isinstance(part.get(key), str | int | float)}
    return found


def broken(op: str, outcome: object) -> list[tuple[str, dict[str, Any]]]:
    """Invariants that a run broke: a line about each, and where Failures shows it."""
    summary = outcome.get("summary") if op == "run" and isinstance(outcome, Mapping) else None
    verdicts = summary.get("verdicts", ()) if isinstance(summary, Mapping) else ()
    run_id = details(outcome).get("run_id", "")
    found: list[tuple[str, dict[str, Any]]] = []
    for verdict in verdicts:
        if verdict.get("status") == "broken":
            number = int(verdict.get("violations") or 0)
            people = f" for {number:,} {'person' if number == 1 else 'people'}" if number else ""
            words = f"{verdict['name']} is broken{people}"
            found.append((words, {"run_id": run_id, "invariant": verdict["name"]}))
    return found


def took(ms: float) -> str:
    """A time for people."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    return f"{int(ms // 60_000)} min {int(ms % 60_000 // 1000)} s"


def _file_of(outcome: object) -> str:
    named = (outcome.get("file") or outcome.get("path")) if isinstance(outcome, Mapping) else None
    return Path(str(named)).name if named else ""
