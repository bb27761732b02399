"""A campaign against a live service in another process: short runs, honest about not being reproducible."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.apps import WORKFLOW, counter, place
from tests.campaign.toy import small
from turbulence_app.domain.errors import KnownError
from turbulence_app.service import campaigns
from turbulence_app.service.campaigns import Ways
from turbulence_app.service.trend import headlines
from turbulence_app.store.database import Database


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("live")
    place(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "uvicorn", "--factory", "counter:create_app", "--port", str(number)]
    server = subprocess.Popen(
        [*command, "--lifespan", "off", "--log-level", "error"], cwd=folder, env={**os.environ, "COUNTER_BUG": ""}
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                break
        time.sleep(0.05)
    yield number
    server.kill()
    server.wait()


def workflow(port: int, **changes: object) -> dict[str, object]:
    services = {"counter": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 5}}
    return {**WORKFLOW, "services": services, **changes}


def test_worlds_are_live_runs(port: int, tmp_path: Path) -> None:
    never = [{"name": "nobody_buys", "always": "effects('buy') == 0"}]
    inputs = counter("http", workflow=workflow(port, invariants=never), faults=[])
    with Database(tmp_path / "t.db") as database:
        done = campaigns.campaign(
            inputs, small(worlds=3, users=4, swarm=False), database, ways=Ways(workers=1), project=str(tmp_path)
        ).report
    assert not done.manifest.reproducible
    assert done.manifest.worlds_done == 3
    assert done.users == 12
    (cluster,) = done.clusters
    assert (cluster.invariant, cluster.step, cluster.faults) == ("nobody_buys", "buy", ())
    assert cluster.verified
    assert "no proof" in cluster.note


def test_a_service_that_is_not_there_leaves_no_campaign(tmp_path: Path) -> None:
    with Database(tmp_path / "t.db") as database:
        with pytest.raises(KnownError):
            campaigns.campaign(counter("http", workflow=workflow(1)), small(), database, project=str(tmp_path))
        assert headlines(database) == ()
