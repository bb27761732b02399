"""Redaction: laws for any text, measured recall and precision on the corpus, and work that grows with the text only."""

from __future__ import annotations

import copy
import json
import pickle
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.privacy.corpus import Case, cases, score
from turbulence_app.privacy import redaction
from turbulence_app.privacy.finders import FINDERS
from turbulence_app.privacy.finders.base import KINDS
from turbulence_app.privacy.redaction import PLACEHOLDER, Redactor, limits, redact

FOUND, LEFT = cases("found"), cases("left")
PIECES = sorted({case.text for case in FOUND + LEFT})
MIXED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8), st.sampled_from("[]@ .,:-+()/\n0123456789aA")))
TEXTS = st.one_of(st.text(), MIXED.map("".join), MIXED.map(" ".join))


def test_the_corpus_is_large_enough_and_covers_every_kind() -> None:
    assert len(FOUND) >= 150
    assert len(LEFT) >= 150
    assert {case.kind for case in FOUND} == set(KINDS)
    assert len({case.text for case in FOUND + LEFT}) == len(FOUND + LEFT)


def test_recall_and_precision_by_kind() -> None:
    """On what the patterns were written with (``pytest -s`` shows the table)."""
    total = score(FOUND + LEFT)
    print(total.table())
    assert all(total.recall(kind) >= 0.95 for kind in KINDS), total.table()
    assert all(total.precision(kind) >= 0.95 for kind in KINDS), total.table()


def test_recall_and_precision_on_what_nobody_tuned_on() -> None:
    """Texts written after the patterns, and left alone since: what to expect elsewhere. Names are the weak side."""
    total = score(cases("unseen"))
    print(total.table())
    found, there = sum(total.covered.values()), sum(total.values.values())
    assert there >= 60
    assert found / there >= 0.8, total.table()
    assert sum(total.right.values()) / sum(total.hits.values()) >= 0.95, total.table()
    assert total.recall("NAME") >= 0.65, total.table()
    assert all(total.recall(kind) == 1 for kind in ("EMAIL", "CARD", "IBAN", "IP", "NATIONAL_ID")), total.table()


@given(TEXTS)
@example("[EMAIL_1] and a@b.example, [EMAIL_2]")
@example("password: [SECRET_1]x9$aaaa")
@example("my name is a@b.example Anna")
@example("https://:@[EMAIL_1]")
def test_what_is_redacted_comes_back_and_nothing_is_redacted_twice(text: str) -> None:
    once = redact(text)
    assert once.restore(once.text) == text
    assert redact(once.text).text == once.text
    assert bool(once) == (once.text != text)


@given(TEXTS)
def test_spans_say_what_stands_where(text: str) -> None:
    found = redact(text)
    at = 0
    for span in found.spans:
        assert found.text[span.start : span.end] == span.placeholder
        assert span.original_start >= at
        at = span.original_end
        assert found.restore(span.placeholder) == text[span.original_start : span.original_end] != ""


@given(TEXTS, st.integers(0, 400), st.integers(0, 400))
def test_a_stretch_of_one_text_is_found_in_the_other(text: str, first: int, second: int) -> None:
    found = redact(text)
    start, end = sorted((min(first, len(found.text)), min(second, len(found.text))))
    low, high = found.to_original(start, end)
    if start < end:
        back = found.to_redacted(low, high)
        assert back[0] <= start
        assert end <= back[1]
        inside = not any(span.start < edge < span.end for span in found.spans for edge in (start, end))
        if inside:
            assert back == (start, end)
            assert text[low:high] == found.restore(found.text[start:end])


@given(st.lists(TEXTS, max_size=4))
def test_texts_that_belong_together_share_placeholders(texts: list[str]) -> None:
    redactor = Redactor(avoid=texts)
    done = [redactor.redact(text) for text in texts]
    assert [redactor.restore(one.text) for one in done] == texts
    assert [Redactor().redact(one.text).text for one in done] == [one.text for one in done]


def test_equal_values_have_one_placeholder_and_kinds_are_numbered_apart() -> None:
    found = redact("a@b.example, c@d.example, a@b.example, +49 30 1234567")
    assert found.text == "[EMAIL_1], [EMAIL_2], [EMAIL_1], [PHONE_1]"
    assert found.counts == {"EMAIL": 2, "PHONE": 1}


def test_a_placeholder_that_was_there_before_is_not_given_again() -> None:
    found = redact("[EMAIL_1] is not a@b.example")
    assert found.text == "[EMAIL_1] is not [EMAIL_2]"
    assert found.restore("[EMAIL_1] [EMAIL_2] [EMAIL_3]") == "[EMAIL_1] a@b.example [EMAIL_3]"


