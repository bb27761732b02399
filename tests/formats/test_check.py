"""Static checks: each finds its defect, at its line, and is silent on what is right."""

# ruff: noqa: E501
from __future__ import annotations

import pytest

from turbulence_app.formats.check import check_folder, check_policy, check_scenario, check_workflow
from turbulence_app.formats.folder import Folder, read_folder
from turbulence_app.formats.loader import parse_policies, parse_scenario, parse_workflow
from turbulence_app.resources import resource_path

BASE = """id: w
services: {api: {base_url: "http://127.0.0.1:1"}}
entry: {seed_data: {sku: [a, b]}}
parameters: {qty: {type: range, min: 1, max: 5}}
variation: {toggles: [{name: coupon, probability: 0.5}]}
flow:
  - {name: get, type: http, service: api, path: /, extract: {pid: $.id}}
  - name: ask
    type: decide
    decision: next
    options: {buy: buys, leave: leaves}
    output_var: choice
"""


def found(tail: str, **keys) -> list[str]:
    text = BASE + tail
    return [
        f"{p.severity[0]}{p.where.line}: {p.message}"
        for p in check_workflow(parse_workflow(text, "w"), text, "w", **keys)
    ]


def test_a_sound_workflow_has_no_findings():
    assert found(
        "  - {name: b, type: branch, condition: \"choice == 'buy' and qty > 1 and coupon and pid != sku\",\n"
        "     if_true: [{name: e, type: end, outcome: abandoned}]}\n"
        "  - {name: r, type: repeat, while: get2.failed, max: 3, steps: [{name: get2, type: http, service: api,\n"
        "     path: \"/{{ pid }}\", json: {q: \"{{qty}}\", z: \"{{ nothing | default:1 }}\"}}]}\n"
        "invariants:\n"
        "  - {name: i, always: \"effects('get') <= 1\"}\n"
        "  - {name: g, gate: \"p95('get.latency_ms') < 5 and rate('get.failed') < 0.1 and violations('i') == 0\"}\n"
        "  - {name: p, at_end: \"probe('/x').status == 200\", targets: [app, http]}\n"
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    ("tail", "finding"),
    [
        ("  - {name: e, type: end}\n  - {name: late, type: think}\n", "w14: step 'late' can never be reached"),
        ("  - {name: e, type: end, outcome: failed}\n", "w6: dead end: no way through the flow completes a visit"),
        ("  - {name: b, type: branch, condition: 'true', if_true: [], if_false: [{name: x, type: think}]}\n",
         "w13: step 'x' can never be reached"),
        ("  - {name: x, type: think, when: 1 == 2}\n", "w13: step 'x' can never be reached"),
        ("  - {name: b, type: branch, condition: coupon}\n", "w13: branch 'b' leads nowhere"),
        ("  - {name: x, type: think, when: qyt > 1}\n", "e13: nothing defines 'qyt'"),
        ("  - {name: x, type: think, when: choice == 'byu'}\n", "e13: 'choice' is never 'byu'"),
        ("  - {name: x, type: think, when: gte.failed}\n", "e13: no step is called 'gte'"),
        ("  - {name: x, type: think, when: \"failures('gte') > 1\"}\n", "e13: no step is called 'gte'"),
        ("  - {name: x, type: think, when: \"count('get', 'okk') > 1\"}\n", "e13: 'get' never answers 'okk'"),
        ("  - {name: x, type: think, when: get}\n", "e13: 'get' is a step, not a value"),
        ("  - {name: x, type: think, when: \"p95('get.latency_ms') > 1\"}\n", "e13: p95() speaks of the whole run"),
        ("  - {name: x, type: think, when: 'qty >'}\n", "e13: unexpected the end at position 6"),
        ("  - {name: x, type: http, service: ap, path: /}\n", "e13: no service is called 'ap'"),
        ("  - {name: x, type: http, service: api, path: '/{{ pdi }}'}\n", "e13: nothing defines 'pdi'"),
        ("  - {name: get, type: think}\n", "e13: two steps are called 'get'"),
        ("  - {name: d, type: decide, decision: other}\n", "w13: decision 'other' has no options of its own"),
        ("  - {name: r, type: repeat, while: qty > 1, max: 9, steps: [{name: x, type: think}]}\n",
         "w13: nothing in loop 'r' changes what its 'while' asks: it only stops after 9 rounds"),
        ("  - {name: f, type: form, fields: [{name: a}, {name: a}]}\n", "e13: two fields are called 'a'"),
        ("invariants: [{name: i, gate: 'qty > 1'}]\n", "e13: a gate cannot read 'qty'"),
        ("invariants: [{name: i, gate: \"p95('gt.latency_ms') > 1\"}]\n", "e13: no step is called 'gt'"),
        ("invariants: [{name: i, gate: \"rate('complete') > 1\"}]\n", "e13: rate() cannot measure 'complete'"),
        ("invariants: [{name: i, always: \"probe('/x') == 1\", targets: [model]}]\n",
         "e13: probe() needs a real service, which the model target has not"),
        ("invariants: [{name: i, at_end: \"python('m:f')\", targets: [model, http]}]\n",
         "e13: python() needs the application in the engine's process, which the model and http target has not"),
        ("invariants: [{name: i, at_end: \"python('m')\"}]\n", "e13: python cannot mean 'm' at position 1"),
        ("invariants: [{name: i, always: \"total('get.ok') <= total('gte.ok')\"}]\n", "e13: no step is called 'gte'"),
        ("invariants: [{name: i, always: \"total('get.okk') < 9\"}]\n", "e13: nothing of step 'get' is called 'okk'"),
        ("invariants: [{name: i, at_end: \"total('get.ok') < qty\"}]\n",
         "e13: 'i' is asked once, at the world's end: it cannot know 'qty'"),
        ("invariants: [{name: i, at_end: \"probe('/x', 'ap').status == 200\"}]\n", "e13: no service is called 'ap'"),
        ("invariants: [{name: i, once_per: {step: gte, key: qty}}]\n", "e13: no step is called 'gte'"),
        ("invariants: [{name: i, once_per: {step: get, key: qyt}}]\n", "e13: nothing defines 'qyt'"),
        ("invariants: [{name: i, once_per: {step: get, key: qty}, targets: [model]}]\n",
         "e13: once_per needs a world that users share, which the model target has not"),
        ("invariants:\n - name: i\n   within: {after: qty > 1, then: gte.failed, seconds: 3}\n",
         "e15: no step is called 'gte'"),
        ("  - {name: x, type: think, when: \"total('get.ok') > 1\"}\n", "e13: a person cannot know total()"),
        ("invariants: [{name: i, gate: \"total('get.ok') > 1\"}]\n", "e13: a gate cannot know total()"),
        ("durable: [state.db]\n", "e13: nothing can be durable without an application"),
        ("app: shop.main\n", "e13: 'shop.main' names no application"),
        ("app: 'shop.main:app'\ndurable: [db]\n", "e14: 'db' names nothing that could last"),
        ("invariants: [{name: i, always: 'true'}]\n", "w13: 'i' can never be exercised: it asks nothing"),
        ("invariants:\n - {name: i, sometimes: coupon}\n - {name: i, sometimes: coupon}\n",
         "e15: two invariants are called 'i'"),
        ("  - {name: e, type: end}\n  - {name: x, type: http, service: api, path: /}\n"
         "invariants: [{name: i, always: \"effects('x') < 2\"}]\n", "w15: 'i' can never be exercised: nobody reaches step 'x'"),
        ("turbulence: {actions: {gte: {retry_count: 1}}}\n", "e13: no step is called 'gte'"),
    ],
)  # fmt: skip
def test_each_defect(tail, finding):
    assert finding in found(tail)


