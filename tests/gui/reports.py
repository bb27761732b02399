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
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import Verdict

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
