"""The board against people counted one by one, in plain Python, from the visits of the reference executor."""

from collections import Counter
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.shop import shop
from tests.engine.worlds import worlds
from turbulence_app.domain.analysis import Among, Wanted
from turbulence_app.engine.census.census import KEYS, Census
from turbulence_app.engine.census.find import find
from turbulence_app.engine.census.look import look_at
from turbulence_app.engine.census.people import PLACES
from turbulence_app.engine.census.run import model_parts, take_census
from turbulence_app.engine.census.select import pairs
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import execute_user
from turbulence_app.insight.analysis.board import board
from turbulence_app.service.analysis import words_of

USERS = 90


def nobody(_people):
    return None


def never():
    return False


def census_of(plan, users, cuts=()):
    """Counted in parts, which are added in any order."""
    edges = [0, *sorted(set(cuts)), users]
    made = Census.of(plan)
    for first, end in reversed(list(pairwise(edges))):
        part = Census.of(plan)
        part.add(*look_at(plan, first, end - first))
        made.merge(Census.unpack(part.pack()))
    return made


class Person:
    """One visit, told by its events alone."""

    def __init__(self, plan, visit):
        types = {node.name: node.type for node in plan.nodes}
        self.persona = plan.personas[visit.persona].name
        self.outcome, self.took = visit.outcome, visit.now
        self.steps = {plan.nodes[number].name for number in visit.path}
        places = [(n, at) for n, at in zip(visit.path, visit.moments, strict=True) if plan.nodes[n].type in PLACES]
        self.place = plan.nodes[places[-1][0]].name if places else ""
        self.stayed = visit.now - (places[-1][1] if places else 0)
        answers = [e for e in visit.events if e[1] in ("answer", "give_up")]
        self.waits = [(e[2], visit.arrived + e[0] - e[6]["waited_us"], e[6]["waited_us"]) for e in answers]
        requests = [e for e in visit.events if e[1] == "request"]
        open_ended = len(requests) > len(answers)
        self.waited = sum(w for *_, w in self.waits) + (visit.now - requests[-1][0] if open_ended else 0)
        self.retries = sum(e[4] > 0 and types[e[2]] != "wait" for e in requests)
        self.asked = len(answers)


def nearest_rank(values, share):
    return sorted(values)[max(1, ceil(len(values) * share)) - 1] if values else 0


def close(told_ms, true_us):
    """As near as the middle of a bucket can be."""
    return abs(told_ms * 1000 - true_us) <= max(1.0, 0.033 * true_us)


def assert_spread(told, times):
    assert told.n == len(times)
    for share, name in ((0.5, "p50"), (0.9, "p90"), (0.95, "p95"), (0.99, "p99")):
        assert not times or close(getattr(told, name), nearest_rank(times, share)), name


def counted(bar):
    return bar.people, list(bar.personas)


def split(people, personas):
    each = Counter(p.persona for p in people)
    return len(people), [each[name] for name in personas]


def assert_board(plan, census, everybody, among):
    made = board(census, words_of(plan), among)
    personas = [persona.name for persona in plan.personas]
    people = [
        p
        for p in everybody
        if (not among.personas or p.persona in among.personas)
        and (not among.outcomes or p.outcome in among.outcomes)
        and (not among.step or among.step in p.steps)
    ]
    gone = [p for p in people if p.outcome != "completed"]
    assert (made.people, made.of) == (len(people), len(everybody))
    assert made.outcomes == {
        name: sum(p.outcome == name for p in people) for name in ("completed", "abandoned", "failed")
    }
    for bar in made.funnel:
        assert counted(bar.reached) == split([p for p in people if bar.step in p.steps], personas)
        assert counted(bar.left) == split([p for p in gone if p.place == bar.step], personas)
    assert sum(bar.left.people for bar in made.funnel) == sum(bool(p.place) for p in gone)
    assert sum(bar.count.people for bar in made.reasons) == len(gone)
    assert_spread(made.convert.whole, [p.took for p in people if p.outcome == "completed"])
    assert_spread(made.dwell.whole, [p.stayed for p in gone])
    assert sum(bar.count.people for bar in made.dwell.bars) == len(gone)
    for bar in made.convert.bars:
        inside = [p for p in people if p.outcome == "completed" and bar.low_ms * 1000 <= p.took < bar.high_ms * 1000]
        assert counted(bar.count) == split(inside, personas)
    for name, told, taken in zip(personas, made.convert.personas, made.shares, strict=False):
        mine = [p for p in people if p.persona == name]
        assert_spread(told, [p.took for p in mine if p.outcome == "completed"])
        assert taken.people == len(mine)
        if mine:
            assert taken.waited_ms == pytest.approx(sum(p.waited for p in mine) / len(mine) / 1000, abs=0.001)
            assert taken.own_ms == pytest.approx(sum(p.took - p.waited for p in mine) / len(mine) / 1000, abs=0.001)
            assert taken.retries == pytest.approx(sum(p.retries for p in mine) / len(mine), abs=1e-4)
            assert taken.requests == pytest.approx(sum(p.asked for p in mine) / len(mine), abs=1e-4)
    steps = {node.name for node in plan.nodes if node.type in PLACES}
    asked = [
        w for p in people_for_waits(everybody, among) for w in p.waits if among.step not in steps or w[0] == among.step
    ]
    assert_latencies(made.latency, asked)
    return made, people


