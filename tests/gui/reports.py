"""Campaign reports and audits as the engine makes them, for pages that show them."""

from __future__ import annotations

from turbulence_app.domain.campaign import (
    AuditReport,
    AuditRow,
    CampaignHeadline,
    CampaignManifest,
    CampaignReport,
    CampaignSettings,
    Cluster,
    Coverage,
    CoverageItem,
    Influence,
    Interval,
)
from turbulence_app.domain.failure import Failure, NearestPassing, Shrunk, Why, WhyRow
from turbulence_app.domain.run import Verdict
from turbulence_app.domain.trace import TraceEvent, UserTrace

TWICE, STOCK = "3f2a91c004", "9be1170d21"


def interval(failing: int, worlds: int, spread: float = 0.012) -> Interval:
    share = failing / worlds
    return Interval(
        failing=failing, worlds=worlds, share=share, low=max(0.0, share - spread), high=min(1.0, share + spread)
    )


def influence(kind, feature, on, off, direction, cluster=TWICE) -> Influence:
    return Influence(
        kind=kind, feature=feature, cluster_id=cluster, on=interval(*on), off=interval(*off), direction=direction
    )


def report(status="done", clusters=True) -> CampaignReport:
    found = Failure(
        failure_id="f-0001", run_id="r-0009", user=3, persona="impatient_shopper", invariant="charged_once", step="pay"
    )
    causes = (
        Cluster(
            cluster_id=TWICE, invariant="charged_once", step="pay", faults=("lost_receipt",), worlds=41, users=44,
            message="effects('pay') is N", first_world=17, seed=917, representative=found, verified=True,
        ),
        Cluster(
            cluster_id=STOCK, invariant="stock_never_negative", step="", faults=("slow_moments", "lost_receipt"),
            worlds=3, users=6, first_world=402, seed=4402, note="it broke another invariant when it ran alone",
        ),
    )  # fmt: skip
    return CampaignReport(
        manifest=CampaignManifest(
            campaign_id="c-0004", created_at="2026-11-20T22:10:00Z", status=status, workflow="checkout",
            scenario="lost-answers", settings=CampaignSettings(worlds=2000, swarm=True), elapsed_s=3.2,
            worlds_done=2000 if status == "done" else 1200, digest="5e9d3af0cc12aa01",
        ),
        failing_worlds=44 if clusters else 0,
        users=10_000,
        clusters=causes if clusters else (),
        coverage=Coverage(
            items=(
                CoverageItem(dimension="steps", covered=14, total=14, share=1.0, threshold=0.8, passed=True),
                CoverageItem(
                    dimension="options", covered=13, total=17, share=13 / 17, threshold=0.8, passed=False,
                    asleep=("after_trouble = other_method", "last_look = leave", "shipping = pickup", "coupon = none"),
                ),
                CoverageItem(
                    dimension="branches", covered=8, total=9, share=8 / 9, threshold=0.8, passed=True,
                    asleep=("gone: false",),
                ),
                CoverageItem(dimension="faults", covered=9, total=9, share=1.0, threshold=0.8, passed=True),
                CoverageItem(
                    dimension="invariants", covered=3, total=4, share=0.75, threshold=0.8, passed=False,
                    asleep=("goods_are_paid",),
                ),
            )
        ),
        influences=(
            influence("fault", "fault:lost_receipt", (44, 1003), (0, 997), "trigger"),
            influence("persona", "persona:impatient_shopper", (40, 1010), (4, 990), "trigger"),
            influence("option", "option:after_trouble=leave", (9, 1020), (35, 980), "suppressor"),
            influence("fault", "fault:slow_moments", (23, 1001), (21, 999), "neutral"),
            influence("persona", "persona:careful_researcher", (20, 1000), (24, 1000), "neutral"),
        ),
        verdicts=(
            Verdict(name="charged_once", kind="always", expression="effects('pay') <= 1", status="broken",
                    violations=44, exercised=6120, says="Nobody is charged more than once."),
            Verdict(name="goods_are_paid", kind="at_end", expression="x", status="never_exercised"),
        ),
        notes=("61 of 2,000 worlds used the switches of a near miss again.",),
    )  # fmt: skip


