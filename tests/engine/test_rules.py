"""Rules that look over time and over other people: promises, keys, totals, probes, functions; and what they say."""

import pytest

from tests.engine.test_runs import simple
from turbulence_app.domain.errors import InputError
from turbulence_app.engine.answers import LiveAnswer
from turbulence_app.engine.asking import ask_again, ask_world
from turbulence_app.engine.execute import execute
from turbulence_app.engine.model_port import ModelPort
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.port import WorldState
from turbulence_app.engine.reference import execute_user, visit_user

PAY = {"name": "pay", "type": "http", "model": {"latency_ms": 100.0, "outcomes": {"ok": {"p": 1.0, "json": {"id": 7}}}}}
LOOK = {"name": "look", "type": "http", "model": {"latency_ms": 2000.0}}


class WorldPort(ModelPort):
    """A model with a world around it: what a live port gives to rules."""

    def __init__(self, plan, answers=None):
        super().__init__(plan)
        self.world, self.answers, self.asked = WorldState(), answers or {}, []

    async def probe(self, visit, service, path):
        self.asked.append((visit.user if visit else None, service, path))
        return LiveAnswer("", "ok", 200, {}, self.answers.get(path, b"null"))

    def python(self, visit, target):
        return len(self.world.visits) if target == "checks:people" else None


def drive(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


def rule(**given):
    return {"name": "r", **given}


def world(flow, *rules, users=2, answers=None, **changes):
    plan = compile_plan(simple(flow, users=users, target="app", invariants=list(rules), **changes))
    port = WorldPort(plan, answers)
    visits = [drive(visit_user(plan, user, port)) for user in range(users)]
    return plan, port, visits


def broken(flow, *rules, **changes):
    visit = execute_user(compile_plan(simple(flow, invariants=list(rules), **changes)), 0)
    return visit.broken.get("r"), visit.messages.get("r")


def test_never_is_the_opposite_of_always():
    found, message = broken([PAY], rule(never="pay.status == 200"))
    assert found[:2] == (100_000, "pay")
    assert message == "pay.status is 200"
    assert broken([PAY], rule(never="pay.status == 404"))[0] is None


@pytest.mark.parametrize(
    ("flow", "seconds", "at_us", "message"),
    [
        ([PAY, LOOK], 3.0, None, None),  # kept in time
        ([PAY, LOOK], 1.0, 2_100_000, "2 s had passed, and only then reached('look')"),
        ([PAY], 3.0, 100_000, "the visit ended before it, and reached('look') is false"),
        ([LOOK], 3.0, None, None),  # never opened
    ],
)  # fmt: skip
def test_a_promise_is_kept_in_time_or_broken(flow, seconds, at_us, message):
    flow = [*flow, {"name": "look", "type": "think", "when": "1 > 2"}] if LOOK not in flow else flow
    flow = [*flow, {"name": "pay", "type": "think", "when": "1 > 2"}] if PAY not in flow else flow
    promise = rule(within={"after": "pay.status == 200", "then": "reached('look')", "seconds": seconds})
    found, said = broken(flow, promise)
    assert (found and found[0]) == at_us
    assert said == (message and f"pay.status == 200 was true at 0.100 s; {message}")


def test_a_promise_counts_those_for_whom_it_was_opened():
    flow = [{**PAY, "model": {"outcomes": {"ok": 0.5, "error": 0.5}}}, LOOK]
    promise = rule(within={"after": "pay.failed", "then": "look.status == 200", "seconds": 9})
    summary = execute(simple(flow, users=5000, invariants=[promise])).summary
    verdict = summary.verdicts[0]
    assert (verdict.status, verdict.violations) == ("holds", 0)
    assert verdict.exercised == summary.funnel[0].failed > 2000
    asleep = rule(within={"after": "pay.status == 404", "then": "look.failed", "seconds": 9})
    assert execute(simple(flow, users=500, invariants=[asleep])).summary.verdicts[0].status == "never_exercised"


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.7])
def test_promises_break_for_the_same_people_at_the_same_time_in_both_executors(seconds):
    model = {"latency_ms": {"min": 0, "max": 3000}, "outcomes": {"ok": 0.6, "error": 0.4}}
    again = [
        {"name": "round", "type": "repeat", "while": "visits('pay') < 5", "max": 5, "steps": [{**PAY, "model": model}]}
    ]
    promise = rule(within={"after": "pay.failed", "then": "not pay.failed", "seconds": seconds})
    inputs = simple(again, users=1000, invariants=[promise])
    plan = compile_plan(inputs)
    alone = {user: execute_user(plan, user).broken.get("r") for user in range(1000)}
    wanted = {user: found[0] for user, found in alone.items() if found}
    assert 100 < len(wanted) < 1000
    assert {f.user: f.at_us for f in execute(inputs).failures} == wanted


