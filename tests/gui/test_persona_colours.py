"""A persona has one colour, whatever is edited, and the same one in every place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.gui.persona_colours import know, place_of, token_of
from turbulence_app.gui.tokens import PERSONA_TOKENS

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
