"""Three levels through the gateway: which one answers, what is never kept, what a store may do, and the sum of all."""

from __future__ import annotations

import json
import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.llm.cache.texts import CHANGES, description, worded_otherwise
from tests.llm.scripted import GOOD, Clock, Dict, Scripted, gateway, raising, task
from turbulence_app.domain.errors import CancelledError, MachineError
from turbulence_app.llm import errors
from turbulence_app.llm.cache import AnswerCache, CacheSettings, Profile, Question, canonical, profile_digest
from turbulence_app.llm.cache.audit import agree
from turbulence_app.llm.cache.counters import ENDS
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.task import Answer

LONG = "A busy professional who shops during lunch breaks and does not wait when checkout takes longer than 5 minutes."


def similar_on(**more):
    return GatewaySettings(cache=CacheSettings(similar=True, **{"audit_share": 0.0, **more}))


def ends(found):
    counters = found.counters()
    return {name: getattr(counters, name) for name in ENDS if getattr(counters, name)}


def test_each_level_answers_what_it_is_for():
    store, model = Dict(), Scripted(lambda prompt: GOOD)
    with gateway(model, store=store) as found:
        assert found.answer(task()).source == "model"
        assert found.answer(task()).chain[0].code == "raw_hits"
        assert found.answer(task(raw="other words, same slots")).chain[0].code == "canonical_hits"
        assert found.answer(task(volatile="12:03")).chain[0].code == "canonical_hits"
        assert ends(found) == {"misses": 1, "raw_hits": 1, "canonical_hits": 2}
        assert (found.counters().tokens_saved, len(model.asked)) == (105, 1)
        assert found.lookups().count == 1
    with gateway(model, store=store) as found:
        again = found.answer(task())
        assert (again.source, again.chain[0].code) == ("cache", "store_hits")
        assert found.answer(task()).chain[0].code == "raw_hits"
        assert ends(found) == {"store_hits": 1, "raw_hits": 1}
        assert len(model.asked) == 1
    assert store.totals["requests"] == 6
    assert sum(store.totals.get(name, 0) for name in ENDS) == 6


@pytest.mark.parametrize("more", [{"text": "Other?"}, {"strict": "x"}, {"version": 2}], ids=str)
def test_whatever_decides_is_in_the_key(more):
    model = Scripted(lambda prompt: GOOD)
    with gateway(model) as found:
        found.answer(task())
        found.answer(task(**more))
        found.answer(task(), seed=43)
        model.model = "another"
        found.answer(task())
        assert ends(found) == {"misses": 4}


PROFILE = Profile("policy", 1, "ollama", "0.24", "d", "json", 42, "{}")


@given(st.sampled_from(Profile.__slots__), st.text(min_size=1, max_size=5))
def test_every_part_of_a_profile_is_in_its_digest(name, other):
    value = getattr(PROFILE, name)
    changed = type(value)(len(other) + 50) if isinstance(value, int) else value + other
    parts = {field: getattr(PROFILE, field) for field in Profile.__slots__}
    assert profile_digest(Profile(**{**parts, name: changed})) != profile_digest(PROFILE)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.randoms())
def test_the_order_of_slots_does_not_count(values, draw):
    shuffled = list(values.items())
    draw.shuffle(shuffled)
    assert canonical(values) == canonical(dict(shuffled))
    assert json.loads(canonical(values)) == values


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.dictionaries(st.text(), VALUES, max_size=4))
def test_other_slots_have_other_texts(one, other):
    assert (canonical(one) == canonical(other)) == (
        json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    )


def test_errors_and_invalid_answers_are_never_kept():
    store = Dict()
    for script in (raising(errors.ModelGarbageError("x")), lambda prompt: "nonsense", lambda prompt: '{"n": 100}'):
        with gateway(Scripted(script), store=store) as found:
            for _ in range(2):
                found.answer(task())
            assert ends(found) == {"misses": 2}
    assert not store


