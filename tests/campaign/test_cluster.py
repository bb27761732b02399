"""A campaign on a real Dask scheduler with two workers on loopback, each in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.campaign.toy import essence, kiosk, small
from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.service import campaigns
from turbulence_app.service.campaigns import Ways
from turbulence_app.store.database import Database

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = small(worlds=6400)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments, "--no-dashboard"],
        env={**os.environ, "PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    scheduler = started("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port))
    yield f"127.0.0.1:{port}"
    scheduler.kill()
    scheduler.wait()


@pytest.fixture
def workers(address: str, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    where = ["--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path)]
    made = [started("distributed.cli.dask_worker", f"tcp://{address}", *where) for _ in range(2)]
    yield made
    for worker in made:
        worker.kill()
        worker.wait()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("cluster") / "t.db") as made:
        yield made


@pytest.fixture(scope="module")
def local(database: Database) -> CampaignReport:
    return campaigns.campaign(kiosk(), SETTINGS, database, ways=Ways(workers=1)).report


@pytest.mark.expects_log  # the client may say that a lost worker's results are computed again
def test_the_same_campaign_as_here_and_a_lost_worker_is_survived(
    address: str, workers: list[subprocess.Popen[bytes]], database: Database, local: CampaignReport
) -> None:
    seen = []

    def kill_one(event: object) -> None:
        seen.append(event)
        if len(seen) == 4:
            workers[0].send_signal(signal.SIGKILL)

    ways = Ways(cluster=f"dask://{address}")
    done = campaigns.campaign(kiosk(), SETTINGS, database, ways=ways, on_event=kill_one).report
    assert workers[0].wait() == -signal.SIGKILL
    assert done.manifest.cluster == f"dask://{address}"
    assert essence(done) == essence(local)


@pytest.mark.expects_log
def test_no_worker_left_is_one_clear_line(
    address: str, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("turbulence_app.engine.campaign.cluster.ALONE_S", 1.0)
    with pytest.raises(MachineError, match="no worker is left"):
        campaigns.campaign(kiosk(), SETTINGS, database, ways=Ways(cluster=f"dask://{address}"))


def test_addresses_that_lead_nowhere(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turbulence_app.engine.campaign.cluster.CONNECT_S", 1)
    for wrong in ("tcp://127.0.0.1:1", "dask://127.0.0.1", "dask://x:y"):
        with pytest.raises(InputError, match="no cluster's address"):
            campaigns.campaign(kiosk(), SETTINGS, database, ways=Ways(cluster=wrong))
    with pytest.raises(MachineError, match="no scheduler answers"):
        campaigns.campaign(kiosk(), SETTINGS, database, ways=Ways(cluster=f"dask://127.0.0.1:{free_port()}"))


def test_without_the_extra_the_mend_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MachineError, match="need the extra 'dask'"):
        campaigns.campaign(kiosk(), SETTINGS, database, ways=Ways(cluster="dask://127.0.0.1:1"))
