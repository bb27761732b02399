"""The ladder, the exact cache and the repair, on a real HTTP server that answers as told."""

from __future__ import annotations

import json
import random
import threading
from dataclasses import asdict

import pytest

from tests.llm.sampler import Gbnf
from tests.llm.samples import PERSONA, WORKFLOW
from tests.llm.stub_ollama import MODEL, says, serving
from turbulence_app.assist.policy import compile_policy
from turbulence_app.assist.policy_schema import policy_schema
from turbulence_app.domain.errors import CancelledError, InputError, MachineError
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm import errors
from turbulence_app.llm.cache import CacheSettings, Memory, SingleFlight, canonical_key
from turbulence_app.llm.gateway import Gateway
from turbulence_app.llm.grammar import to_grammar
from turbulence_app.llm.ladder import Ladder
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.settings import GatewaySettings
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.task import Answer


class Kept(dict):
    """A store, as the database offers it."""

    def put(self, key, value_json, meta):
        assert isinstance(key, bytes)
        assert len(key) == 16
        assert json.dumps(meta)
        self[key] = value_json

    def prints(self, limit):
        return ()

    def count(self, totals):
        pass

    def flush(self):
        pass


def good():
    """An answer whose numbers make sense, as a model writes it."""
    answer = json.loads(Gbnf(to_grammar(policy_schema(WORKFLOW)).text).draw(random.Random(3)))
    answer["decisions"]["browse_next"] = {
        "because": "shops during LUNCH  breaks",
        "percent": {"add_to_cart": 70, "view_details": 20, "leave": 10},
    }
    answer["decisions"]["payment_failed"]["percent"] = {"retry": 25, "stop": 75}
    return answer


GOOD = json.dumps(good())