def test_the_mend_names_the_nearest():
    text = BASE + "  - {name: x, type: think, when: qyt > 1}\n"
    (problem,) = check_workflow(parse_workflow(text, "w"), text, "w")
    assert str(problem) == "w:13: nothing defines 'qyt' (did you mean 'qty'?)"


def test_names_of_the_policies_are_known():
    assert found("  - {name: x, type: think, when: mood == 1}\n", known=["mood"]) == []


def policy(body: str) -> list[str]:
    text = "policies:\n- persona_id: a\n  workflow: w\n" + body
    (one,) = parse_policies(text, "p")
    return [
        f"{p.severity[0]}{p.where.line}: {p.message}" for p in check_policy(one, parse_workflow(BASE, "w"), text, "p")
    ]


NEXT = "  decisions: {next: {options: {buy: 1}}}\n"


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        (NEXT, []),
        ("", ["e2: 'a' has no weights for decision 'next'"]),
        ("  decisions: {next: {options: {byu: 1}}}\n", ["e4: decision 'next' has no option 'byu'"]),
        ("  decisions: {next: {options: {buy: 0}}}\n", ["e4: the weights of decision 'next' sum to nothing"]),
        ("  decisions:\n    next: {options: {buy: 1}}\n    nxt: {options: {a: 1}}\n", ["e6: no decision is called 'nxt'"]),
        ("  decisions: {next: {options: {buy: 1}, cases: [{when: qyt > 1, options: {buy: 1}}]}}\n",
         ["e4: nothing defines 'qyt'"]),
        (NEXT + "  retries: {steps: {gte: 1}}\n", ["e5: no step is called 'gte'"]),
        (NEXT + "  retries: {steps: {ask: 1}}\n", ["w5: step 'ask' makes no request, so there is nothing to retry"]),
        (NEXT + "  pacing: {steps: {gte: 1}}\n", ["e5: no step is called 'gte'"]),
        (NEXT + "  parameters: {qty: {type: range, min: 0, max: 2}}\n",
         ["e5: parameter 'qty' goes beyond what the workflow allows"]),
        (NEXT + "  parameters: {qtty: {type: range, min: 1, max: 2}}\n", ["e5: no parameter is called 'qtty'"]),
        (NEXT + "  toggles: {coupn: 1}\n", ["e5: no toggle is called 'coupn'"]),
    ],
)  # fmt: skip
def test_policies(body, findings):
    assert policy(body) == findings


