"""``demo``: the whole main job, twice the same, once for programs and once for people."""

from tests.cli.conftest import child, finished


def test_the_demo_does_the_main_job_and_twice_the_same() -> None:
    first, people = finished(child("demo", "--users", 20_000, "--json")), finished(child("demo", "--users", 20_000))
    assert first.status == 0, first.err
    document = first.json
    assert len(document["policies"]) == 5
    for policy in document["policies"]:
        assert policy["provenance"]["backend"] == "builtin"
        assert policy["provenance"]["source"] == "model"
        assert any(policy["evidence"].values())
    assert document["users"] == 20_000
    assert 0 < document["completion"] < 1
    assert {step["step"] for step in document["funnel"]} >= {"browse", "pay", "bought"}
    assert document["latency_ms"]["pay"]["p99"] >= document["latency_ms"]["pay"]["p95"] > 0
    failure = document["failure"]
    assert failure["invariant"] == "charged_once"
    assert failure["size_shrunk"] < failure["size_found"]
    assert failure["replay"] == {
        "verdict": "reproduced", "user_same": True, "user_breaks": True, "smallest_breaks": True, "smallest_same": True,
    }  # fmt: skip

    assert people.status == 0, people.err
    assert f"digest {document['digest']}" in people.out
    for part in ("Personas become policies", "people go through", "What must always hold", "What next"):
        assert part in people.out
    assert failure["events_told"] == len(failure["story"]) <= failure["events_shrunk"]
    size = f"{failure['size_shrunk']} choice{'s' * (failure['size_shrunk'] != 1)}"
    assert f"{failure['size_found']} choices → {size}; leave" in people.out
    for choice in failure["choices"]:
        assert choice["meaning"] in people.out