@pytest.fixture(autouse=True)
def _environment(monkeypatch, tmp_path):
    for name in ("OLLAMA_URL", "OLLAMA_HOST", "OLLAMA_MODEL", "LLM_CACHE_CAP", "LLM_TIMEOUT_MS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))


def gateway(server, store=None, **more):
    return Gateway(store, ollama_url=server.url, **more)


def chats(server):
    return [body for path, body in server.requests if path == "/api/chat"]


def total(counters):
    return counters.ended


def test_the_same_persona_compiles_once():
    store = Kept()
    with serving(lambda _: says(GOOD)) as server:
        with gateway(server, store) as first:
            made = compile_policy(PERSONA, WORKFLOW, gateway=first, backend="ollama")
            again = compile_policy(PERSONA, WORKFLOW, gateway=first, backend="ollama")
            counters = first.counters()
            assert (counters.calls, counters.memory_hits, counters.misses) == (1, 1, 1)
        with gateway(server, store) as second:
            later = compile_policy(PERSONA, WORKFLOW, gateway=second, backend="ollama")
            renamed = compile_policy(PERSONA.model_copy(update={"id": "x"}), WORKFLOW, gateway=second, backend="ollama")
            counters = second.counters()
            assert (counters.calls, counters.store_hits, counters.memory_hits) == (0, 1, 1)
            assert total(counters) == counters.requests == 2
        assert len(chats(server)) == 1
    assert [p.provenance.source for p in (made, again, later, renamed)] == ["model", "cache", "cache", "cache"]
    assert made.decisions == again.decisions == later.decisions
    assert made.decisions["browse_next"].options == {"add_to_cart": 0.7, "view_details": 0.2, "leave": 0.1}
    assert made.evidence["decisions.browse_next"] == "shops during lunch breaks"
    assert again.provenance.created_at == made.provenance.created_at
    assert renamed.persona_id == "x"


def test_whatever_shapes_an_answer_asks_again():
    with serving(lambda _: says(GOOD)) as server, gateway(server) as found:
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama", seed=43)
        other = PERSONA.model_copy(update={"description": PERSONA.description.replace("leave", "not leave")})
        compile_policy(other, WORKFLOW, gateway=found, backend="ollama")
        server.models = [{**MODEL, "digest": "e" * 64}]
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        described = WORKFLOW.model_copy(update={"description": "Sell something."})
        compile_policy(PERSONA, described, gateway=found, backend="ollama")
        assert len(chats(server)) == 5
        plain = WORKFLOW.plain()
        plain["flow"][0]["path"] = "/other"
        compile_policy(PERSONA, Workflow.model_validate(plain), gateway=found, backend="ollama")
        assert len(chats(server)) == 5, "an address is no part of the question"


def test_a_persona_worded_otherwise_takes_a_kept_answer_only_where_that_was_wished():
    words = PERSONA.description
    same = PERSONA.model_copy(update={"description": words.replace("A busy", "The busy").replace("\n", " ")})
    others = [words.replace("and may", "and may not"), words.replace("once", "twice"), words.replace("fail", "succeed")]
    on = GatewaySettings(cache=CacheSettings(similar=True, audit_share=0.0))
    with serving(lambda _: says(GOOD)) as server, gateway(server, settings=on) as found:
        made = compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        served = compile_policy(same, WORKFLOW, gateway=found, backend="ollama")
        assert served.provenance.source == "similar"
        assert served.provenance.notes[0].startswith("similar, score 0.")
        assert served.decisions == made.decisions
        quoted = [words for words in served.evidence.values() if words]
        assert all(words.casefold() in " ".join(same.description.casefold().split()) for words in quoted)
        hinted = PERSONA.model_copy(update={"hints": {"timeout_tolerance": "high"}})
        for other in [hinted, *(PERSONA.model_copy(update={"description": text}) for text in others)]:
            assert compile_policy(other, WORKFLOW, gateway=found, backend="ollama").provenance.source == "model"
    with serving(lambda _: says(GOOD)) as server, gateway(server) as found:
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        assert compile_policy(same, WORKFLOW, gateway=found, backend="ollama").provenance.source == "model"


def test_an_invalid_answer_is_repaired_once_with_the_validators_words():
    bad = good()
    bad["decisions"]["browse_next"]["percent"] = {"add_to_cart": 0, "view_details": 0, "leave": 0}
    answers = [json.dumps(bad), GOOD]
    with serving(lambda _: says(answers.pop(0))) as server, gateway(server) as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        second = chats(server)[1]["messages"]
        assert second[-2]["role"] == "assistant"
        assert "decisions.browse_next: all percentages are 0" in second[-1]["content"]
        assert policy.provenance.notes[0].startswith("repaired once: decisions.browse_next")
        assert found.counters().repairs == 1
        assert compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama").provenance.source == "cache"


def test_after_one_repair_the_rules_take_over_only_what_is_wrong():
    bad = good()
    bad["decisions"]["browse_next"]["percent"] = {"add_to_cart": 0, "view_details": 0, "leave": 0}
    del bad["visit_seconds"]
    bad["toggles"]["free_money"] = 100
    store = Kept()
    with serving(lambda _: says(json.dumps(bad))) as server, gateway(server, store) as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        counters = found.counters()
        assert (counters.calls, counters.repairs, counters.fallbacks) == (2, 1, 1)
        assert not store, "what is not wholly the model's own is not kept"
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        assert found.counters().calls == 4
    notes = " | ".join(policy.provenance.notes)
    assert "invalid answer" in notes
    assert "from the rules: decisions.browse_next" in notes
    assert "patience.visit_seconds" in notes
    assert policy.decisions["payment_failed"].options == {"retry": 0.25, "stop": 0.75}
    assert sum(policy.decisions["browse_next"].options.values()) == pytest.approx(1, abs=1e-3)
    assert policy.provenance.backend == "ollama"


@pytest.mark.parametrize(
    "text", ["I am sorry, I cannot do that.", "{}", "[]", '{"decisions": 5}', "[" * 60_000, "9" * 9000]
)
def test_nonsense_becomes_a_policy_of_the_rules_with_the_reason(text):
    with serving(lambda _: says(text[:4000])) as server, gateway(server) as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
    assert set(policy.decisions) == {"browse_next", "payment_failed"}
    assert policy.provenance.notes[0].startswith("invalid answer")
    assert "the whole policy is from the rules" in policy.provenance.notes


def test_auto_goes_down_the_ladder_and_says_why():
    with serving(lambda _: (500, {"error": "out of memory"})) as server, gateway(server) as found:
        found.ladder._builtin = NoBuiltin()
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found)
        assert policy.provenance.backend == policy.provenance.source == "rules"
        assert policy.provenance.notes[0].startswith("ollama failed (broken): Ollama answered 500: out of memory")
        assert policy.provenance.notes[1].startswith("builtin failed (machine): weights are missing")
        counters = found.counters()
        assert (counters.failures, counters.fallbacks, counters.requests) == (2, 1, 1)
        with pytest.raises(errors.ModelError, match="out of memory"):
            compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        with pytest.raises(MachineError, match="weights are missing"):
            compile_policy(PERSONA, WORKFLOW, gateway=found, backend="builtin")
        counters = found.counters()
        assert total(counters) == counters.requests


