"""The gate of similar answers: other wording of the same gets through, whatever changes the meaning does not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.cache.texts import CHANGES, description, worded_otherwise
from turbulence_app.llm.cache.gate import CLAUSE, Print, fingerprint, meaning
from turbulence_app.llm.cache.simhash import distances, simhash
from turbulence_app.llm.cache.similar import SimilarIndex
from turbulence_app.llm.slots import Slots

PROFILE = "ab" * 16


def made(text, hints=None, surface="checkout", profile=PROFILE):
    values = {"name": "Ada", "description": text, "hints": hints or {}, "surface": surface}
    return fingerprint(profile, Slots(values, free=frozenset({"description"})))


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_other_wording_gets_through(seed):
    draw = random.Random(seed)
    text = description(draw)
    other = worded_otherwise(text, draw)
    assert made(text).refusal(made(other)) == "", (text, other, meaning(text), meaning(other))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_of_meaning_never_gets_through(change):
    for seed in range(300):
        draw = random.Random(seed)
        text = description(draw)
        other = change(text, draw)
        assert made(text).refusal(made(other)), (text, other, meaning(other))
        assert made(worded_otherwise(text, draw)).refusal(made(worded_otherwise(other, draw))), (text, other)


@given(st.text(max_size=80), st.text(max_size=80))
def test_texts_of_any_kind_are_alike_only_if_they_mean_alike(one, other):
    first, second = made(one), made(other)
    if first and second:
        assert (first.refusal(second) == "") == (meaning(one) == meaning(other))


@pytest.mark.parametrize(
    ("hints", "surface", "profile"),
    [({"patience": "high"}, "checkout", PROFILE), ({}, "signup", PROFILE), ({}, "checkout", "cd" * 16)],
    ids=["hint", "step", "model"],
)
def test_only_free_text_may_differ(hints, surface, profile):
    assert made("Shops at lunch.").refusal(made("Shops at lunch.", hints, surface, profile)) in ("slots", "profile")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("She isn't patient.", "is not patient"),
        ("They can't stand it", "they CANNOT Stand!"),
        ("Favours the organised shop, purchases 3–5 items", "prefers organized shop; buys 3-5 items."),
        ("The café’s Wi‑Fi", "café's wi-fi"),
    ],
)
def test_what_is_the_same(one, other):
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gives up, never waits", "gives up never, waits"),
        ("leaves.\n\nNever returns", "leaves never\n\nreturns"),
        ("patient", "impatient"),
        ("careful", "careless"),
        ("waits 5 s", "waits 50 s"),
        ("waits 5", "waits 0.5"),
        ("pays 5 €", "pays 5 $"),
        ("<3 items", ">3 items"),
        ("lives in the US", "lives in us"),
        ("leaves and returns", "leaves or returns"),
        ("likes it", "likes it very much"),
        ("does", "doesn't"),
        ("nicht geduldig", "geduldig"),
        ("non è paziente", "è paziente"),
    ],
)
def test_what_is_not_the_same(one, other):
    assert meaning(one) != meaning(other)


def test_clauses_end_where_they_end():
    assert meaning("Waits, then leaves (at once).") == ["waits", CLAUSE, "then", "leaves", CLAUSE, "at", "once"]


def test_the_reason_is_named():
    text = "Waits 5 minutes and does not leave."
    assert made(text).refusal(made(text.replace("5", "6"))) == "numbers"
    assert made(text).refusal(made(text.replace("not ", ""))) == "negations"
    assert made(text).refusal(made(text.replace("leave", "return"))) == "words"


def test_a_fingerprint_holds_no_words_and_comes_back():
    one = made("Meets Anna Meyer at noon.")
    assert Print.from_text(one.to_text()) == one
    assert "meyer" not in one.to_text().lower()
    for wrong in ("", "x", "1 2 3", f"{2**64} a b c d e", "-1 a b c d e", "1 a b c d e f"):
        assert Print.from_text(wrong) is None
    assert made("") is None


def test_likeness_follows_texts():
    text = "A busy professional who shops during lunch breaks and abandons the cart if checkout takes too long. " * 3
    near = simhash(text.replace("busy", "very busy"))
    far = simhash("Reads every review, compares prices for days, and only then puts anything into the basket. " * 3)
    known = np.array([simhash(text), near, far], dtype=np.uint64)
    same, close, away = distances(known, simhash(text.upper())).tolist()
    assert same == 0
    assert close < 12 < away
    assert simhash("") == simhash("  ")


@pytest.mark.parametrize("count", [None, getattr(np, "bitwise_count", None)], ids=["unpacked", "own"])
@given(known=st.lists(st.integers(0, 2**64 - 1), max_size=20), wanted=st.integers(0, 2**64 - 1))
def test_distances_count_bits(count, known, wanted):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("turbulence_app.llm.cache.simhash._count", count)
        check_distances(known, wanted)


def check_distances(known, wanted):
    assert distances(np.array(known, dtype=np.uint64), wanted).tolist() == [(k ^ wanted).bit_count() for k in known]


def test_the_nearest_that_the_gate_lets_through():
    refused = []
    index = SimilarIndex(1000, 12, refused.append)
    text = "A busy professional who shops during lunch breaks and does not wait when checkout takes too long."
    index.add(b"flipped", made(text.replace("not ", "")))
    index.add(b"same", made(text.replace("A busy", "The busy").replace(".", "!")))
    index.add(b"other model", made(text, profile="cd" * 16))
    found = index.nearest(made(text))
    assert found.key == b"same"
    assert 0.8 < found.score <= 1
    assert set(refused) <= {"negations"}
    assert index.nearest(made(text.replace("lunch", "tea"))) is None
    assert index.nearest(made(text, profile="ef" * 16)) is None


def test_the_index_is_bounded_and_reads_what_it_wrote():
    index = SimilarIndex(100, 24, lambda _: None)
    prints = [(str(n).encode(), made(f"Waits {n} minutes.").to_text()) for n in range(250)]
    index.load([*prints, (b"bad", "no fingerprint")])
    assert 0 < len(index) <= 100
    assert index.nearest(made("Waits the 249 minutes!")).key == b"249"