def scenario(body: str) -> list[str]:
    (persona_policy,) = parse_policies("persona_id: a\nworkflow: w\n" + NEXT.strip(), "p")
    from turbulence_app.domain.persona import Persona

    folder = Folder(
        root=resource_path("samples/shop"), workflows={"w": parse_workflow(BASE, "w")},
        personas={"a": Persona(id="a"), "b": Persona(id="b")}, policies={("w", "a"): persona_policy},
    )  # fmt: skip
    text = "id: s\nworkflow: w\n" + body
    return [
        f"{p.severity[0]}{p.where.line}: {p.message}"
        for p in check_scenario(parse_scenario(text, "s"), folder, text, "s")
    ]


@pytest.mark.parametrize(
    ("body", "findings"),
    [
        ("crowd: {a: 1}\n", []),
        ("crowd: {a: 0}\n", ["w3: 'b' has no policy for workflow 'w'", "e3: the weights of the crowd sum to nothing"]),
        ("crowd: {a: 1, c: 1}\n", ["e3: no persona is called 'c'"]),
        ("crowd: {a: 1, b: 1}\n", ["w3: 'b' has no policy for workflow 'w'"]),
        ("crowd: {a: 1}\ntarget: app\n", ["e4: the app target needs an application"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: reorder}\n", ["e5: the model target cannot do the fault 'reorder'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: crash}\n", ["e5: a crash without at_seconds never happens"]),
        ("crowd: {a: 1}\ntarget: app\nfaults:\n- {kind: crash}\n", ["e4: the app target needs an application"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: gray, skew_seconds: 3}\n", ["w5: skew_seconds means nothing for the fault 'gray'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: partition}\n", ["w5: a partition without a window lasts for ever: nobody gets an answer"]),
        ("crowd: {a: 1}\ntarget: http\nfaults:\n- {kind: clock_skew, skew_seconds: 3}\n", ["e6: a live service cannot be struck by 'clock_skew'"]),
        ("crowd: {a: 1}\nliveness: {seconds: 3}\n", ["w4: nothing can recover on the model target: services there are numbers"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, step: gte}\n", ["e5: no step is called 'gte'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, step: ask}\n",
         ["w5: a decide step makes no request, so 'timeout' can never strike 'ask'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, service: pia}\n", ["e5: no service is called 'pia'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, persona: z}\n", ["e5: no persona is called 'z'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, when: qyt > 1}\n", ["e5: nothing defines 'qyt'"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: timeout, probability: 0}\n", ["w5: timeout on every step never strikes"]),
        ("crowd: {a: 1}\nfaults:\n- {kind: quiet}\n", ["w5: a quiet time without from_seconds and to_seconds silences every fault"]),
    ],
)  # fmt: skip
def test_scenarios(body, findings):
    assert sorted(scenario(body)) == sorted(findings)


def test_an_unknown_workflow_is_named():
    folder = read_folder(resource_path("samples/shop"))
    text = "id: s\nworkflow: chekout\n"
    (problem,) = check_scenario(parse_scenario(text, "s"), folder, text, "s")
    assert str(problem) == "s:2: no workflow is called 'chekout' (did you mean 'checkout'?)"


@pytest.mark.parametrize("name", ["shop", "blank"])
def test_the_samples_are_without_findings(name):
    assert check_folder(read_folder(resource_path(f"samples/{name}"))) == []


def test_a_folder_is_checked_as_a_whole(tmp_path):
    for name in ("workflows", "personas", "policies", "scenarios"):
        (tmp_path / name).mkdir()
    (tmp_path / "turbulence.yaml").write_text("workflow: v\nscenario: t\n")
    (tmp_path / "workflows/w.yaml").write_text(BASE)
    (tmp_path / "workflows/x.yaml").write_text("id: w\nflow: [{name: a, type: end}]\n")
    (tmp_path / "personas/a.yaml").write_text("id: a\n")
    (tmp_path / "policies/a.yaml").write_text("policies:\n- persona_id: z\n  workflow: w\n" + NEXT)
    (tmp_path / "scenarios/s.yaml").write_text("id: s\nworkflow: w\ncrowd: {a: 1}\n")
    (tmp_path / "scenarios/old.yaml").write_text("id: old\nflow: [{name: a, type: end}]\n")
    (tmp_path / "scenarios/bad.yaml").write_text("id: [\n")
    folder = read_folder(tmp_path)
    assert set(folder.workflows) == {"w", "old"}
    messages = [p.message for p in check_folder(folder)]
    for words in ("defined twice", "no workflow is called 'v'", "no scenario is called 't'", "no persona is called 'z'",
                  "'a' has no policy", "did not find expected"):  # fmt: skip
        assert any(words in message for message in messages), words
