"""The persona benchmark as files: workflows and people with expectations, in one file or in several of a folder.

Strict like every reader: an expectation about a decision or an option that its workflow does not have is an error with
its line, or a typing mistake would count as a model's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from turbulence_app.domain.benchmark import Benchmark, BenchPersona
from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.workflow import DecideStep, Workflow
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import read_tree
from turbulence_app.formats.validate import validate


def load_benchmark(path: Path) -> Benchmark:
    """A benchmark from a file, or from all YAML files of a folder. Raises ``InputError`` with file and line."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    return parse_benchmark({str(file): read_text(file) for file in files}, str(path))


def parse_benchmark(texts: Mapping[str, str], where: str = "") -> Benchmark:
    """A benchmark from texts by the names of their files; people may use the workflows of any of them."""
    read = {file: _of(text, file) for file, text in texts.items()}
    whole = Benchmark(
        workflows=tuple(flow for one in read.values() for flow in one.workflows),
        personas=tuple(person for one in read.values() for person in one.personas),
    )
    if not whole.personas:
        raise InputError("nobody is in this benchmark", "write personas: [{workflow, text, expect}]", Location(where))
    problems = [problem for file, one in read.items() for problem in _check(one, whole.workflows, texts[file], file)]
    if problems:
        raise InputError.of(problems)
    return whole


def _of(text: str, file: str) -> Benchmark:
    tree = read_tree(text, file)
    if not isinstance(tree.value, dict):
        raise InputError("this is not a benchmark", "write workflows: and personas:", Location(file, tree.line))
    return validate(Benchmark, tree, file)


def _check(one: Benchmark, flows: tuple[Workflow, ...], text: str, file: str) -> list[Problem]:
    found = Findings(text, file)
    known = {flow.id: _decisions(flow) for flow in flows}
    ids = [flow.id for flow in flows]
    for number, flow in enumerate(one.workflows):
        if ids.count(flow.id) > 1:
            found.add(("workflows", number, "id"), f"workflow {flow.id!r} is there twice", "rename or remove one")
    seen: set[tuple[str, str]] = set()
    for number, person in enumerate(one.personas):
        if (person.workflow, person.text) in seen:
            found.add(("personas", number, "text"), "the same person stands here twice", "remove one")
        seen.add((person.workflow, person.text))
        if person.workflow not in known:
            found.unknown(("personas", number, "workflow"), "workflow", person.workflow, list(known))
        else:
            _check_person(person, number, known[person.workflow], found)
    return found.sorted()


def _check_person(person: BenchPersona, number: int, decisions: Mapping[str, set[str]], found: Findings) -> None:
    expect = person.expect
    named: list[tuple[str, str, Iterable[str]]] = [
        *(("top", decision, (option,)) for decision, option in expect.top.items()),
        *(("below", decision, options) for decision, options in expect.below.items()),
        *(("atmost", decision, bounds) for decision, bounds in expect.atmost.items()),
    ]
    for key, decision, options in named:
        place = ("personas", number, "expect", key, decision)
        if decision not in decisions:
            found.unknown(place, "decision", decision, sorted(decisions))
            continue
        for option in options:
            if option not in decisions[decision]:
                found.unknown(place, "option", option, sorted(decisions[decision]))


def _decisions(flow: Workflow) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for step in flow.steps():
        if isinstance(step, DecideStep):
            found.setdefault(step.decision, set()).update(step.options)
    return found
