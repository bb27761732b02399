"""How well the built-in model reads people it has never seen, and how long it takes. Prints one JSON document.

Expectations of a persona (tests/bench/personas): ``more`` and ``less`` than a neutral person, ``top`` (the likeliest
option), ``below`` (options less likely than the neutral person's), ``value`` (figures that the text states), ``atmost``
(bounds of options' shares), ``retries_atmost``. The two development sets carry workflows of their own.
"""

from __future__ import annotations

import json
import platform
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.backends.builtin import BuiltinBackend

PERSONAS = Path(__file__).resolve().parent / "personas"
SETS = ("build", "dev_tune", "dev_check", "judge")
Check = tuple[str, str, bool]


def load(name: str) -> Any:
    return yaml.safe_load((PERSONAS / name).read_text(encoding="utf-8"))


def middle(quantity: Any) -> float:
    return (quantity["min"] + quantity["max"]) / 2 if isinstance(quantity, dict) else float(quantity)


def measures(document: dict[str, Any]) -> dict[str, float]:
    return {
        "step_wait": middle(document["patience"]["step_wait_seconds"]),
        "visit": middle(document["patience"]["visit_seconds"]),
        "retries": document["retries"]["default"] + max(document["retries"]["steps"].values(), default=0) / 10,
        "think": middle(document["pacing"]["think_ms"]),
        "typing": middle(document["forms"]["typing_ms_per_char"]),
        "corrections": document["forms"]["correction_probability"],
        "skip": document["forms"]["skip_optional"],
    }


def stated(document: dict[str, Any], name: str) -> float:
    if name == "step_wait_max":
        return float(document["patience"]["step_wait_seconds"]["max"])
    return float(document["retries"]["default"])


def checks(expect: dict[str, Any], document: dict[str, Any], neutral: dict[str, Any]) -> Iterator[Check]:
    """Kind of the expectation, what was expected, whether it holds."""
    ours, theirs = measures(document), measures(neutral)
    for name in expect.get("more", ()):
        yield "trait", f"more {name}", ours[name] > theirs[name]
    for name in expect.get("less", ()):
        yield "trait", f"less {name}", ours[name] < theirs[name]
    for decision, option in expect.get("top", {}).items():
        shares = document["decisions"][decision]["options"]
        yield (
            "likeliest",
            f"{decision}: {option} ({max(shares, key=shares.get)})",
            max(shares, key=shares.get) == option,
        )
    for decision, options in expect.get("below", {}).items():
        for option in options:
            share = document["decisions"][decision]["options"][option]
            yield "unlikely", f"{decision}: {option}", share < neutral["decisions"][decision]["options"][option]
    for decision, bounds in expect.get("atmost", {}).items():
        for option, bound in bounds.items():
            share = document["decisions"][decision]["options"][option]
            yield "bounded", f"{decision}: {option} <= {bound} ({share})", share <= bound
    if "retries_atmost" in expect:
        bound = expect["retries_atmost"]
        yield "bounded", f"retries <= {bound}", document["retries"]["default"] <= bound
    for name, value in expect.get("value", {}).items():
        yield "stated", f"{name} = {value}", stated(document, name) == value


def run(half: str, backend: BuiltinBackend | None = None) -> dict[str, Any]:
    """Accuracy of one set (:data:`SETS`) with what was missed, and milliseconds per policy."""
    backend = backend or BuiltinBackend()
    document = load(f"{half}.yaml")
    listed = document.get("workflows") or load("workflows.yaml")["workflows"]
    workflows = {w["id"]: Workflow.model_validate(w) for w in listed}
    neutral = {k: backend.policy_document(Persona(id="neutral"), w) for k, w in workflows.items()}
    by_kind: dict[str, list[bool]] = defaultdict(list)
    missed, spent = [], []
    for number, entry in enumerate(document["personas"]):
        persona = Persona(id=f"p{number}", description=entry["text"])
        start = time.perf_counter()
        policy = backend.policy_document(persona, workflows[entry["workflow"]])
        spent.append((time.perf_counter() - start) * 1e3)
        for kind, what, holds in checks(entry["expect"], policy, neutral[entry["workflow"]]):
            by_kind[kind].append(holds)
            if not holds:
                missed.append(f"{entry['text'][:50]} | {what}")
    every = [holds for kind in by_kind.values() for holds in kind]
    return {
        "personas": len(spent),
        "expectations": len(every),
        "accuracy": round(sum(every) / len(every), 4),
        "by_kind": {kind: round(sum(values) / len(values), 4) for kind, values in sorted(by_kind.items())},
        "ms_per_policy_median": round(sorted(spent)[len(spent) // 2], 1),
        "ms_per_policy_worst": round(max(spent), 1),
        "missed": missed,
    }


def pairs(backend: BuiltinBackend | None = None) -> dict[str, Any]:
    """How often the option is likeliest that one clause (``pairs.txt``: decisions of 41 domains) was written for: the
    clause alone, and between two clauses about other things (every 97th, 194th further one of the list)."""
    backend = backend or BuiltinBackend()
    workflows, clauses = [], []
    for line in (PERSONAS / "pairs.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            step = {"name": "s", "type": "decide", "decision": "d", "prompt": line.partition(" | ")[2], "options": {}}
            workflows.append({"id": f"w{len(workflows)}", "flow": [step]})
        elif line and not line.startswith("#"):
            option, _, told = line.partition(" | ")
            name, _, meaning = option.partition(": ")
            step["options"][name] = meaning
            clauses += [(len(workflows) - 1, name, text.strip()) for text in told.split(";")]
    read = [Workflow.model_validate(w) for w in workflows]

    def right(texts: list[str], number: int, option: str) -> bool:
        description = " ".join(f"{text[0].upper()}{text[1:]}." for text in texts)
        document = backend.policy_document(Persona(id="p", description=description), read[number])
        shares = document["decisions"]["d"]["options"]
        return bool(max(shares, key=shares.get) == option)

    alone = [right([text], number, option) for number, option, text in clauses]
    among = []
    for i, (number, option, text) in enumerate(clauses):
        others = [clauses[(i + step) % len(clauses)][2] for step in (97, 194)]
        among.append(right([others[0], text, others[1]], number, option))
    chance = sum(1 / len(read[number].flow[0].options) for number, _, _ in clauses) / len(clauses)
    return {
        "clauses": len(clauses),
        "by_chance": round(chance, 4),
        "alone": round(sum(alone) / len(alone), 4),
        "among_others": round(sum(among) / len(among), 4),
    }


def cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


if __name__ == "__main__":
    print(json.dumps({"cpu": cpu(), **{name: run(name) for name in SETS}, "pairs": pairs()}, indent=2))
