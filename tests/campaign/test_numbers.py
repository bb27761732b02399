"""Intervals, causes, coverage, the trend's differences."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.campaign.toy import kiosk
from turbulence_app.domain.batch import Batch, Hit
from turbulence_app.domain.campaign import Expansion
from turbulence_app.insight.campaigns import Account
from turbulence_app.insight.clusters import Causes, cluster_id
from turbulence_app.insight.coverage import coverage
from turbulence_app.insight.influence import Sums, design_effect, direction, interval, wilson


@pytest.mark.parametrize(
    ("failing", "n", "low", "high"),
    # from Newcombe, Statistics in Medicine 17 (1998), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_published(failing: int, n: int, low: float, high: float) -> None:
    assert wilson(failing, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_holds_the_share(failing: int, n: int) -> None:
    failing = min(failing, n)
    low, high = wilson(failing, n)
    assert 0 <= low <= failing / n <= high <= 1


def sums(*batches: tuple[int, int]) -> Sums:
    made = Sums()
    for n, y in batches:
        made.add(n, y)
    return made


def test_the_design_effect_sees_what_batches_share() -> None:
    alike = sums(*[(64, 6), (64, 7), (64, 6), (64, 5)] * 10)
    apart = sums(*[(64, 0), (64, 24), (64, 0), (64, 0)] * 10)
    assert alike.share == apart.share
    assert design_effect(alike) == 1.0
    assert (design_effect(apart) or 0) > 10
    wide, narrow = interval(apart, apart), interval(alike, alike)
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)
    assert design_effect(sums((64, 3))) is None
    assert design_effect(sums((64, 0), (64, 0))) is None


@given(st.lists(st.tuples(st.integers(1, 64), st.integers(0, 64)), min_size=2), st.data())
def test_sums_take_away_what_was_added(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    rows = [(n, min(n, y)) for n, y in rows]
    some = data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True))
    whole, part = sums(*rows), sums(*(rows[i] for i in some))
    assert whole - part == sums(*(row for i, row in enumerate(rows) if i not in some))


def test_directions_need_intervals_that_lie_apart() -> None:
    often, seldom, unsure = sums((1000, 200), (1000, 210)), sums((1000, 20), (1000, 22)), sums((10, 1), (10, 2))

    def of(some: Sums) -> object:
        return interval(some, some)

    assert direction(of(often), of(seldom)) == "trigger"  # type: ignore[arg-type]
    assert direction(of(seldom), of(often)) == "suppressor"  # type: ignore[arg-type]
    assert direction(of(often), of(unsure)) == "neutral"  # type: ignore[arg-type]
    assert direction(of(often), of(Sums())) == "neutral"  # type: ignore[arg-type]


def hit(faults: tuple[str, ...], worlds: int = 1, first: int = 0, **more: object) -> Hit:
    given = {"invariant": "once", "step": "pay", "message": "m", "seed": 1, "user": 0, **more}
    return Hit.model_validate({**given, "faults": faults, "worlds": worlds, "users": worlds, "first_world": first})


def batch(number: int, *hits: Hit, **more: object) -> Batch:
    data = {"number": number, "first_world": 64 * number, "worlds": 64, "seed": 5, "digest": "d", "hits": hits, **more}
    return Batch.model_validate(data)


def test_the_smallest_sets_of_faults_are_the_causes() -> None:
    causes = Causes()
    causes.add(batch(0, hit(("a", "b"), 4), hit(("a",), 2, 3), hit(("b", "c"), 1, 9)))
    causes.add(batch(1, hit(("a", "c"), 5, 70), hit((), 1, 80, step="look"), hit(("a",), 1, 77)))
    found = [(g.first.step, g.first.faults, g.worlds, g.first.first_world) for g in causes.ordered()]
    assert found == [("pay", ("a",), 12, 3), ("pay", ("b", "c"), 1, 9), ("look", (), 1, 80)]
    assert causes.ordered()[0].worlds == 12  # asking twice changes nothing


def test_a_cause_keeps_its_id() -> None:
    assert cluster_id(("once", "pay", ("a", "b"), "m")) == cluster_id(("once", "pay", ("b", "a"), "m"))
    assert cluster_id(("once", "pay", ("a",), "m")) != cluster_id(("once", "pay", ("b",), "m"))
    assert len(cluster_id(("", "", (), ""))) == 10


def test_triggers_are_told_apart_from_bystanders() -> None:
    account = Account(kiosk())
    for number in range(64):
        on = ["fault:lost"] * (number % 2) + ["persona:shy"] * (number // 2 % 2)
        failing = (number % 2) * (5 + number % 3)
        expansion = Expansion(on=tuple(on), off=("option:next=buy",))
        hits = (hit(("lost",), failing, 64 * number),) if failing else ()
        account.add(batch(number, *hits, failing=failing, expansion=expansion))
    found = {(i.feature, i.cluster_id): i for i in account.report(manifest()).influences}
    cause = cluster_id(("once", "pay", ("lost",), "m"))
    assert found["lost", ""].direction == found["lost", cause].direction == "trigger"
    assert found["lost", ""].on.failing == account.failing
    assert found["lost", ""].off.failing == 0
    assert found["shy", ""].direction == "neutral"
    assert ("shy", cause) not in found


def manifest():
    from turbulence_app.domain.campaign import CampaignManifest

    return CampaignManifest(campaign_id="c-0001", created_at="", workflow="kiosk")


def test_coverage_names_what_sleeps() -> None:
    counts = {
        "steps/look": 5, "options/next=buy": 1, "branches/gone=false": 3, "faults/lost": 2, "changed/lost": 2,
        "faults/slow": 7, "changed/slow": 0, "exercised/charged_once": 3, "exercised/someone_pays": 0,
        "states/look: ok": 5, "states/visit: completed": 1,
    }  # fmt: skip
    found = {item.dimension: item for item in coverage(kiosk(), counts, "smoke").items}
    assert found["steps"].asleep == ("next", "gone", "left", "pause", "pay", "paid")
    assert found["options"].asleep == ("next=hesitate", "next=leave")
    assert found["branches"].asleep == ("gone=true",)
    assert found["branches"].passed
    assert found["faults"].asleep == ("slow (struck 7 times, changed nothing)", "down", "down (2)")
    assert found["invariants"].asleep == ("someone_pays",)
    assert math.isclose(found["invariants"].share, 0.5)
    assert "pay: declined" in found["states"].asleep
    assert not found["steps"].passed


def test_levels_have_their_thresholds() -> None:
    counts = {f"options/next={name}": 1 for name in ("buy", "hesitate")}
    for level, passed in (("smoke", True), ("default", False), ("nightly", False)):
        options = next(i for i in coverage(kiosk(), counts, level).items if i.dimension == "options")  # type: ignore[arg-type]
        assert (options.passed, options.share) == (passed, pytest.approx(2 / 3))
