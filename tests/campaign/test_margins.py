"""Margins: their sign agrees with the rule, and many users at once give what each gives alone."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.expressions import Name, parse
from turbulence_app.engine.campaign.margins import comparable, margin, margins
from turbulence_app.engine.scalar import Leaf, truth
from turbulence_app.engine.vector import Numbers, Value

NUMBERS = st.integers(-5, 5)
LEAVES = st.sampled_from(["a", "b", "c", "0", "2", "a + b", "c - 1"])
SIMPLE = st.builds("{} {} {}".format, LEAVES, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), LEAVES)
RULES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=4,
)
STRICT = frozenset({"<", ">"})


@given(RULES, st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=8), st.booleans())
def test_many_are_as_each_alone_and_signs_agree(source: str, rows: list[tuple[int, int, int]], negated: bool) -> None:
    tree = parse(source).root
    columns = {name: np.array([row[i] for row in rows]) for i, name in enumerate("abc")}

    def read(leaf: Leaf) -> Value:
        assert isinstance(leaf, Name)
        return Numbers(columns[leaf.name])

    together = margins(tree, read, len(rows), negated)
    for i, row in enumerate(rows):
        values = dict(zip("abc", row, strict=True))

        def look_up(leaf: Leaf, values: dict[str, int] = values) -> int:
            assert isinstance(leaf, Name)
            return values[leaf.name]

        alone = margin(tree, look_up, negated)
        assert alone == together[i] or (math.isnan(alone) and math.isnan(together[i]))
        holds = truth(tree, look_up) != negated
        assert alone >= 0 if holds else alone <= 0


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("a <= 1", {"a": 1}, 0),
        ("a <= 1", {"a": -3}, 4),
        ("not (a > 10)", {"a": 4}, 6),
        ("a < 5 or b < 5", {"a": 9, "b": 3}, 2),
        ("a < 5 and b < 5", {"a": 1, "b": 3}, 2),
        ("a == 3", {"a": 3}, math.inf),
        ("a != 3", {"a": 7}, 4),
        ("a < 5", {"a": None}, -math.inf),
        ("a == 'x' or b < 5", {"a": "x", "b": 9}, math.inf),
    ],
)
def test_known_distances(source: str, values: dict[str, object], expected: float) -> None:
    def look_up(leaf: Leaf) -> object:
        assert isinstance(leaf, Name)
        return values[leaf.name]

    assert margin(parse(source).root, look_up) == expected


def test_only_what_compares_is_watched() -> None:
    assert comparable(parse("a < 1 and b").root)
    assert not comparable(parse("a and not b").root)
    assert not comparable(parse("a in [1, 2]").root)
