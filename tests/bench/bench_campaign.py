"""Campaigns: worlds per CPU second on the model target beside the bare crowd, on the app target beside bare worlds.

Run it on its own: ``python -m tests.bench.bench_campaign``. It prints one JSON document; it measures and asserts
nothing. CPU time throughout, the two sides of each ratio in turn; the peers' own figures are quoted, not measured.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROUNDS = 3
WORLDS, USERS = 200_000, 5
APP_WORLDS = 320
SEEDS = 12
QUOTED = {
    "kimberlite VOPR, simulations/s by its own documents": "85,000-167,000 / 69,697 / 5,000-10,000 / 434",
    "swarm testing, distinct crashes of C compilers against a tuned default (Groce et al. 2012)": "+42 %",
}


def shop() -> Any:
    from turbulence_app.formats.folder import read_folder
    from turbulence_app.service.inputs import build_inputs

    root = Path(__file__).resolve().parents[2] / "resources" / "samples" / "shop"
    return build_inputs(read_folder(root), "lost-answers")


def cpu_of(act: Callable[[], Any]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def campaign(inputs: Any, **changes: Any) -> list[Any]:
    from turbulence_app.domain.campaign import CampaignSettings
    from turbulence_app.engine.campaign.crew import HereCrew
    from turbulence_app.engine.campaign.drive import drive

    settings = CampaignSettings.model_validate({"worlds": WORLDS, "users": USERS, **changes})
    crew = HereCrew(inputs, settings, None)
    return list(drive(inputs, settings, crew))


def model_target() -> dict[str, Any]:
    """The sample shop: 200,000 worlds of five beside one run of a million people."""
    from turbulence_app.engine.execute import execute

    inputs = shop()
    crowd = inputs.model_copy(update={"users": WORLDS * USERS})
    campaign(inputs, worlds=4096)
    sides: dict[str, Callable[[], Any]] = {
        "bare crowd": lambda: execute(crowd),
        "campaign": lambda: campaign(inputs),
        "campaign --swarm": lambda: campaign(inputs, swarm=True),
    }
    spent: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, act in sides.items():
            spent[name].append(cpu_of(act))
    best = {name: min(times) for name, times in spent.items()}
    return {
        "worlds": WORLDS,
        "users_per_world": USERS,
        "cpu_s": {name: round(seconds, 3) for name, seconds in best.items()},
        "worlds_per_cpu_s": {name: round(WORLDS / best[name]) for name in best if name != "bare crowd"},
        "times_the_bare_crowd": {n: round(best[n] / best["bare crowd"], 2) for n in best if n != "bare crowd"},
    }


def first_failures() -> dict[str, Any]:
    """Worlds until the sample's planted bug shows, over seeds, with and without swarm."""
    inputs, found = shop(), {}
    for name, swarm in (("plain", False), ("swarm", True)):
        firsts = []
        for seed in range(SEEDS):
            batches = campaign(inputs, worlds=20_000, seed=seed, swarm=swarm)
            firsts.append(min((hit.first_world for batch in batches for hit in batch.hits), default=20_000))
        found[name] = {"median": sorted(firsts)[SEEDS // 2], "all": sorted(firsts)}
    return found


def app_target() -> dict[str, Any]:
    """A small real application, in the engine's own kind of process: a campaign's batches beside bare worlds."""
    from turbulence_app.engine.world.host import environment

    command = [sys.executable, "-m", "tests.bench.bench_campaign", "--app"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def app_here() -> dict[str, Any]:
    clock = time.process_time  # before any world replaces it
    from tests.campaign.apps import counter, place
    from turbulence_app.engine.campaign.app_batch import batch_here
    from turbulence_app.engine.campaign.seeds import mixed
    from turbulence_app.engine.plan import compile_plan
    from turbulence_app.engine.world.execute import pack
    from turbulence_app.engine.world.patches import patches
    from turbulence_app.engine.world.spec import WorldSpec
    from turbulence_app.engine.world.world import World

    class Alone:
        def tell(self, message: dict[str, Any]) -> None:
            """Nobody listens."""

        def should_stop(self) -> bool:
            return False

    patches().install()
    inputs = counter(users=USERS, faults=[])
    settings = {"worlds": APP_WORLDS, "users": USERS, "seed": 3}
    with tempfile.TemporaryDirectory() as folder:
        where = place(Path(folder))
        opening = {"campaign": {**pack(inputs, where), "settings": settings}}
        task = {"number": 0, "first": 0, "worlds": 16, "expansion": None}
        batch_here({**task, **opening}, Alone())
        bare = World(compile_plan(inputs), where)
        spent: dict[str, list[float]] = {"campaign": [], "bare worlds": []}
        with bare:
            for _ in range(ROUNDS):
                began = clock()
                for first in range(0, APP_WORLDS, 16):
                    batch_here({**task, "number": first // 16, "first": first}, Alone())
                spent["campaign"].append(clock() - began)
                began = clock()
                requests = 0
                for world in range(APP_WORLDS):
                    requests += bare.run(WorldSpec(mixed(3, world), tuple(range(USERS)))).requests
                spent["bare worlds"].append(clock() - began)
    best = {name: min(times) for name, times in spent.items()}
    return {
        "worlds": APP_WORLDS,
        "users_per_world": USERS,
        "requests": requests,
        "worlds_per_cpu_s": {name: round(APP_WORLDS / seconds) for name, seconds in best.items()},
        "campaign_times_bare": round(best["campaign"] / best["bare worlds"], 2),
    }


def main() -> None:
    """Measure everything."""
    if "--app" in sys.argv:
        sys.stdout.write(json.dumps(app_here()) + "\n")
        return
    from tests.bench.bench_crowd import cpu

    document = {
        "bench": "campaign",
        "cpu": cpu(),
        "processors": os.cpu_count(),
        "model": model_target(),
        "worlds_until_the_sample_bug": first_failures(),
        "app": app_target(),
        "quoted": QUOTED,
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
