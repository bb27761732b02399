"""Clauses, negation and quantities, read from plain sentences."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.builtin.concepts import CONCEPTS, concepts_in
from turbulence_app.llm.builtin.cues import cued_traits
from turbulence_app.llm.builtin.quantities import (
    frequency_said,
    persistence,
    retries_said,
    share_said,
    time_said,
    typing_said,
)
from turbulence_app.llm.builtin.text import clauses, condition_and_main, is_negated, leanings, settings


@given(st.text(max_size=400))
def test_clauses_are_the_exact_words_of_the_text(text):
    found = clauses(text)
    assert all(text[c.start : c.end] == c.text and c.text for c in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("never gives up", True),
        ("does not mind waiting", True),
        ("has no problem with queues", False),
        ("can't resist an offer", False),
        ("cancels without a second thought", False),
        ("hates typing", True),
        ("reads everything", False),
    ],
)
def test_negation(text, negated):
    assert is_negated(text) is negated


def test_what_is_preferred_and_what_is_rejected():
    assert leanings("would rather walk to the branch than show her face") == [
        ("walk to the branch", 1), ("show her face", -1),
    ]  # fmt: skip
    assert leanings("calls instead of writing") == [("calls", 1), ("writing", -1)]
    assert leanings("never signs before reading it all") == [("never signs", -1), ("reading it all", 1)]
    assert condition_and_main("if the card fails, she leaves") == ("if the card fails", "she leaves")
    assert condition_and_main("she leaves when the card fails") == ("when the card fails", "she leaves")


@pytest.mark.parametrize(
    ("text", "about", "low", "high"),
    [
        ("waits at most 10 seconds for a page", "answer", 5, 10),
        ("waits between five and ten seconds", "answer", 5, 10),
        ("has half an hour for it", "visit", 1440, 1800),
        ("waits at least two minutes for an answer", "answer", 120, 360),
        ("thinks for about twenty seconds", "think", 16, 24),
        ("a page that isn't there within two seconds", "answer", 1, 2),
    ],
)
def test_times_said_in_words(text, about, low, high):
    span = time_said(text)
    assert (span.about, span.low, span.high) == (about, low, high)


@pytest.mark.parametrize(
    "text",
    [
        "he is 45 years old",
        "without a second thought",
        "a second chance",
        "waits patiently",
        "at 220 words a minute",
        "never accepted a first price, or a second",
    ],
)
def test_what_is_no_time(text):
    assert time_said(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("tries twice", 2),
        ("may try once then leave", 1),
        ("tries it three more times before he writes", 3),
        ("never tries again", 0),
        ("retries up to four times", 4),
        ("simply tries once more", 1),
        ("he retries at once", None),
        ("visits twice a week", None),
        ("she doesn't try a second time", 0),
        ("doesn't bother again if a thing fails", 0),
        ("if no driver turns up he tries once more", 1),
        ("if it doesn't work he tries again, only once", 1),
        ("the second failure is the last straw", 1),
        ("taps retry up to six times", 6),
    ],
)
def test_retries_said_in_words(text, count):
    assert retries_said(text) == count


def test_shares_and_speed():
    assert share_said("leaves 70 % of the time") == pytest.approx(0.7)
    assert share_said("one in four") == pytest.approx(0.25)
    assert typing_said("types 40 words per minute") == pytest.approx(300)


def test_cues_turn_round_under_negation():
    assert cued_traits("gives up quickly")["persist"] == -1
    assert cued_traits("never gives up")["persist"] == 1
    assert cued_traits("anything but impatient")["patience"] == 1
    assert cued_traits("does not mind waiting")["patience"] == 1
    assert cued_traits("with little free time")["visit"] == -1


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("presses send again and again", 3),
        ("keeps trying until it works", 3),
        ("always tries a coupon code before paying", 1),
        ("tries another card rather than giving up", 1),
    ],
)
def test_only_words_of_repetition_repeat(text, repeats):
    assert persistence(0.9, text) == repeats


def test_a_clause_holds_where_its_condition_or_the_clause_before_it_does():
    parts = clauses("Leaves if the page is slow. Gets cross at payment failures and may try once then leave.")
    assert settings(parts) == [
        ("if the page is slow", "Leaves"),
        ("Gets cross at payment failures", "Gets cross at payment failures"),
        ("Gets cross at payment failures", "and may try once then leave"),
    ]


def test_a_negation_turns_what_is_done_and_not_a_word_beside_it():
    assert leanings("never reads terms") == [("never reads terms", -1)]
    assert leanings("asks nobody") == [("asks nobody", -1)]
    assert leanings("nothing is too good for her") == [("nothing is too good for her", 1)]


@pytest.mark.parametrize(
    ("words", "sign"),
    [
        ("Waiting does not bother her in the least", 1.0),
        ("A slow page doesn't upset him", 1.0),
        ("He is not troubled by delays", 1.0),
        ("Delays upset him", -1.0),
        ("Slow pages annoy her", -1.0),
        ("Hates waiting", -1.0),
    ],
)
def test_what_does_not_bother_somebody_is_patience(words, sign):
    assert cued_traits(words)["patience"] == sign


@pytest.mark.parametrize(
    ("words", "trait", "sign"),
    [
        ("No stranger to waiting", "patience", 1.0),
        ("Patience is not her strong suit", "patience", -1.0),
        ("Not exactly patient", "patience", -1.0),
        ("Patience? Never heard of it", "patience", -1.0),
        ("The page hung and he simply closed the laptop", "patience", -1.0),
        ("Time is money", "visit", -1.0),
        ("Stops at nothing", "persist", 1.0),
        ("Does not take no for an answer", "persist", 1.0),
        ("Gets cold feet", "persist", -1.0),
        ("Haste is foreign to him", "think", 1.0),
        ("Spelling is not his forte", "errors", 1.0),
        ("Tells them no more than needed", "skip", 1.0),
    ],
)
def test_sayings_and_negation_before_and_behind(words, trait, sign):
    assert cued_traits(words)[trait] == sign


def test_a_rhetorical_question_stays_with_its_answer():
    assert [c.text for c in clauses("Patience? Never heard of it. Really? Yes.")] == [
        "Patience? Never heard of it", "Really", "Yes",
    ]  # fmt: skip


def test_would_rather_die_says_nothing_of_dying():
    assert leanings("would rather die than call a hotline") == [("call a hotline", -1)]


def test_a_negation_inside_what_is_done_turns_nothing():
    assert leanings("buys what is not on the shelf") == [("buys what is not on the shelf", 1)]


def test_a_second_deed_of_a_condition_is_a_clause_under_the_same_condition():
    parts = clauses("If the book is lent, she asks the librarian and goes home with another.")
    assert settings(parts) == [
        ("If the book is lent", "she asks the librarian"),
        ("If the book is lent", "and goes home with another"),
    ]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("7 in 10 people call", 0.7),
        ("nine times out of ten she calls", 0.9),
        ("half of them call", 0.5),
        ("does not always call", 0.55),
        ("hardly ever calls", 0.05),
        ("calls", None),
    ],
)
def test_how_often(text, share):
    said = frequency_said(text)
    assert (said[0] if said else None) == (pytest.approx(share) if share is not None else None)


def test_how_often_falls_with_the_word():
    words = ["always", "almost always", "usually", "often", "sometimes", "rarely", "almost never", "never"]
    shares = [frequency_said(f"she {word} calls")[0] for word in words]
    assert shares == sorted(shares, reverse=True)
    assert len(set(shares)) == len(shares)


def test_concepts_are_named_by_any_of_their_words():
    told, named = concepts_in("he picks up the receiver"), concepts_in("telephones the hotel")
    assert told[CONCEPTS.index("phone")] == named[CONCEPTS.index("phone")] == 1
    assert concepts_in("plays the violin").sum() == 0


def test_a_clause_of_several_parts_speaks_for_one_and_against_another():
    assert leanings("she doesn't fuss: she comes back another day") == [
        ("she doesn't fuss", -1),
        ("she comes back another day", 1),
    ]
    assert leanings("He never sends anything without a letter") == [("a letter", 1)]
    assert leanings("a flat monthly fee or nothing") == [("a flat monthly fee or nothing", 1)]
