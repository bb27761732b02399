"""The commands of live runs, from files to the exit status, on the original's files too."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from tests.live.conftest import SERVER, start, stop
from turbulence_app.service.projects import database_path

ORIGINAL = Path(__file__).parents[1] / "conformance" / "original"
WORKFLOW = {
    "id": "w",
    "services": {"api": {"base_url": "http://127.0.0.1:1", "timeout_seconds": 2}},
    "parameters": {"who": {"type": "range", "min": 1, "max": 10**9}},
    "flow": [
        {"name": "browse", "type": "http", "service": "api", "path": "/products"},
        {"name": "pay", "type": "http", "service": "api", "method": "POST", "path": "/charges",
         "json": {"who": "{{who}}"}},
    ],
    "invariants": [{"name": "once", "always": "effects('pay') <= 1", "says": "Nobody pays twice."}],
}  # fmt: skip


def turbulence(*arguments, **environ):
    made = subprocess.run(
        [sys.executable, "-m", "turbulence_app", *map(str, arguments)], capture_output=True, text=True, timeout=60,
        env={**os.environ, **environ}, check=False,
    )  # fmt: skip
    assert "Traceback" not in made.stderr
    return made.returncode, made.stdout, made.stderr


@pytest.fixture
def project(tmp_path, port):
    files = {
        "turbulence.yaml": {"name": "shop", "http": {"profile": "local"}},
        "sut.yaml": {
            "name": "shop", "default_headers": {"X-Client": "t"}, "services": {"api": {"base_url": "http://127.0.0.1:1"}},
            "profiles": {
                "local": {"services": {"api": {"base_url": f"http://127.0.0.1:{port}", "timeout_seconds": 1}}},
                "far": {"services": {"api": {"base_url": "http://shop.example"}}},
            },
        },
        "workflows/w.yaml": WORKFLOW,
        "policies/p.yaml": {"policies": [{"persona_id": "p", "workflow": "w", "retries": {"default": 1},
                                          "patience": {"step_wait_seconds": 0.2}}]},
        "personas/p.yaml": {"personas": [{"id": "p"}]},
        "scenarios/s.yaml": {
            "id": "s", "workflow": "w", "target": "http", "users": 60, "arrivals": {"kind": "closed", "concurrent": 20},
            "faults": [{"kind": "response_lost", "step": "pay", "probability": 0.2}],
        },
    }  # fmt: skip
    for name, value in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(value))
    return tmp_path


def test_run_verify_and_replay_a_live_run(project):
    status, out, _ = turbulence("run", "s", "--project", project)
    assert status == 1
    assert "requests left late by: p50" in out
    assert "response_lost on pay  struck" in out
    assert "f-0001" in out
    status, out, _ = turbulence("verify", "--project", project)
    assert (status, "recording" in out) == (0, True)
    status, out, _ = turbulence("replay", "f-0001", "--project", project)
    assert (status, "once" in out) == (0, True)
    status, out, _ = turbulence("replay", "f-0001", "--live", "--project", project, "--json")
    told = json.loads(out)
    assert (status, told["same"]) == (1, False)
    assert told["divergence"]["what"] == "the body"
    far = ("replay", "f-0001", "--project", project, "--profile", "far")
    for arguments, says in ((("--live",), "--allow-host shop.example"), ((), "add --live")):
        status, _, error = turbulence(*far, *arguments)
        assert (status, says in error) == (2, True), error


def test_refusals_are_one_line_and_nothing_is_stored(project):
    for arguments, status, says in (
        (("--profile", "far"), 2, "allow it with --allow-host shop.example"),
        (("--profile", "no"), 2, "profiles: far, local"),
        (("--sut", "nowhere.yaml"), 2, "nowhere.yaml"),
        (("--target", "http", "--time-scale", "-1"), 2, "--time-scale"),
        (("--target", "model", "--time-scale", "1"), 2, "none is asked"),
        (("--target", "model", "--allow-host", "x"), 2, "none is asked"),
    ):
        code, _, error = turbulence("run", "s", "--project", project, *arguments)
        assert (code, says in error) == (status, True), error
    dead = project / "dead.yaml"
    dead.write_text("name: d\nservices: {api: {base_url: 'http://127.0.0.1:1'}}\nprofiles: {local: {}}\n")
    code, _, error = turbulence("run", "s", "--project", project, "--sut", dead)
    assert (code, error.count("connection refused")) == (3, 1)
    code, _, error = turbulence("verify", "--project", project)
    assert (code, "there is no run yet" in error) == (2, True)


def test_the_originals_plain_scenario_runs_on_its_sut(tmp_path, port):
    sut = tmp_path / "sut.yaml"
    text = (ORIGINAL / "sut.yaml").read_text().replace("http://staging.local:8080", f"http://127.0.0.1:{port}/echo/")
    document = yaml.safe_load(text)
    for service in ("stock", "events"):
        del document["services"][service]
    sut.write_text(yaml.safe_dump(document))
    flow = ORIGINAL / "scenarios" / "plain.yaml"
    home = tmp_path / "home"
    status, out, error = turbulence(
        "run", "--workflow", flow, "--policies", ORIGINAL / "policies.yaml", "--target", "http", "--users", 5, "--sut",
        sut, "--profile", "staging", "--json", TURBULENCE_HOME=str(home),
    )  # fmt: skip
    assert status == 0, error
    told = json.loads(out)
    assert told["completed"] == 5
    assert {s["step"]: s["answers"] for s in told["funnel"] if s["answers"]}["Open the page again"] == {"ok": 5}


def visits(project):
    """How many visits are recorded so far."""
    path = database_path(project)
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*) FROM recordings").fetchone()[0]
    except sqlite3.Error:
        return 0
    finally:
        connection.close()


def test_a_live_run_stops_at_ctrl_c_and_keeps_what_is_done(project):
    scenario = yaml.safe_load((project / "scenarios/s.yaml").read_text())
    scenario |= {"users": 100_000, "arrivals": {"kind": "open", "rate_per_second": 50}, "faults": []}
    (project / "scenarios/s.yaml").write_text(yaml.safe_dump(scenario))
    command = [sys.executable, "-m", "turbulence_app", "run", "s", "--project", str(project), "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    began = time.monotonic()
    while not visits(project) and time.monotonic() < began + 40:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    out, error = running.communicate(timeout=20)
    assert running.returncode == 130, error
    told = json.loads(out)
    assert told["status"] == "cancelled"
    assert 0 < told["users"] < 100_000
    assert turbulence("verify", "--project", project)[0] == 0


def test_the_proxy_command_serves_counts_and_ends(project):
    command = [sys.executable, "-m", "turbulence_app", "proxy", "s", "--project", str(project), "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = running.stderr.readline()
    assert line.startswith("listening at http://127.0.0.1:"), line
    with urllib.request.urlopen(line.split()[2].rstrip(",") + "/products", timeout=5) as answer:
        assert json.load(answer)["items"]
    running.send_signal(signal.SIGINT)
    out, error = running.communicate(timeout=20)
    assert running.returncode == 0, error
    told = json.loads(out)
    assert (told["requests"], told["forwarded"]) == (1, 1)
    assert told["faults"] == [{"label": "response_lost on pay", "kind": "response_lost", "struck": 0}]


def own_address():
    """This machine's address on a network; empty where it has none. (Connecting a datagram socket sends nothing.)"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))
            found = probe.getsockname()[0]
        except OSError:
            return ""
    return "" if found.startswith("127.") else found