def test_what_the_store_says_is_checked_again():
    store, model = Dict(), Scripted(lambda prompt: GOOD)
    with gateway(model, store=store) as found:
        found.answer(task())
    ((key, text),) = store.items()
    alien = {**json.loads(text), "document": {"n": 7, "run": "rm -rf"}}
    for wrong in ("", "{", "[]", "null", "{}", json.dumps(alien), text.replace('"n": 7', '"n": 700'), "[" * 100_000):
        store[key] = wrong
        with gateway(model, store=store) as found:
            assert found.answer(task()).document == {"n": 7}
            assert ends(found) == {"misses": 1}


def test_a_store_that_fails_makes_it_slow_and_nothing_else():
    store, model = Dict(), Scripted(lambda prompt: GOOD)
    store.broken = MachineError("the disk is full")
    with gateway(model, store=store, settings=similar_on()) as found:
        answer = found.answer(task())
        assert answer.notes == ("not kept in the cache: the disk is full",)
        assert found.answer(task()).source == "cache"
        assert found.counters().store_errors >= 2


def test_switched_off_it_asks_every_time():
    store, model = Dict(), Scripted(lambda prompt: GOOD)
    with gateway(model, store=store, settings=GatewaySettings(cache=CacheSettings(enabled=False))) as found:
        for _ in range(3):
            assert found.answer(task()).source == "model"
        assert (ends(found), len(store)) == ({"misses": 3}, 0)


def test_an_answer_has_its_time():
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = Dict()
    question = Question("ab" * 16, "raw", Slots({"a": 1}), lambda document: document)
    answer = Answer({"n": 1}, "ollama", "m", "d", "json", "model", now[0].isoformat(), 1)
    AnswerCache(store, CacheSettings(ttl_s=3600), now=lambda: now[0]).keep(question, answer)
    for minutes, there in ((59, True), (61, False)):
        now[0] = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        fresh = AnswerCache(store, CacheSettings(ttl_s=3600), now=lambda: now[0])
        assert (fresh.find(question) is not None) == there
    store[question.key] = store[question.key].replace("2026", "some")
    assert AnswerCache(store, CacheSettings(ttl_s=3600)).find(question) is None


def test_similar_is_off_until_somebody_says_otherwise():
    model = Scripted(lambda prompt: GOOD)
    with gateway(model) as found:
        found.answer(task(LONG))
        assert found.answer(task(LONG.replace("A busy", "The busy"))).source == "model"


def test_a_similar_answer_says_what_it_is():
    store, model = Dict(), Scripted(lambda prompt: GOOD)
    other = LONG.replace("A busy", "The busy").replace(".", "!")
    with gateway(model, store=store, settings=similar_on()) as found:
        found.answer(task(LONG))
        answer = found.answer(task(other))
        assert answer.source == "similar"
        words, first, second = answer.notes[0].split(": ")[0], *answer.notes[0].split(": ")[1].split(" served by ")
        assert words.startswith("similar, score 0.")
        assert len(first) == len(second) == 32
        assert bytes.fromhex(second) in store
        assert [s.stage for s in answer.chain] == ["cache", "similar"]
        assert ends(found) == {"misses": 1, "similar": 1}
        assert found.telemetry.recent()[0]["source"] == "cache_similar"
    with gateway(model, store=store, settings=similar_on()) as found:
        assert found.answer(task(other)).source == "similar", "fingerprints come back from the store"
        assert found.answer(task(LONG.replace("not ", ""))).source == "model"
        assert found.counters().gate_refusals == 1
    assert "busy" not in json.dumps([meta["print"] for meta in store.metas.values()])


def test_nothing_that_changes_the_meaning_hits_through_the_gateway():
    for seed in range(40):
        draw = random.Random(seed)
        text = description(draw)
        for change in CHANGES:
            with gateway(Scripted(lambda prompt: GOOD), settings=similar_on(similar_bits=64)) as found:
                found.answer(task(text, strict="payment"))
                other = change(worded_otherwise(text, draw), draw)
                assert found.answer(task(other, strict="payment")).source == "model", (text, other)
                assert found.answer(task(worded_otherwise(text, draw), strict="hint: low")).source == "model"


