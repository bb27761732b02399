"""The persona benchmark as files: strict, with file and line; and the one that ships is sound."""

# ruff: noqa: E501

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.formats.benchmark import load_benchmark, parse_benchmark
from turbulence_app.resources import resource_path

FLOW = """workflows:
  - id: shop
    flow:
      - {name: a, type: decide, decision: pay, options: {card: by card, cash: in cash}}
      - {name: b, type: end}
"""


def refused(**texts: str) -> str:
    with pytest.raises(InputError) as caught:
        parse_benchmark({name + ".yaml": text for name, text in texts.items()}, "here")
    return str(caught.value.problem)


def test_people_may_use_workflows_of_another_file() -> None:
    people = "personas:\n  - {workflow: shop, text: Pays in cash., expect: {top: {pay: cash}}}\n"
    read = parse_benchmark({"a.yaml": people, "b.yaml": FLOW})
    assert read.personas[0].expect.top == {"pay": "cash"}
    assert read.workflow("shop").id == "shop"


@pytest.mark.parametrize(
    ("person", "line"),
    [
        ("{workflow: shpo, text: x, expect: {more: [visit]}}", "b.yaml:2: no workflow is called 'shpo' (did you mean 'shop'?)"),
        ("{workflow: shop, text: x, expect: {top: {pya: card}}}", "b.yaml:2: no decision is called 'pya' (did you mean 'pay'?)"),
        ("{workflow: shop, text: x, expect: {top: {pay: crad}}}", "b.yaml:2: no option is called 'crad' (did you mean 'card'?)"),
        ("{workflow: shop, text: x, expect: {below: {pay: [crad]}}}", "b.yaml:2: no option is called 'crad' (did you mean 'card'?)"),
        ("{workflow: shop, text: x, expect: {atmost: {pay: {crad: 0.1}}}}",
         "b.yaml:2: no option is called 'crad' (did you mean 'card'?)"),
        ("{workflow: shop, text: x, expect: {more: [vsit]}}", "b.yaml:2: 'more' cannot be 'vsit' (did you mean 'visit'?)"),
        ("{workflow: shop, text: x, expect: {tpo: {pay: card}}}", "b.yaml:2: unknown key 'tpo' (did you mean 'top'?)"),
        ("{workflow: shop, text: x, expect: {}}", "b.yaml:2: expects nothing: name at least one of more, less, top, below, "
         "atmost, value"),
    ],
)  # fmt: skip
def test_a_typing_mistake_is_no_models_mistake(person: str, line: str) -> None:
    assert refused(a=FLOW, b=f"personas:\n  - {person}\n").startswith(line)


def test_twice_is_refused() -> None:
    person = "  - {workflow: shop, text: x, expect: {more: [visit]}}\n"
    assert "b.yaml:3: the same person stands here twice" in refused(a=FLOW, b="personas:\n" + 2 * person)
    assert "workflow 'shop' is there twice" in refused(a=FLOW, b=FLOW, c="personas:\n" + person)


def test_nobody_is_refused() -> None:
    assert refused(a=FLOW) == "here: nobody is in this benchmark (write personas: [{workflow, text, expect}])"


def test_the_shipped_one_is_sound() -> None:
    read = load_benchmark(resource_path("benchmark"))
    assert len(read.personas) >= 34
    assert len({person.workflow for person in read.personas}) >= 6