def headlines() -> list[CampaignHeadline]:
    return [
        CampaignHeadline(
            campaign_id=f"c-000{n}", created_at=f"2026-11-2{n - 1}T20:00:00Z", status="done", scenario="lost-answers",
            workflow="checkout", worlds=1000 * n, failing_worlds=fails, clusters=causes, new_clusters=new,
            worlds_per_second=2100.0, coverage={"steps": 1.0, "options": 0.76}, passed=not fails,
        )
        for n, fails, causes, new in ((4, 44, 2, 1), (3, 30, 1, 0), (2, 12, 1, 1), (1, 0, 0, 0))
    ]  # fmt: skip


def audit() -> AuditReport:
    return AuditReport(
        scenario="lost-answers",
        workflow="checkout",
        worlds=200,
        baseline=AuditRow(bug="", says="all bugs off", worlds=200),
        rows=(
            AuditRow(bug="lost_idempotency", says="A repeated payment is captured again.", found=True, worlds=200,
                     first_world=3, failing=22, invariants={"charged_once": 22, "goods_are_paid": 2}),
            AuditRow(bug="off_by_one_stock", says="The last piece is sold twice.", worlds=200),
        ),
    )  # fmt: skip


def visit(user: int, persona: str, arrived: int, *steps: tuple[int, str, str, str]) -> UserTrace:
    events = [TraceEvent(at_us=0, kind="arrive", detail=persona)]
    events += [TraceEvent(at_us=at * 1000, kind=kind, step=step, detail=told) for at, kind, step, told in steps]
    return UserTrace(
        user=user, persona=persona, arrived_us=arrived * 1000, ended_us=9_000_000, outcome="completed",
        events=tuple(events), violations=("stock_never_negative",),
    )  # fmt: skip


BUYER = visit(
    1, "impatient_shopper", 40, (300, "request", "add_to_cart", ""), (420, "answer", "add_to_cart", "ok"),
    (900, "request", "pay", ""), (905, "effect", "pay", "1"), (1700, "answer", "pay", "ok"),
    (1701, "violation", "pay", "stock_never_negative"),
)  # fmt: skip
RIVAL = visit(
    3, "coupon_hunter", 60, (310, "request", "add_to_cart", ""), (425, "answer", "add_to_cart", "ok"),
    (880, "request", "pay", ""), (890, "fault", "pay", "slow_moments"), (1200, "effect", "pay", "1"),
    (1500, "answer", "pay", "ok"),
)  # fmt: skip


def world(shrunk: Shrunk) -> Shrunk:
    """The same reproduction as one of two people would look."""
    return shrunk.model_copy(
        update={
            "trace": BUYER, "others": (RIVAL,), "users": (1, 3), "faults": ("slow_moments",), "story": (),
            "proof": ("without user 3: passes", "without slow_moments: passes",
                      "without slow_moments striking pay: passes"),
        }
    )  # fmt: skip


def passing(trace: UserTrace) -> UserTrace:
    """A visit that goes the same way for half of the time and then ends well."""
    half = len(trace.events) // 2
    end = trace.events[-1].model_copy(update={"kind": "end", "detail": "completed", "step": "bought"})
    calm = trace.events[half].model_copy(update={"kind": "answer", "detail": "ok"})
    return trace.model_copy(update={"user": 4711, "events": (*trace.events[:half], calm, end), "violations": ()})


def beside(failure: Failure, trace: UserTrace) -> NearestPassing:
    return NearestPassing(failure=failure, failing=trace, passing=passing(trace), left_out="lost_receipt strikes pay")


def why(failure: Failure) -> Why:
    rows = (
        ("lost_receipt strikes pay", "necessary", 0, 0.0, 0.02),
        ("at shipping the person chooses express", "suppressor", 196, 0.95, 0.99),
        ("the person waits at most 7.5 s for pay", "neutral", 178, 0.84, 0.93),
        ("at after_trouble the person chooses retry", "contributes", 20, 0.07, 0.15),
    )
    return Why(
        failure=failure, failed=180, of=200, low=0.85, high=0.94,
        rows=tuple(
            WhyRow(kind="choice", what=f"a#{n}", meaning=told, verdict=verdict, failed=bad, of=200, low=low, high=high)
            for n, (told, verdict, bad, low, high) in enumerate(rows)
        ),
    )  # fmt: skip