class NoBuiltin:
    name, model, digest = "builtin", "", "x"

    def policy_document(self, persona, workflow):
        raise MachineError("weights are missing", "install again")


def test_auto_without_any_model_takes_the_built_in_one():
    with Gateway(ollama_url="http://127.0.0.1:9") as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found)
    assert policy.provenance.backend == "builtin"
    assert policy.provenance.mode == "embedding"
    assert policy.provenance.notes == ()


def test_auto_says_that_a_model_that_was_named_is_not_here():
    with Gateway(ollama_url="http://127.0.0.1:9") as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found, model="nobody")
    assert policy.provenance.backend == "builtin"
    assert policy.provenance.notes == ("llamacpp failed (absent): no model is called 'nobody' here",)


def test_auto_prefers_a_local_file_and_falls_from_a_broken_one(tmp_path):
    registry, path = ModelRegistry(), tmp_path / "m.gguf"
    from tests.llm.tiny_gguf import write

    write(path)
    registry.add(path)
    path.write_bytes(b"GGUF but no more")
    with serving(lambda _: says(GOOD)) as server, gateway(server) as found:
        if not _has_llama():
            pytest.skip("the extra llama is not installed")
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found)
    assert policy.provenance.backend == "ollama"
    assert policy.provenance.notes[0].startswith("llamacpp failed (file)")


def _has_llama():
    from turbulence_app.llm.backends.llamacpp import installed

    return installed()


def test_a_cancel_is_no_reason_to_try_the_next():
    with serving(lambda _: says(GOOD)) as server, gateway(server) as found, pytest.raises(CancelledError):
        compile_policy(PERSONA, WORKFLOW, gateway=found, should_stop=lambda: True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"backend": "gpt"}, "no backend"),
        ({"backend": "ollama", "mode": "logits"}, "no mode"),
        ({"mode": "json"}, "needs a backend"),
    ],
)
def test_wrong_calls_are_input_errors(more, words):
    with Gateway(ollama_url="http://127.0.0.1:9") as found, pytest.raises(InputError, match=words):
        compile_policy(PERSONA, WORKFLOW, gateway=found, **more)


def test_a_decision_without_options_is_refused():
    bare = Workflow.model_validate({"id": "w", "flow": [{"name": "d", "type": "decide", "decision": "next"}]})
    with Gateway() as found, pytest.raises(InputError, match="no options"):
        compile_policy(PERSONA, bare, gateway=found)


def test_a_persona_without_words_gets_the_rules_and_is_told():
    with serving(lambda _: says(GOOD)) as server, gateway(server) as found:
        policy = compile_policy(Persona(id="empty"), WORKFLOW, gateway=found)
        assert policy.provenance.source == "rules"
        assert "no description" in policy.provenance.notes[0]
        assert not chats(server)


