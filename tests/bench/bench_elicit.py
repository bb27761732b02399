"""What each way to a policy costs and how right it is: rules, the built-in model, and a GGUF file in both its modes.

    python -m tests.bench.bench_elicit MODEL.gguf [--sets build,dev_tune,dev_check] [--limit N] [--json N]

Prints one JSON document. Every persona of the sets (at most N of each) is compiled in every mode; ``--json N`` lets the
slow mode have fewer. Tokens and seconds are the model's own work for one persona when the workflow is known already
(what nobody in particular does, and what all personas share, is counted apart). Expectations and their kinds are those
of ``bench_builtin``; *neutral* is what the same mode says of nobody in particular.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.bench.bench_builtin import cpu, load
from turbulence_app.assist.policy import policy_task
from turbulence_app.assist.policy_poll import NOBODY
from turbulence_app.domain.benchmark import Expect
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight.expectations import checks
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.elicit import document, logits
from turbulence_app.llm.elicit import json as written
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.elicit.logits import Priors
from turbulence_app.llm.resilience.deadline import Deadline

SETS = ("build", "dev_tune", "dev_check")
BUDGET_S = 1800.0
MODES = ("rules", "builtin", "logits", "json")


class Counted:
    """A model whose work is added up: tokens ``read``, ``written`` and ``kept``, and CPU seconds of its process."""

    name = "llamacpp"

    def __init__(self, backend: LlamaCppBackend) -> None:
        self.backend = backend
        self.reset()

    def reset(self) -> None:
        self.read = self.written = self.kept = self.calls = 0
        self.cpu_s = self.wall_s = 0.0

    def complete(self, *args: Any) -> Any:
        done = self._timed(self.backend.complete, *args)
        self.read += done.prompt_tokens
        self.written += done.answer_tokens
        return done

    def score(self, *args: Any) -> Any:
        done = self._timed(self.backend.score, *args)
        self.read += done.tokens
        self.kept += done.kept
        return done

    def _timed(self, ask: Any, *args: Any) -> Any:
        before, began = self._cpu(), time.perf_counter()
        try:
            return ask(*args)
        finally:
            self.calls += 1
            self.wall_s += time.perf_counter() - began
            self.cpu_s += self._cpu() - before

    def _cpu(self) -> float:
        try:
            fields = Path(f"/proc/{self.backend.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / 100


class Way:
    """One way to a policy, with everything that is counted about it."""

    def __init__(self, mode: str, model: Counted | None) -> None:
        self.mode, self.model = mode, model
        self.document = {"rules": RulesBackend(), "builtin": BuiltinBackend()}.get(mode)
        self.priors = Priors()
        self.neutral: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, list[float]] = defaultdict(list)
        self.by_kind: dict[str, list[bool]] = defaultdict(list)
        self.documents: dict[str, dict[str, Any]] = {}
        self.valid = self.asked = 0

    def compile(self, persona: Persona, workflow: Workflow) -> tuple[dict[str, Any], bool]:
        """The document (whole, with every default), and whether it needed neither a repair nor the rules."""
        events: list[str] = []
        task = policy_task(persona, workflow)
        if task.poll:
            poll = replace(task.poll(), sentences=())  # evidence is paid for apart
            task = replace(task, poll=lambda: poll)
        call = Call(task, 42, Deadline(time.monotonic() + BUDGET_S), count=events.append)
        if self.document is not None:
            checked, own = document.ask(self.document, call)
        elif self.mode == "logits":
            checked, own = logits.ask(self.model, "bench", call, self.priors)
        else:
            checked, own = written.ask(self.model, call)
        whole = {"persona_id": persona.id, "workflow": workflow.id, **checked.document}
        return Policy.model_validate(whole).model_dump(mode="json"), own and "repairs" not in events

    def measure(self, key: str, persona: Persona, workflow: Workflow, expect: dict[str, Any]) -> list[str]:
        """Compiles one persona and judges it; returns what was missed."""
        if workflow.id not in self.neutral:
            said = "" if self.document else NOBODY
            self.neutral[workflow.id], _ = self.compile(Persona(id="neutral", description=said), workflow)
        if self.model:
            self.model.reset()
        began = time.perf_counter()
        found, valid = self.compile(persona, workflow)
        self.rows["wall_s"].append(time.perf_counter() - began)
        self.asked, self.valid = self.asked + 1, self.valid + valid
        if self.model:
            for name in ("read", "written", "kept", "calls", "cpu_s"):
                self.rows[name].append(getattr(self.model, name))
        self.documents[key] = found
        missed = []
        for kind, what, holds in checks(Expect.model_validate(expect), found, self.neutral[workflow.id]):
            self.by_kind[kind].append(holds)
            missed += [] if holds else [f"{persona.description[:40]} | {what}"]
        return missed

    def report(self) -> dict[str, Any]:
        every = [holds for kind in self.by_kind.values() for holds in kind]
        return {
            "personas": self.asked,
            "valid_at_once": round(self.valid / max(1, self.asked), 4),
            "expectations": len(every),
            "accuracy": round(sum(every) / max(1, len(every)), 4),
            "by_kind": {k: [round(sum(v) / len(v), 4), len(v)] for k, v in sorted(self.by_kind.items())},
            "median": {name: round(statistics.median(values), 3) for name, values in self.rows.items()},
        }


def agreement(one: Way, two: Way) -> dict[str, Any]:
    """Over decisions that both compiled: same likeliest option, mean distance of the weights (0 same, 1 opposite)."""
    same, apart = [], []
    for key in one.documents.keys() & two.documents.keys():
        for name, mine in one.documents[key]["decisions"].items():
            a, b = (_shares(d["options"]) for d in (mine, two.documents[key]["decisions"][name]))
            same.append(max(a, key=a.get) == max(b, key=b.get))
            apart.append(sum(abs(a[o] - b[o]) for o in a) / 2)
    return {
        "decisions": len(same),
        "same_likeliest": round(sum(same) / max(1, len(same)), 3),
        "distance": round(sum(apart) / max(1, len(apart)), 3),
    }


def _shares(options: dict[str, float]) -> dict[str, float]:
    total = sum(options.values())
    return {name: weight / total for name, weight in options.items()}


def people(sets: list[str], limit: int) -> list[tuple[str, Persona, Workflow, dict[str, Any]]]:
    found = []
    for name in sets:
        listed = load(f"{name}.yaml")
        workflows = {
            w["id"]: Workflow.model_validate(w) for w in listed.get("workflows") or load("workflows.yaml")["workflows"]
        }
        for number, entry in enumerate(listed["personas"][:limit]):
            persona = Persona(id=f"p{number}", description=entry["text"])
            found.append((f"{name}/{number}", persona, workflows[entry["workflow"]], entry["expect"]))
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?")
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--json", type=int, default=1000)
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    wanted = [mode for mode in asked.modes.split(",") if asked.model or mode in ("rules", "builtin")]
    backend = LlamaCppBackend(Path(asked.model).resolve(), threads=asked.threads, idle_s=7200) if asked.model else None
    model = Counted(backend) if backend else None
    ways = {mode: Way(mode, model if mode in ("logits", "json") else None) for mode in wanted}
    missed: dict[str, list[str]] = {mode: [] for mode in wanted}
    every = people(asked.sets.split(","), asked.limit)
    for mode, way in ways.items():
        for key, persona, workflow, expect in every[: asked.json] if mode == "json" else every:
            missed[mode] += way.measure(key, persona, workflow, expect)
    pairs = [(a, b) for i, a in enumerate(wanted) for b in wanted[i + 1 :]]
    report = {
        "cpu": cpu(),
        "model": Path(asked.model).name if asked.model else None,
        "threads": asked.threads,
        "sets": asked.sets,
        "ways": {mode: way.report() for mode, way in ways.items()},
        "agreement": {f"{a} and {b}": agreement(ways[a], ways[b]) for a, b in pairs},
    }
    print(json.dumps({**report, "missed": missed} if asked.missed else report, indent=1))
    if backend:
        backend.close()


if __name__ == "__main__":
    main()