def test_a_key_may_succeed_once_across_all_people():
    once = rule(once_per={"step": "pay", "key": "pay.json.id"})
    _, _, (first, second) = world([PAY], once)
    assert not first.broken
    assert second.broken["r"][:2] == (100_000, "pay")
    assert second.messages["r"] == "pay succeeded again for 7; first for user 0"
    assert first.exercised == second.exercised == {"r"}
    again = [{"name": "twice", "type": "repeat", "while": "true", "max": 2, "steps": [PAY]}]
    _, _, (only,) = world(again, once, users=1)
    assert only.messages["r"] == "pay succeeded again for 7; first for the same user"
    _, _, (one, two) = world([PAY], rule(once_per={"step": "pay", "key": "pay.json.other"}))
    assert (one.broken, two.broken, one.exercised) == ({}, {}, set())


def test_totals_probes_and_functions_speak_of_the_world():
    rules = [
        rule(at_end="total('pay.effects') == 2 and total('pay.ok') == 2"),
        {"name": "stock", "at_end": "probe('/stock', 'api').json.n >= 0 and probe('/stock', 'api').status == 200"},
        {"name": "people", "at_end": "python('checks:people') < 2"},
        {"name": "everywhere", "always": "probe('/open').json == true"},
    ]
    plan, port, visits = world([PAY, LOOK], *rules, answers={"/stock": b'{"n": -1}', "/open": b"true"})
    found = {v.rule.name: v for v in drive(ask_world(plan, port))}
    assert found["r"].holds
    assert found["stock"].message == "probe('/stock', 'api').json.n is -1, not >= 0"
    assert found["people"].message == "python('checks:people') is 2, not < 2"
    assert set(found) == {"r", "stock", "people"}
    assert [v.broken for v in visits] == [{}, {}]
    # after each of two steps and at the end, for two people; then the world's own
    assert port.asked.count((0, None, "/open")) == port.asked.count((1, None, "/open")) == 3
    assert port.asked.count((None, "api", "/stock")) == 1


def test_what_acts_after_a_visit_is_seen_when_the_rules_are_asked_again():
    plan, port, (visit,) = world([PAY], rule(always="effects('pay') <= 1"), users=1)
    visit.acted(plan.nodes[0], 0, 0, 1)
    drive(ask_again(plan, visit, port))
    assert visit.messages["r"] == "effects('pay') is 2, not <= 1"


def test_a_rule_that_a_target_cannot_ask_sleeps_and_says_so():
    rules = [
        rule(at_end="probe('/x').status == 200"),
        {"name": "k", "once_per": {"step": "pay", "key": "pay.json.id"}},
        {"name": "t", "always": "total('pay.effects') < 9"},
        {"name": "live", "always": "pay.failed", "targets": ["http"]},
    ]
    summary = execute(simple([PAY], users=10, invariants=rules)).summary
    assert [(v.name, v.status, v.exercised) for v in summary.verdicts] == [
        ("r", "never_exercised", 0), ("k", "never_exercised", 0), ("t", "never_exercised", 0)
    ]  # fmt: skip
    assert summary.notes == (
        "live is a rule for http: not asked on model",
        "r is not asked: probe() needs a real service, which the model target has not",
        "k is not asked: users of the model target share nothing",
        "t is not asked: total() speaks of a world that users share, which the model target has not",
    )
    plan = compile_plan(simple([PAY], target="http", invariants=[rule(at_end="python('m:f')")]))
    assert plan.rules[0].asleep.startswith("python() needs the application")


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (rule(always="total('pax.effects') < 1"), "no step is called 'pax'"),
        (rule(at_end="probe('/x').status == 200 and pay.failed"), "cannot know pay.failed"),
        (rule(once_per={"step": "wait", "key": "1"}), "makes no request"),
        (rule(once_per={"step": "pay", "key": "total('pay.ok')"}), "people cannot know total"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(given_, words):
    with pytest.raises(InputError, match=words):
        compile_plan(simple([PAY, {"name": "wait", "type": "think"}], target="app", invariants=[given_]))


def test_messages_name_what_was_seen():
    found = [
        ("effects('pay') == 1 and pay.waited_ms <= 50", "pay.waited_ms is 100, not <= 50"),
        ("pay.failed or pay.json.id in [1, 2]", "pay.failed is false, and pay.json.id is 7, not in [1, 2]"),
        ("not (pay.status == 200 and effects('pay') == 1)", "pay.status is 200, and effects('pay') is 1"),
        ("missing", "missing is null, which counts as false"),
        ("attempts('pay') > effects('pay')", "attempts('pay') is 1, not > 1 (effects('pay'))"),
    ]
    for expression, words in found:
        assert broken([PAY], rule(always=expression))[1] == words
