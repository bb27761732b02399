"""What the heads learn from shares no wording with what they are judged on, or the benchmark would measure memory."""

import re
from pathlib import Path

import pytest

from tests.bench.bench_builtin import load

CORPUS = Path(__file__).resolve().parents[2] / "packaging" / "models" / "corpus"
SHARED = 4
"""Words in a row that count as the same wording."""


def runs_of_words(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z']+", text.lower())
    return {tuple(words[i : i + SHARED]) for i in range(len(words) - SHARED + 1)}


def judged() -> set[tuple[str, ...]]:
    texts = [entry["text"] for entry in load("judge.yaml")["personas"]]
    for workflow in load("workflows.yaml")["workflows"]:
        for step in workflow["flow"]:
            texts += [step.get("prompt", ""), *step.get("options", {}).values()]
    return set().union(*map(runs_of_words, texts))


def phrases(name: str) -> list[str]:
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    return [p.strip() for line in lines if not line.startswith("#") for p in line.partition("|")[2].split(";")]


@pytest.mark.parametrize("name", ["traits.txt", "options.txt", "prompts.txt", "decisions.txt"])
def test_the_corpus_has_no_wording_of_the_judged_half(name):
    told = judged()
    assert [p for p in phrases(name) if runs_of_words(p) & told] == []


@pytest.mark.parametrize("name", ["dev_voices", "dev_fresh", "dev_last"])
def test_the_corpus_has_no_wording_of_the_later_development_sets(name):
    told = set().union(*(runs_of_words(entry["text"]) for entry in load(f"{name}.yaml")["personas"]))
    found = {
        p for file in ("traits.txt", "options.txt", "decisions.txt") for p in phrases(file) if runs_of_words(p) & told
    }
    assert found == set()
