"""The tree of questions and answers: shares are shares, whatever the order; batches hold what they must."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.worker import tree
from turbulence_app.llm.worker.tree import Question

END = 99
tokens = st.integers(0, 4)
answers = st.lists(st.lists(tokens, max_size=4).map(tuple), min_size=1, max_size=6).map(tuple)
prompts = st.lists(tokens, min_size=1, max_size=5).map(tuple)
questions = st.lists(st.builds(Question, prompts, answers, st.booleans()), min_size=1, max_size=5)
noise = st.randoms(use_true_random=False)


def logits_for(asked, random):
    return {(path, t): random.uniform(-30, 30) for path, found in tree.rivals(asked, END).items() for t in found}


@given(questions, noise)
def test_shares_sum_to_one_and_equal_answers_have_equal_ones(asked, random):
    logits = logits_for(asked, random)
    for question in asked:
        found = tree.shares(question, END, logits)
        assert math.fsum(map(math.exp, found)) == pytest.approx(1)
        for answer, share in zip(question.answers, found, strict=True):
            assert share == found[question.answers.index(answer)]


@given(st.builds(Question, prompts, answers, st.booleans()), noise)
def test_the_order_of_the_answers_does_not_matter(question, random):
    logits = logits_for([question], random)
    order = list(range(len(question.answers)))
    random.shuffle(order)
    turned = Question(question.prompt, tuple(question.answers[i] for i in order), question.whole)
    straight = tree.shares(question, END, logits)
    assert tree.shares(turned, END, logits) == pytest.approx([straight[i] for i in order])


@given(st.builds(Question, prompts, answers, st.booleans()), noise, st.floats(-20, 20))
def test_a_constant_at_a_fork_changes_nothing_and_a_likelier_token_never_hurts(question, random, constant):
    logits = logits_for([question], random)
    before = tree.shares(question, END, logits)
    if not logits:
        assert before == pytest.approx([-math.log(len(before))] * len(before))
        return
    path, token = random.choice(sorted(logits))
    if not question.whole:
        moved = {key: value + constant * (key[0] == path) for key, value in logits.items()}
        assert tree.shares(question, END, moved) == pytest.approx(before)
    after = tree.shares(question, END, {**logits, (path, token): logits[path, token] + 1})
    way = (*path, token)[len(question.prompt) :]
    given = question.answers if question.whole else question.closed(END)
    for answer, a, b in zip(given, before, after, strict=True):
        assert (b >= a - 1e-9) if answer[: len(way)] == way else (b <= a + 1e-9)


@given(questions, st.integers(1, 12), st.integers(1, 20))
def test_batches_hold_every_fork_parents_first(asked, most_tokens, most_sequences):
    start = min(tree.common([q.prompt for q in asked]), min(len(q.prompt) for q in asked) - 1)
    seen, first = {}, 2
    for batch in tree.batches(tree.grow(asked, END, start), most_tokens, most_sequences, first):
        known = set()
        for node in batch:
            assert len(node.path) == node.position + 1
            assert node.path[:-1] in known or node.position == start
            known.add(node.path)
            if node.children:
                assert node.sequences == sorted({s for c in node.children.values() for s in c.sequences})
            seen[node.path] = node.wanted
        leaves = [s for node in batch if not node.children for s in node.sequences]
        assert sorted(leaves) == list(range(first, first + len(leaves)))
        assert len(leaves) <= most_sequences
        together = [n for piece in tree.pieces(batch, 3, 2) for n in piece]
        assert together == batch
        assert all(len(p) <= 3 and sum(n.wanted for n in p) <= 2 for p in tree.pieces(batch, 3, 2))
    assert {path for path, wanted in seen.items() if wanted} == set(tree.rivals(asked, END))


def test_only_the_tokens_up_to_the_last_fork_are_evaluated():
    question = Question((1, 2), ((5, 6, 7, 8), (5, 6, 9, 9, 9)))
    (root,) = tree.grow([Question(question.prompt, question.answers, whole=True)], END, 1)
    assert [(n.token, n.wanted) for n in root.walk()] == [(t, True) for t in (2, 5, 6, 7, 9, 9)]
    (root,) = tree.grow([question], END, 1)
    assert [(n.token, n.wanted) for n in root.walk()] == [(2, False), (5, False), (6, True)]


def test_what_all_begin_with():
    assert tree.common([(1, 2, 3), (1, 2), (1, 2, 9)]) == 2
    assert tree.common([(1,), (2,)]) == tree.common([]) == 0


def test_many_questions_with_the_same_first_words_are_evaluated_in_parts():
    asked = [Question((1, 2, 3, n), ((5,), (6, 7), (6, 8))) for n in range(100, 180)]
    (root,) = tree.grow(asked, END, 2)
    parts = list(tree.batches([root], 512, 62, 2))
    assert len(parts) == 2
    assert all(len({s for node in part for s in node.sequences}) <= 62 for part in parts)
    assert {n.path for part in parts for n in part if n.wanted} == set(tree.rivals(asked, END))
