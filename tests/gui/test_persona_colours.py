"""A persona has one colour, whatever is edited, and the same one in every place."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.gui.persona_colours import MOST, know, place_of, places, recall, token_of
from turbulence_app.gui.tokens import PERSONA_TOKENS

JSON = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()))
NAMES = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)


@given(NAMES, NAMES, st.randoms())
def test_no_edit_of_the_crowd_changes_a_colour(first: list[str], more: list[str], chance: object) -> None:
    know([])
    know(first)
    before = {name: place_of(name) for name in first}
    assert list(before.values()) == list(range(len(first)))
    shuffled = [*first, *(name for name in more if name not in first)]
    chance.shuffle(shuffled)
    know(shuffled)
    assert {name: place_of(name) for name in first} == before
    assert sorted(place_of(name) for name in shuffled) == list(range(len(shuffled)))


def test_somebody_of_an_older_run_has_a_colour_that_stays() -> None:
    know(["ann", "bob"])
    gone = token_of("carol")
    assert gone == PERSONA_TOKENS[2]
    assert token_of("carol") == gone
    assert token_of("ann") == PERSONA_TOKENS[0]


@given(NAMES, st.data())
def test_who_leaves_takes_no_colour_of_the_others_along(crowd: list[str], data: st.DataObject) -> None:
    know([])
    know(crowd)
    before = places()
    stay = [name for name in crowd if data.draw(st.booleans())]
    know(stay)
    assert places() == {name: before[name] for name in stay}


@given(NAMES, st.randoms())
def test_the_next_start_knows_the_colours_of_the_last(crowd: list[str], chance: object) -> None:
    know([])
    know(crowd)
    kept = json.loads(json.dumps(places()))
    again = list(crowd)
    chance.shuffle(again)
    know([])
    know(again)
    recall(kept)
    assert places() == kept


@given(NAMES, st.one_of(st.none(), st.text(), st.dictionaries(st.sampled_from("abcdefghij"), JSON)))
def test_whatever_was_kept_everybody_has_a_place_of_their_own(crowd: list[str], kept: object) -> None:
    know([])
    know(crowd)
    recall(kept)
    assert sorted(places()) == sorted(crowd)
    assert len(set(places().values())) == len(crowd)
    assert all(0 <= place < MOST for place in places().values())
