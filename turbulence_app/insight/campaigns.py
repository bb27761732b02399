"""A campaign's batches, added up to its report. Every number is a sum or a first one, so batches are all it needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignManifest, CampaignReport, FeatureKind, Influence, NearMiss
from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import FaultStats, Verdict, VerdictStatus
from turbulence_app.insight.clusters import Causes, Family, Grouped, cluster_id, family
from turbulence_app.insight.coverage import coverage
from turbulence_app.insight.influence import Sums, direction, interval

SHOWN = 100
"""Clusters in a report."""
NOTED = 12
"""Notes in a report."""
EXPLAINED = 20
"""Clusters whose triggers and suppressors are looked for."""
_KINDS: dict[str, FeatureKind] = {"fault": "fault", "persona": "persona", "option": "option"}


class Account:
    """What a campaign's batches came to so far; they are added in order."""

    def __init__(self, inputs: RunInputs) -> None:
        self.inputs = inputs
        self.worlds = self.failing = self.users = self.requests = 0
        self.causes = Causes()
        self.digests: list[tuple[int, int, str]] = []
        """(first world, worlds, digest) of each batch."""
        self._counts: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._near: dict[str, NearMiss] = {}
        self._notes: dict[str, None] = {}
        self._sums: dict[tuple[str, Family | None], Sums] = {}
        """By feature that was on ("": whatever was on) and by what broke (None: anything)."""

    def add(self, batch: Batch) -> None:
        """One more batch."""
        self.worlds += batch.worlds
        self.failing += batch.failing
        self.users += batch.users
        self.requests += batch.requests
        self.digests.append((batch.first_world, batch.worlds, batch.digest))
        self.causes.add(batch)
        self._counts.update(batch.counts)
        self._broken.update(batch.broken)
        self._notes.update(dict.fromkeys(batch.notes))
        for miss in batch.near:
            self._nearer(miss)
        if batch.expansion is not None:
            self._weigh(batch)

    def _nearer(self, miss: NearMiss) -> None:
        known = self._near.get(miss.invariant)
        if known is None or miss.distance < known.distance:
            self._near[miss.invariant] = miss
        elif miss.distance == known.distance:
            self._near[miss.invariant] = known.model_copy(update={"worlds": known.worlds + miss.worlds})

    def _weigh(self, batch: Batch) -> None:
        """Note what was on and what failed; :meth:`_of` knows of the batches in which a failure did not show."""
        failed: Counter[Family | None] = Counter({None: batch.failing})
        for hit in batch.hits:
            failed[family(hit.cause)] += hit.worlds
        for what, failing in failed.items():
            for key in ("", *(batch.expansion.on if batch.expansion else ())):
                self._sums.setdefault((key, what), Sums()).add(batch.worlds, min(failing, batch.worlds))

    # ---- reports ------------------------------------------------------------------------------------------------

    @property
    def clusters(self) -> int:
        """How many causes were found."""
        return len(self.causes.ordered())

    def report(self, manifest: CampaignManifest) -> CampaignReport:
        """Everything so far. Clusters have no representatives yet."""
        groups = self.causes.ordered()
        notes = list(self._notes)[:NOTED]
        if len(groups) > SHOWN:
            notes.append(f"{len(groups)} causes were found; the {SHOWN} most frequent are shown")
        return CampaignReport(
            manifest=manifest.model_copy(update={"worlds_done": self.worlds}),
            failing_worlds=self.failing,
            users=self.users,
            requests=self.requests,
            clusters=tuple(group.cluster() for group in groups[:SHOWN]),
            coverage=coverage(self.inputs, self._counts, manifest.settings.coverage),
            influences=self._influences(groups[:EXPLAINED]),
            verdicts=self._verdicts(),
            faults=self._faults(),
            near_misses=tuple(self._near[name] for name in sorted(self._near)),
            notes=tuple(notes),
        )

    def _influences(self, groups: list[Grouped]) -> tuple[Influence, ...]:
        """Triggers first, then suppressors, then what made no difference; for single causes only the first two.

        What broke at one place under several sets of faults is explained once, under its most frequent cause.
        """
        found = []
        named: dict[Family | None, str] = {None: ""}
        for group in groups:
            named.setdefault(family(group.first.cause), cluster_id(group.first.cause))
        for what, cluster in named.items():
            for feature in dict.fromkeys(key for key, _ in self._sums if key):
                made = self._influence(feature, what, cluster)
                if made is not None and (what is None or made.direction != "neutral"):
                    found.append(made)
        rank = {"trigger": 0, "suppressor": 1, "neutral": 2}
        return tuple(
            sorted(found, key=lambda i: (rank[i.direction], -abs(i.on.share - i.off.share), i.cluster_id, i.feature))
        )

    def _influence(self, key: str, what: Family | None, cluster: str) -> Influence | None:
        whole, on = self._of("", what), self._of(key, what)
        if not self.failing or on.batches in (0, whole.batches):
            return None
        with_it, without = interval(on, whole), interval(whole - on, whole)
        kind, _, name = key.partition(":")
        return Influence(
            kind=_KINDS[kind],
            feature=name,
            cluster_id=cluster,
            on=with_it,
            off=without,
            direction=direction(with_it, without),
        )

    def _of(self, key: str, what: Family | None) -> Sums:
        """The sums of one failure over all batches, also over those in which it did not show."""
        general, own = self._sums.get((key, None), Sums()), self._sums.get((key, what), Sums())
        return Sums(general.batches, general.n, general.nn, own.y, own.yy, own.ny)

    def _verdicts(self) -> tuple[Verdict, ...]:
        found = []
        for rule in (*self.inputs.workflow.invariants, *self.inputs.invariants):
            exercised = self._counts.get(f"exercised/{rule.name}")
            if rule.kind == "gate" or exercised is None:
                continue
            violations = self._counts.get(f"violations/{rule.name}", 0)
            status: VerdictStatus = "broken" if violations or self._broken.get(rule.name) else "holds"
            if status == "holds" and not exercised:
                status = "never_exercised"
            elif rule.kind == "sometimes" and not self._counts.get(f"seen/{rule.name}"):
                status = "broken"
            found.append(
                Verdict(
                    name=rule.name,
                    kind=rule.kind,
                    expression=rule.expression,
                    says=rule.says,
                    status=status,
                    violations=violations,
                    exercised=exercised,
                )
            )
        return (*found, *self._built_in({verdict.name for verdict in found}))

    def _built_in(self, told: set[str]) -> Iterator[Verdict]:
        """Rules that no file has: the recovery of the liveness phase."""
        for key, exercised in self._counts.items():
            dimension, _, name = key.partition("/")
            if dimension == "exercised" and name not in told:
                violations = self._counts.get(f"violations/{name}", 0)
                yield Verdict(
                    name=name,
                    kind="at_end",
                    expression="outcome != 'failed'",
                    says="Once the trouble is over, fresh people's visits do not fail.",
                    status="broken" if violations else "holds" if exercised else "never_exercised",
                    violations=violations,
                    exercised=exercised,
                )

    def _faults(self) -> tuple[FaultStats, ...]:
        names = fault_names(self.inputs.faults)
        return tuple(
            FaultStats(
                label=name,
                kind=fault.kind,
                struck=self._counts.get(f"faults/{name}", 0),
                users=self._counts.get(f"struck/{name}", 0),
                changed=self._counts.get(f"changed/{name}"),
            )
            for name, fault in zip(names, self.inputs.faults, strict=True)
            if fault.kind != "quiet"
        )
