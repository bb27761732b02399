"""How many worlds it takes to find each mistake of the sample shop, and the whole way: found, shrunk, replayed.

Run it on its own: ``python -m tests.bench.bench_bugs [SEEDS [WORLDS]]``. It prints one JSON document; it measures and
asserts nothing. ``WORLDS`` is how many worlds without any mistake are run first; nothing is to be found in them.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from turbulence_app.domain.campaign import CampaignSettings
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.seeds import mixed
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.world import World, WorldSpec
from turbulence_app.resources import resource_path
from turbulence_app.service import campaigns, projects, runs
from turbulence_app.service.campaigns import Ways
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.places import place_for
from turbulence_app.service.shrinking import shrink
from turbulence_app.store.database import Database

SCENARIO = "rough-day"
SEEDS = 9
BUDGET = 2000
"""Worlds of each seed after which a mistake counts as not found."""
QUIET = 10_000
USERS = 5


def processor() -> str:
    """The CPU's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else "unknown"


def shop(folder: Path, bug: str = "") -> Path:
    """A copy of the sample with one mistake switched on."""
    root = folder / (bug or "right")
    shutil.copytree(resource_path("samples/fastapi-shop"), root, ignore=shutil.ignore_patterns("__pycache__"))
    settings = root / "turbulence.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace('SHOP_BUG: ""', f'SHOP_BUG: "{bug}"'), "utf-8")
    return root


def inputs_of(root: Path, scenario: str = SCENARIO) -> RunInputs:
    """The scenario's inputs on the app target."""
    return build_inputs(projects.open_project(root), scenario, None, Overrides(target="app"))


def needed(root: Path, seeds: int) -> dict[str, dict[str, Any]]:
    """By mistake: worlds until the first failure, for each campaign seed, and who noticed it first."""
    inputs = inputs_of(root)
    place = place_for(inputs, root)
    assert isinstance(place, AppPlace)
    found: dict[str, dict[str, Any]] = {}
    for planted in projects.open_project(root).project.audit:
        world = World(compile_plan(inputs), replace(place, env={**place.env, **planted.env}))
        began, counts, noticed = time.process_time(), [], set()
        for seed in range(seeds):
            number, broken = first_failure(world, seed)
            counts.append(number)
            noticed |= broken
        numbers = [number or BUDGET for number in counts]
        found[planted.bug] = {
            "median": statistics.median(numbers), "most": max(numbers), "missed": counts.count(None), "worlds": counts,
            "noticed_by": sorted(noticed), "cpu_s_each": round((time.process_time() - began) / seeds, 2),
        }  # fmt: skip
    return found


def first_failure(world: World, seed: int) -> tuple[int | None, set[str]]:
    """How many worlds of a campaign's seed it took, and which invariants broke in the last of them."""
    for number in range(BUDGET):
        result = world.run(WorldSpec(seed=mixed(seed, number), users=tuple(range(USERS))))
        if result.broken:
            return number + 1, {broken.invariant for broken in result.broken}
    return None, set()


def whole_way(folder: Path, bug: str, worlds: int) -> dict[str, Any]:
    """A campaign that is long enough, the first cause shrunk, its run replayed; seconds on the clock."""
    root = shop(folder, bug)
    began = time.perf_counter()
    with Database(projects.database_path(root)) as database:
        settings = CampaignSettings(worlds=worlds, users=USERS, seed=0)
        report = campaigns.campaign(
            inputs_of(root), settings, database, ways=Ways(workers=1), project=str(root)
        ).report  # fmt: skip
        campaign_s = time.perf_counter() - began
        cause = report.clusters[0]
        failure = cause.representative
        assert failure is not None
        smallest = shrink(database, f"{failure.run_id}/{failure.failure_id}", project=root)
        shrunk_s = time.perf_counter() - began - campaign_s
        same = runs.verify(database, failure.run_id).difference is None
    return {
        "invariant": cause.invariant, "verified": cause.verified, "campaign_s": round(campaign_s, 2),
        "shrink_s": round(shrunk_s, 2), "whole_s": round(time.perf_counter() - began, 2),
        "candidates": smallest.candidates, "minimal": smallest.minimal, "choices": len(smallest.choices),
        "people": len(smallest.users), "faults": list(smallest.faults), "steps": smallest.trace.steps,
        "replay_same": same,
    }  # fmt: skip


def nothing(root: Path, worlds: int) -> dict[str, Any]:
    """Worlds of both scenarios without any mistake: what was found, and how fast."""
    told: dict[str, Any] = {}
    for scenario in ("quiet-day", SCENARIO):
        with Database(root / ".turbulence" / f"{scenario}.db") as database:
            settings = CampaignSettings(worlds=worlds, users=USERS, seed=1)
            began = time.process_time()
            inputs = inputs_of(root, scenario)
            report = campaigns.campaign(inputs, settings, database, ways=Ways(workers=1), project=str(root)).report
            cpu = time.process_time() - began
        told[scenario] = {
            "worlds": report.manifest.worlds_done, "failing": report.failing_worlds, "requests": report.requests,
            "causes": [f"{c.invariant}: {c.message}" for c in report.clusters], "digest": report.manifest.digest,
            "elapsed_s": round(report.manifest.elapsed_s, 1), "this_process_cpu_s": round(cpu, 1),
        }  # fmt: skip
    return told


def main() -> None:
    """Everything, as one JSON document."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    worlds = int(sys.argv[2]) if len(sys.argv) > 2 else QUIET
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = shop(folder)
        quiet = nothing(root, worlds)
        bugs = needed(root, seeds)
        for bug, row in bugs.items():
            first = row["worlds"][0]
            row["whole_way"] = whole_way(folder, bug, first) if first is not None else None
    print(json.dumps({"cpu": processor(), "cores": os.cpu_count(), "all_off": quiet, "bugs": bugs}, indent=2))


if __name__ == "__main__":
    main()