def test_overlapping_finds_cover_everything_together() -> None:
    whole = "Address: 12 Main Street, DE89 3704 0044 0532 0130 00, call +49 30 1234567"
    found = redact(whole)
    left = PLACEHOLDER.sub("", found.text)
    assert not any(c.isdigit() for c in left), found.text
    assert found.restore(found.text) == whole


def test_the_way_back_is_nowhere_to_be_read_or_kept() -> None:
    found = redact("write to anna@example.org")
    assert "anna" not in repr(found)
    assert repr(found) == "Redaction(1 EMAIL)"
    for keep in (pickle.dumps, copy.copy, json.dumps):
        with pytest.raises(TypeError):
            keep(found)


def test_the_limits_are_told_in_words() -> None:
    told = " ".join(limits())
    for word in ("names", "addresses", "passwords", "pictures", "Telephone"):
        assert word in told
    assert redact("Anna lives near the old mill and works as a nurse.").text.startswith("Anna lives")


ADVERSARIAL = (
    "a|0|1 |1.|a@|a@b.|x:|0:|[|\n|Mr A|Aa |name: |password: |eyJaaaaaaaaa.|-----BEGIN RSA PRIVATE KEY-----|https://a:|"
    "+1 |born 1.1.|DE89 |4111 |4111|12 Main |address: 1 |Rua A |1 rue de la |call 555 |415-555-2671 |a@b.example |"
    "12345678Z |aadhaar no |signed,\n|a [at] |Mr Aa de de |{[(<|x@y.zz1.2.3.4|[EMAIL_1]|é|\u0661"
).split("|")


class Steps:
    """Counts lines of Python that run in the redaction's own modules: work that no clock is needed for."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame, event, arg):
        if "privacy" not in frame.f_code.co_filename:
            return None
        self.count += event == "line"
        return self


@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_work_grows_with_the_text_and_not_faster(piece: str) -> None:
    counts = []
    for size in (4_000, 8_000):
        steps, before = Steps(), sys.gettrace()
        sys.settrace(steps)
        try:
            redaction._CLEAN.clear()
            redact((piece * size)[:size])
        finally:
            sys.settrace(before)
        counts.append(steps.count)
    assert counts[1] <= 2.5 * counts[0] + 500, counts


@pytest.mark.slow
@pytest.mark.parametrize("piece", ADVERSARIAL)
def test_a_hundred_thousand_characters_come_to_an_end(piece: str) -> None:
    """A pattern that backtracks without bound would take hours here: the suite's time limit would end it."""
    text = (piece * 100_000)[:100_000]
    found = redact(text)
    assert found.restore(found.text) == text


def test_no_pattern_repeats_a_repetition_without_bound() -> None:
    """``(a+)+`` is how regular expressions hang: every open-ended repetition here is of one character class."""
    import re._parser as parser

    def check(tree, inside: bool, where: str) -> None:
        for code, value in tree:
            name = str(code)
            if name in ("MAX_REPEAT", "MIN_REPEAT"):
                _, high, inner = value
                endless = high == parser.MAXREPEAT
                assert not (endless and inside), where
                check(inner, inside or endless, where)
            elif name == "SUBPATTERN":
                check(value[-1], inside, where)
            elif name == "BRANCH":
                for branch in value[1]:
                    check(branch, inside, where)
            elif name in ("ASSERT", "ASSERT_NOT"):
                check(value[1], inside, where)

    import re

    for finder in FINDERS:
        module = sys.modules[finder.__module__]
        for name, pattern in vars(module).items():
            if isinstance(pattern, re.Pattern):
                check(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE), False, f"{module.__name__}.{name}")


def test_a_text_without_hits_is_remembered_by_its_digest_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    clean, private = "Nothing personal stands here. " * 20, "Mail anna@example.org. " * 20
    first = [redact(clean).text, redact(private).text]
    monkeypatch.setattr(redaction, "FINDERS", ())
    assert redact(clean).text == first[0] == clean
    assert redact(private).text == private != first[1], "what had hits is looked through again each time"
    assert not any(isinstance(known, str) for known in redaction._CLEAN)


def test_the_memory_of_clean_texts_stays_small() -> None:
    for number in range(2 * redaction.REMEMBERED + 10):
        redact(f"text {'x' * redaction.WORTH_REMEMBERING} {'abc'[number % 3] * (number + 1)}")
    assert len(redaction._CLEAN) <= redaction.REMEMBERED


def test_a_finder_is_really_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "FINDERS", ())
    assert score([Case("a@b.example", "EMAIL", 0, 11)]).recall("EMAIL") == 0