ADDRESS = own_address()


@pytest.mark.skipif(not ADDRESS, reason="this machine has no address but loopback")
def test_a_host_on_the_list_is_asked_and_one_that_is_not_is_not(project):
    address = ADDRESS  # asked before any test locks this process in
    process, number = start(sys.executable, str(SERVER), address)
    try:
        sut = project / "near.yaml"
        sut.write_text(
            f"name: n\nservices: {{api: {{base_url: 'http://{address}:{number}'}}}}\nprofiles: {{local: {{}}}}\n"
        )
        status, _, error = turbulence("run", "s", "--project", project, "--sut", sut)
        assert (status, f"--allow-host {address}" in error) == (2, True), error
        status, out, error = turbulence(
            "run", "s", "--project", project, "--sut", sut, "--allow-host", address, "--json"
        )
        assert (status, json.loads(out)["users"]) == (1, 60), error
    finally:
        stop(process)


def test_nothing_but_loopback_is_touched(project):
    script = textwrap.dedent(
        """
        import sys
        seen = set()
        def hook(event, args):
            if event in ("socket.connect", "socket.bind", "socket.sendto"):
                seen.add(str(args[1][0]))
            elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
                seen.add(str(args[0]))
        sys.addaudithook(hook)
        from turbulence_app.cli.main import main
        codes = [main(["run", "s", "--quiet", "--project", sys.argv[1]]),
                 main(["run", "s", "--quiet", "--profile", "far", "--project", sys.argv[1]])]
        print(codes, sorted(seen))
        """
    )
    made = subprocess.run(
        [sys.executable, "-c", script, str(project)], capture_output=True, text=True, timeout=60, check=False
    )
    assert made.stdout.splitlines()[-1] == "[1, 2] ['127.0.0.1']", made.stdout + made.stderr
