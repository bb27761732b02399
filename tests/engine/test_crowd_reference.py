"""One semantics, two executors: the crowd gives the bits of the reference, whatever the world."""

from collections import Counter

import numpy as np
from hypothesis import HealthCheck, given, settings

from tests.engine.shop import shop
from tests.engine.worlds import worlds
from turbulence_app.engine.crowd import Chunk
from turbulence_app.engine.nodes import OUTCOMES, REASONS, ways
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user
from turbulence_app.engine.tally import Tally


def counted_by_hand(plan, visits):
    """The tally that the reference's visits come to."""
    made = Tally(plan)
    numbers = {node.name: node for node in plan.nodes}
    for visit in visits:
        made.outcomes[visit.persona, OUTCOMES.index(visit.outcome)] += 1
        made.ended[visit.last.number if visit.last else -1, REASONS.index(visit.reason)] += 1
        for node in plan.nodes:
            state = visit.state[node.number]
            made.reached[visit.persona, node.number] += state.visits > 0
            made.requests[node.number] += state.attempts
        for _, kind, step, _, attempt, detail, _ in visit.events:
            if kind in ("decide", "branch"):
                node = numbers[step]
                made.options[node.number][ways(node).index(detail)] += 1
            if kind in ("answer", "give_up"):
                made.edges[step, detail] = made.edges.get((step, detail), 0) + 1
            if kind == "request" and attempt and numbers[step].type != "wait":
                made.retries[numbers[step].number] += 1
        for j in range(len(plan.faults)):
            made.changed[j] += visit.changed.get(j, 0)
            made.struck[j] += sum(e[1] == "fault" and e[6]["number"] == j for e in visit.events)
            made.hit[j] += visit.faults >> j & 1
        for i, rule in enumerate(plan.rules):
            made.violations[i] += rule.name in visit.broken
            made.seen[i] |= rule.name in visit.seen
            if rule.kind == "within":
                made.exercised[i] += rule.name in visit.exercised
            elif rule.tree is not None and len(rule.steps) != 1:
                made.exercised[i] += all(visit.state[step].visits for step in rule.steps)
            if rule.name in visit.broken:
                at, step, _ = visit.broken[rule.name]
                made.failures.append((visit.user, i, visit.persona, numbers[step].number if step else -1, at))
    made.failures.sort()
    return made


DURATIONS = {"arrival", "visit_patience", "think", "patience", "latency", "typing", "jitter", "step_delay"}


def sums_by_hand(visits):
    """Sums of what the reference's visits drew, by step and purpose: durations, and words of all else."""
    sums = Counter()
    for visit in visits:
        for name, _, _, purpose, word, meant, _ in visit.draws.made:
            duration = purpose in DURATIONS or purpose.endswith("_add")
            sums[f"{name}:{purpose}"] += meant if duration else word
    return sums


def assert_same(inputs, users):
    plan = compile_plan(inputs)
    chunk = Chunk(plan, 0, users)
    chunk.run()
    visits = [execute_user(plan, user) for user in range(users)]
    tally, wanted = chunk.tally, counted_by_hand(plan, visits)
    counted = ("outcomes", "reached", "requests", "retries", "ended", "struck", "hit", "changed")
    for name in (*counted, "violations", "seen", "exercised"):
        assert np.array_equal(getattr(tally, name), getattr(wanted, name)), name
    for number, counts in wanted.options.items():
        assert tally.options[number].tolist() == counts.tolist()
    answers = Counter()
    for answer in plan.answers:
        answers[answer.step, answer.name] += int(tally.answers[answer.code])
    assert +answers == Counter(wanted.edges)
    assert sorted(tally.failures) == wanted.failures
    assert chunk.fingerprints.tolist() == [v.fingerprint for v in visits]
    ends = sum(v.now for v in visits)
    assert sum(h.total for h in (*tally.complete, tally.leave)) == ends
    assert sum(tally.timeline.bins["arrived"]) == users
    drawn = sums_by_hand(visits)
    for key, sums in chunk.sums.items():
        # decisions and outcomes carry the option's number above the word
        assert int(sums.sum()) % 2**33 == drawn[key] % 2**33, key


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(users=60))
def test_any_world_is_the_same_in_both_executors(inputs):
    assert_same(inputs, inputs.users)


def test_the_shop_is_the_same_in_both_executors():
    assert_same(shop(4096), 4096)