def test_a_share_is_checked_by_really_asking():
    said = iter(['{"n": 7}', '{"n": 7}', '{"n": 90}'])
    model = Scripted(lambda prompt: next(said))
    with gateway(model, settings=similar_on(audit_share=1.0)) as found:
        found.answer(task(LONG))
        assert found.answer(task(LONG.replace("A ", "The "))).source == "model", "who is checked gets the model's own"
        found.answer(task(LONG.replace("A ", "a ").replace(".", "!")))
        counters = found.counters()
        assert (counters.audited, counters.disagreed, counters.misses, counters.similar) == (2, 1, 3, 0)


def test_a_check_that_cannot_be_made_serves_the_similar_one():
    said = iter([GOOD])

    def script(prompt):
        try:
            return next(said)
        except StopIteration:
            raise errors.ModelGarbageError("gone") from None

    with gateway(Scripted(script), settings=similar_on(audit_share=1.0)) as found:
        found.answer(task(LONG))
        assert found.answer(task(LONG.replace("A ", "The "))).source == "similar"
        assert found.counters().audited == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 0.5, "evidence": "x"}, {"a": 0.55, "evidence": "y"}, True),
        ({"a": 0.5}, {"a": 0.7}, False),
        ({"a": 4000}, {"a": 4300}, True),
        ({"a": 4000}, {"a": 5000}, False),
        ({"a": [1, "x"]}, {"a": [1, "x"]}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": "retry"}, {"a": "leave"}, False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": None}, {"a": None}, True),
    ],
)
def test_when_two_answers_agree(one, other, same):
    assert agree(one, other) == agree(other, one) == same


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_every_request_ends_as_exactly_one_thing(seed):
    """Threads with few questions, small memory, failures, stops, short budgets, similar texts: the sum always holds."""
    draw = random.Random(seed)
    clock = Clock()

    def script(prompt):
        time.sleep(draw.choice([0, 0, 0.0003]))
        chance = draw.random()
        if chance < 0.1:
            raise errors.ModelGarbageError("x")
        if chance < 0.15:
            raise CancelledError("stopped")
        if chance < 0.2:
            raise errors.ModelTimeoutError("slow")
        return GOOD if chance < 0.9 else "nonsense"

    store = Dict() if draw.random() < 0.7 else None
    model = Scripted(script, parallel=draw.choice([1, 4]))
    found = gateway(
        model, clock=clock, store=store, capacity=draw.choice([1, 3, 100]), settings=similar_on(audit_share=0.3)
    )
    texts = [LONG, LONG.replace("A ", "The "), LONG.replace("not ", ""), "x"]
    served, failed = [], []

    def work(number):
        own = random.Random(seed * 31 + number)
        for _ in range(12):
            stop = own.random() < 0.1
            try:
                answer = found.answer(
                    task(own.choice(texts), raw=own.choice(["", "r"])),
                    backend=own.choice(["auto", "llamacpp"]),
                    budget_ms=own.choice([0, 1000, 1000, 1000]),
                    client=number,
                    should_stop=(lambda stop=stop: stop) if own.random() < 0.5 else None,
                )
                served.append(answer)
            except (errors.ModelError, CancelledError) as error:
                failed.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counters = found.counters()
    assert len(served) + len(failed) == counters.requests == 60
    assert counters.ended == 60
    assert counters.requests == (
        counters.memory_hits + counters.store_hits + counters.similar + counters.misses + counters.joined
    )
    assert all(answer.document in ({"n": 7}, {"n": 0}) for answer in served)
    assert (found._flights.flying, found._flights.waiting) == (0, 0)
    assert len(found.cache.raw) <= found.cache.settings.capacity
    assert sum(answer.source == "similar" for answer in served) >= counters.similar
    found.close()
    if store is not None:
        assert store.totals["requests"] == 60
        assert all(Answer.from_json(text).document == {"n": 7} for text in store.values())
