"""How well the built-in model reads people it has never seen, and how long it takes. Prints one JSON document.

The judged people and their workflows ship with the program (resources/benchmark), the development sets are beside this
file (tests/bench/personas), seven of them with workflows of their own. What may be expected of somebody:
:class:`turbulence_app.domain.benchmark.Expect`; how it is judged: :mod:`turbulence_app.insight.expectations`.
``because`` of a development persona marks the words that a number must be traced to: counted apart.
"""

from __future__ import annotations

import json
import platform
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from turbulence_app.domain.benchmark import Expect
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight.expectations import checks
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.resources import resource_path

PERSONAS = Path(__file__).resolve().parent / "personas"
SETS = (
    "build",
    "dev_tune",
    "dev_check",
    "dev_voices",
    "dev_fresh",
    "dev_last",
    "dev_authors_a",
    "dev_authors_b",
    "judge",
    "judge_second",
)
OFTEN = (
    "always",
    "almost always",
    "usually",
    "often",
    "half of the time",
    "sometimes",
    "rarely",
    "almost never",
    "never",
)
SAID = (
    ("dev_voices", "hotel", "booking_error", "ring_hotel", "If the booking fails, she {} calls the hotel."),
    ("dev_voices", "hotel", "room_pick", "lowest_price", "He {} takes the cheapest room."),
    (
        "dev_voices",
        "pharmacy",
        "prescription_rejected",
        "photo_again",
        "If it cannot be read, he {} takes another photo.",
    ),
    ("dev_voices", "pharmacy", "handover", "courier", "She {} has it brought by a courier."),
    ("dev_tune", "flight", "seat_choice", "window_paid", "He {} pays for a window seat."),
    ("dev_tune", "flight", "pay_error", "other_card", "If the payment fails he {} uses another card."),
)
"""Sentences that say how often an option is taken: set, workflow, decision, option."""


def load(name: str) -> Any:
    shipped = resource_path("benchmark") / name
    return yaml.safe_load((shipped if shipped.exists() else PERSONAS / name).read_text(encoding="utf-8"))


def run(half: str, backend: BuiltinBackend | None = None) -> dict[str, Any]:
    """Accuracy of one set (:data:`SETS`) with what was missed, and milliseconds per policy."""
    backend = backend or BuiltinBackend()
    document = load(f"{half}.yaml")
    listed = document.get("workflows") or load("workflows.yaml")["workflows"]
    workflows = {w["id"]: Workflow.model_validate(w) for w in listed}
    neutral = {k: backend.policy_document(Persona(id="neutral"), w) for k, w in workflows.items()}
    by_kind: dict[str, list[bool]] = defaultdict(list)
    missed, spent, traced = [], [], []
    for number, entry in enumerate(document["personas"]):
        persona = Persona(id=f"p{number}", description=entry["text"])
        expect = dict(entry["expect"])
        because = expect.pop("because", {})
        start = time.perf_counter()
        policy = backend.policy_document(persona, workflows[entry["workflow"]])
        spent.append((time.perf_counter() - start) * 1e3)
        for path, words in because.items():
            told = policy["evidence"].get(path) or ""
            traced.append(bool(told) and (told in words or words in told))
            if not traced[-1]:
                missed.append(f"{entry['text'][:50]} | {path} because {words!r} ({told!r})")
        for kind, what, holds in checks(Expect.model_validate(expect), policy, neutral[entry["workflow"]]):
            by_kind[kind].append(holds)
            if not holds:
                missed.append(f"{entry['text'][:50]} | {what}")
    every = [holds for kind in by_kind.values() for holds in kind]
    return {
        "personas": len(spent),
        "expectations": len(every),
        "accuracy": round(sum(every) / len(every), 4),
        "by_kind": {kind: round(sum(values) / len(values), 4) for kind, values in sorted(by_kind.items())},
        **({"evidence_right": round(sum(traced) / len(traced), 4), "evidence_marked": len(traced)} if traced else {}),
        "ms_per_policy_median": round(sorted(spent)[len(spent) // 2], 1),
        "ms_per_policy_worst": round(max(spent), 1),
        "missed": missed,
    }


def calibration(backend: BuiltinBackend | None = None) -> dict[str, float]:
    """Mean share of the option that a sentence speaks of, by the word that says how often; "" is the plain sentence."""
    backend = backend or BuiltinBackend()
    found: dict[str, list[float]] = defaultdict(list)
    for name, workflow_id, decision, option, sentence in SAID:
        workflow = next(Workflow.model_validate(w) for w in load(f"{name}.yaml")["workflows"] if w["id"] == workflow_id)
        for word in (*OFTEN, ""):
            persona = Persona(id="p", description=" ".join(sentence.format(word).split()))
            shares = backend.policy_document(persona, workflow)["decisions"][decision]["options"]
            found[word].append(shares[option] / sum(shares.values()))
    return {word: round(sum(values) / len(values), 3) for word, values in found.items()}


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
    print(
        json.dumps(
            {"cpu": cpu(), **{name: run(name) for name in SETS}, "often": calibration(), "pairs": pairs()}, indent=2
        )
    )