def test_a_damaged_or_alien_entry_counts_as_not_there():
    store = Kept()
    with serving(lambda _: says(GOOD)) as server, gateway(server, store) as found:
        compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
        ((key, text),) = store.items()
        alien = json.loads(text)
        alien["document"]["decisions"]["other"] = {"options": {"a": 1}}
        for wrong in ("{", "[]", "{}", json.dumps(alien)):
            store[key] = wrong
            with gateway(server, store) as fresh:
                policy = compile_policy(PERSONA, WORKFLOW, gateway=fresh, backend="ollama")
                assert policy.provenance.source == "model"
                assert json.loads(store[key])["document"]["decisions"].keys() == policy.decisions.keys()


def test_a_store_that_fails_is_noted_not_fatal():
    class Full(Kept):
        def put(self, key, value_json, meta):
            raise MachineError("disk full")

    with serving(lambda _: says(GOOD)) as server, gateway(server, Full()) as found:
        policy = compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama")
    assert policy.provenance.notes[-1] == "not kept in the cache: disk full"


def test_equal_questions_share_one_call():
    asked, go = threading.Event(), threading.Event()

    def chat(_):
        asked.set()
        go.wait(20)
        return says(GOOD)

    with serving(chat) as server, gateway(server) as found:
        made = []
        threads = [
            threading.Thread(
                target=lambda: made.append(compile_policy(PERSONA, WORKFLOW, gateway=found, backend="ollama"))
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        asked.wait(20)
        while found.counters().requests < 4 or [path for path, _ in server.requests].count("/api/tags") < 4:
            threading.Event().wait(0.01)
        go.set()
        for thread in threads:
            thread.join()
        counters = found.counters()
        assert len(chats(server)) == counters.calls == 1
        assert total(counters) == counters.requests == 4
        assert len({json.dumps(p.plain()["decisions"]) for p in made}) == 1


def test_the_memory_forgets_what_was_used_longest_ago():
    cache = Memory(2)
    cache.put(("p", "a"), 1)
    cache.put(("p", "b"), 2)
    assert cache.get(("p", "a")) == 1
    cache.put(("p", "c"), 3)
    assert [cache.get((p, t)) for p, t in ("pb", "pa", "qa")] == [None, 1, None]
    assert cache.uses().evictions == 1
    assert cache.clear() == 2


def test_keys_do_not_run_into_each_other():
    assert canonical_key("ab", Slots({"x": "c"})) != canonical_key("ab", Slots({"xc": ""}))
    assert len(canonical_key("", Slots({}))) == 16


def test_an_error_reaches_all_who_wait_and_is_not_remembered():
    flights, go, seen = SingleFlight(), threading.Event(), []

    def fail():
        go.wait(20)
        raise ValueError("no")

    def wait():
        try:
            flights.do(b"k", fail)
        except ValueError as error:
            seen.append(str(error))

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join()
    assert seen == ["no"] * 3
    assert flights.do(b"k", lambda: 5) == (5, False)


def test_answers_survive_the_store():
    answer = Answer({"a": 1}, "ollama", "m", "d", "json", "model", "2026-01-01T00:00:00+00:00", 7, 1.5, ("n",))
    assert Answer.from_json(answer.to_json()) == answer
    assert asdict(answer)["notes"] == ("n",)


def test_the_list_of_backends_is_closed(tmp_path):
    ladder = Ladder(ModelRegistry(tmp_path), None, (), None)
    with pytest.raises(InputError, match="builtin, llamacpp, ollama, rules"):
        list(ladder.rungs("cloud", None, None))


def test_numbers_of_the_environment_are_checked(monkeypatch):
    monkeypatch.setenv("LLM_CACHE_CAP", "many")
    with pytest.raises(InputError, match="LLM_CACHE_CAP"):
        Gateway()