def people_for_waits(everybody, among):
    """Answers are those of personas and outcomes; a step chooses among the answers, not among the people."""
    return [
        p
        for p in everybody
        if (not among.personas or p.persona in among.personas) and (not among.outcomes or p.outcome in among.outcomes)
    ]


def assert_latencies(told, asked):
    assert sum(told.whole.n if told.whole else ()) == len(asked)
    for span in range(len(told.whole.n) if told.whole else 0):
        inside = [w for _, at, w in asked if span * told.span_s * 1e6 <= at < (span + 1) * told.span_s * 1e6]
        assert told.whole.n[span] == len(inside)
        for share, values in ((0.5, told.whole.p50), (0.95, told.whole.p95), (0.99, told.whole.p99)):
            assert (values[span] is None) == (not inside)
            assert not inside or close(values[span], nearest_rank(inside, share))


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds(users=USERS), st.lists(st.integers(1, USERS - 1), max_size=3), st.data())
def test_everything_on_the_board_is_what_one_counts_by_hand(inputs, cuts, data):
    plan = compile_plan(inputs)
    census = census_of(plan, USERS, cuts)
    everybody = [Person(plan, execute_user(plan, user)) for user in range(USERS)]
    among = Among(
        personas=tuple(data.draw(st.sets(st.sampled_from([p.name for p in plan.personas])))),
        outcomes=tuple(data.draw(st.sets(st.sampled_from(["completed", "abandoned", "failed"])))),
        step=data.draw(st.sampled_from(["", *(node.name for node in plan.nodes)])),
    )
    assert_board(plan, census, everybody, Among())
    assert_board(plan, census, everybody, among)


def test_the_people_behind_each_bar_are_as_many_as_it_says():
    plan = compile_plan(shop(3000))
    everybody = [Person(plan, execute_user(plan, user)) for user in range(3000)]
    made, _ = assert_board(plan, census_of(plan, 3000, [100, 2000]), everybody, Among())

    def behind(**asked):
        wanted = Wanted(**asked)
        parts = model_parts(plan, [(0, 3000)], pairs(plan, wanted))
        return find(plan, parts, wanted, "longest", 10, nobody, never)

    for bar in made.funnel:
        assert behind(step=bar.step).total == bar.reached.people
        assert behind(place=bar.step).total == bar.left.people
    for bar in made.reasons:
        assert behind(why=bar.key).total == bar.count.people
    for bar in made.convert.bars:
        assert behind(took=bar.buckets, outcomes=("completed",)).total == bar.count.people
    for bar in made.dwell.bars:
        assert behind(stayed=bar.buckets).total == bar.count.people
    persona = made.personas[1]
    assert behind(place="browse", personas=(persona,)).total == made.funnel[0].left.personas[1]
    span = made.latency.span_s
    in_span = {p for p in everybody for _, at, _ in p.waits if span * 1e6 <= at < 2 * span * 1e6}
    assert behind(asked_s=(span, 2 * span)).total == len(in_span)
    found = behind(place="browse")
    assert found.people.took.tolist() == sorted(
        (p.took for p in everybody if p.outcome != "completed" and p.place == "browse"), reverse=True
    )


def test_a_census_is_the_same_whoever_adds_it_up():
    plan = compile_plan(shop(5000))
    whole = take_census(plan, model_parts(plan, [(0, 5000)]), nobody, never)
    for cuts in ([1], [17, 4096], [2500, 2501, 4999]):
        assert census_of(plan, 5000, cuts).pack() == whole.pack()


def test_too_many_kinds_are_told_apart_without_their_paths(monkeypatch):
    plan = compile_plan(shop(3000))
    whole = census_of(plan, 3000)
    monkeypatch.setattr("turbulence_app.engine.census.census.MOST_KINDS", 20)
    one, two = census_of(plan, 3000), census_of(plan, 3000, [7, 1000])
    assert not one.paths
    assert one.pack() == two.pack()
    assert len(one.kinds) < len(whole.kinds)
    assert one.kinds.sums.sum(axis=1).tolist() == whole.kinds.sums.sum(axis=1).tolist()
    assert not one.kinds.keys[len(KEYS) :].any()


@pytest.mark.parametrize("held", [b"", b"PK\x03\x04 nonsense", b"\x80\x04K\x01."])
def test_bytes_that_are_no_census_are_refused(held):
    with pytest.raises(ValueError, match="not a census"):
        Census.unpack(held)
