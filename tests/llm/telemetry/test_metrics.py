"""Counting from several threads, documents that merge, and names from a closed list."""

from __future__ import annotations

import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.document import Document, merged
from turbulence_app.llm.telemetry.metrics import MAX_SERIES, Metrics

models = st.sampled_from(["phi3:mini", "qwen2.5", "hf.co/a/b:q4"])
entries = st.lists(
    st.one_of(
        st.tuples(st.just(names.RETRIES), models, st.integers(1, 5)),
        st.tuples(st.just(names.CALL_NS), models, st.integers(0, 10**10)),
    ),
    max_size=30,
)


def document(counted: list[tuple[str, str, int]]) -> Document:
    metrics = Metrics()
    for name, model, number in counted:
        if name in names.COUNTERS:
            metrics.add(name, {names.MODEL: model}, number)
        else:
            metrics.record(name, {names.MODEL: model}, number)
    return metrics.drain()


@given(entries, entries)
def test_documents_merge_as_if_counted_together(a: list[tuple[str, str, int]], b: list[tuple[str, str, int]]) -> None:
    together = document(a + b)
    assert merged([document(a), document(b)]) == together == merged([document(b), document(a)])
    assert Document.from_plain(json.loads(json.dumps(together.to_plain()))) == together
    assert together.total(names.RETRIES) == sum(n for name, _, n in a + b if name == names.RETRIES)
    calls = [m for name, m, _ in a + b if name == names.CALL_NS]
    assert together.by(names.CALL_NS, names.MODEL) == {m: calls.count(m) for m in sorted(set(calls))}


def test_nothing_is_lost_or_counted_twice_between_threads_and_drains() -> None:
    metrics = Metrics()
    counter, recorder = metrics.counter(names.RETRIES, {}), metrics.recorder(names.CALL_NS, {})
    busy = [True]
    drained: list[Document] = []

    def work() -> None:
        for _ in range(3000):
            counter.add()
            recorder.record(5)

    def drain() -> None:
        while busy[0]:
            drained.append(metrics.drain())

    threads = [threading.Thread(target=work) for _ in range(4)]
    drainer = threading.Thread(target=drain)
    for thread in (*threads, drainer):
        thread.start()
    for thread in threads:
        thread.join()
    busy[0] = False
    drainer.join()
    whole = merged([*drained, metrics.drain()])
    assert (whole.total(names.RETRIES), whole.total(names.CALL_NS)) == (12_000, 12_000)
    assert not metrics.drain()


def test_names_and_attributes_that_are_not_on_the_list_are_refused() -> None:
    metrics = Metrics()
    with pytest.raises(ValueError, match="not a name"):
        metrics.add("turbulence.prompts", {})
    with pytest.raises(ValueError, match="not a histogram"):
        metrics.record(names.RETRIES, {}, 1)
    with pytest.raises(ValueError, match="not an attribute"):
        metrics.add(names.RETRIES, {"persona": "ada"})


@pytest.mark.parametrize(
    "value", ["Ada Lovelace", "ada@example.org", "/home/ada/model.gguf", "a" * 200, "x{y}", "a=b", "a,b", "naïve", "\n"]
)
def test_what_does_not_look_like_a_code_or_a_model_becomes_other(value: str) -> None:
    assert names.clean(names.MODEL, value) == names.clean(names.REASON, value) == "other"


@pytest.mark.parametrize("value", ["phi3:mini", "tiny.gguf", "hf.co/ada/model:Q4_K_M", "MiniLM-L6-v2"])
def test_names_of_models_are_kept(value: str) -> None:
    assert names.clean(names.MODEL, value) == value


def test_too_many_models_are_counted_together() -> None:
    metrics = Metrics()
    for i in range(2 * MAX_SERIES):
        metrics.add(names.OPENED, {names.MODEL: f"m{i}"})
    found = metrics.drain()
    assert len(found.counters) <= MAX_SERIES + 1
    assert found.total(names.OPENED) == 2 * MAX_SERIES


@pytest.mark.parametrize(
    "plain",
    [
        {}, {"counters": [], "histograms": {}}, {"counters": {"x": 1}, "histograms": {}},
        {"counters": {"turbulence.retries{}": -1}, "histograms": {}},
        {"counters": {"turbulence.retries{}": True}, "histograms": {}},
        {"counters": {"turbulence.retries{persona=ada}": 1}, "histograms": {}},
        {"counters": {"turbulence.retries{error.type=Ada Lovelace}": 1}, "histograms": {}},
        {"counters": {}, "histograms": {"turbulence.retries{}": {}}},
        {"counters": {}, "histograms": {"turbulence.request.duration{}": []}},
    ],
)  # fmt: skip
def test_a_document_that_we_did_not_write_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        Document.from_plain(plain)
