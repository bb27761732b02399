"""The commands and the window's operations: what they write, say and refuse."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.imports.browser import shopping
from turbulence_app.cli.main import main
from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.service import imports
from turbulence_app.service.ops import Operations
from turbulence_app.service.worker import Job

ORDERS = Path(__file__).parent / "data" / "orders.yaml"


class Documents(BaseHTTPRequestHandler):
    """Hands out a document, or what goes wrong in its place."""

    def do_GET(self) -> None:
        body = ORDERS.read_bytes() if self.path == "/openapi.yaml" else b"<html>nothing here</html>"
        self.send_response(404 if self.path == "/missing" else 200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Documents)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    found = capsys.readouterr()
    return status, found.out, found.err


def test_import_says_what_it_wrote_and_what_not(capsys, tmp_path):
    status, out, _ = said(capsys, "import", "openapi", str(ORDERS), "--out", str(tmp_path / "p"))
    assert status == 0
    assert out.count("written: ") == 5
    assert "multipart/form-data" in out
    assert f"run teapot_orders --project {tmp_path / 'p'}" in out
    status, out, _ = said(capsys, "run", "--project", str(tmp_path / "p"), "--users", "200", "--json")
    assert status == 0
    assert json.loads(out)["completed"] > 100


def test_nothing_is_overwritten(capsys, tmp_path):
    place = ("--out", str(tmp_path / "p"))
    assert said(capsys, "import", "openapi", str(ORDERS), *place)[0] == 0
    before = {p: p.read_bytes() for p in (tmp_path / "p").rglob("*.yaml")}
    status, _, err = said(capsys, "import", "openapi", str(ORDERS), *place)
    assert status == 2
    assert "there already" in err
    assert {p: p.read_bytes() for p in (tmp_path / "p").rglob("*.yaml")} == before
    assert said(capsys, "import", "openapi", str(ORDERS), *place, "--id", "other")[0] == 0


def test_two_imports_live_in_one_project(capsys, tmp_path):
    har = shopping().save(tmp_path / "visit.har")
    place = ("--out", str(tmp_path / "p"))
    assert said(capsys, "import", "openapi", str(ORDERS), *place)[0] == 0
    status, out, _ = said(capsys, "import", "har", str(har), *place, "--json")
    assert status == 0
    assert json.loads(out)["workflow"] == "visit"
    status, out, _ = said(capsys, "check", str(tmp_path / "p"))
    assert (status, out.splitlines()[-1]) == (0, "9 files: nothing to mend")
    for scenario in ("teapot_orders", "visit"):
        assert said(capsys, "run", scenario, "--project", str(tmp_path / "p"), "--users", "50", "--quiet")[0] == 0


def test_a_document_of_a_service_here(origin, tmp_path):
    written = imports.openapi(tmp_path, f"{origin}/openapi.yaml", name="orders")
    assert written.workflow == "orders"
    assert (tmp_path / "workflows" / "orders.yaml").is_file()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://127.0.0.1/x", "only http://"),
        ("http://192.0.2.1/x", "not this computer"),
        ("http://example.com/x", "not this computer"),
        ("http://127.0.0.1.example.com/x", "not this computer"),
        ("http://localhost@example.com/x", "not this computer"),
        ("ftp://localhost/x", "only http://"),
        ("http://[::1", "no address"),
        ("http://127.0.0.1:99999/x", "no address"),
        ("ORIGIN/missing", "answers 404"),
        ("ORIGIN/other", "not"),
    ],
)
def test_addresses_that_are_refused(origin, tmp_path, address, words):
    with pytest.raises(InputError, match=words):
        imports.openapi(tmp_path, address.replace("ORIGIN", origin))
    assert list(tmp_path.iterdir()) == []


def test_nobody_there(tmp_path):
    with pytest.raises(MachineError, match="nothing answers"):
        imports.openapi(tmp_path, "http://127.0.0.1:1/openapi.json")


@pytest.mark.parametrize("arguments", [("log", "last"), ("log", "no-such.csv")])
def test_a_log_without_a_project(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    status, _, err = said(capsys, "import", *arguments)
    assert status == 2
    assert "error:" in err
    assert list(tmp_path.iterdir()) == []


def test_drift_needs_a_real_target(capsys, tmp_path):
    root = str(tmp_path / "p")
    assert said(capsys, "import", "openapi", str(ORDERS), "--out", root, "--quiet")[0] == 0
    assert said(capsys, "run", "--project", root, "--users", "20", "--quiet")[0] == 0
    for name in ("last", "teapot_orders"):
        status, _, err = said(capsys, "drift", name, "--project", root)
        assert status == 2
        assert "model target" in err


def test_the_windows_operation(tmp_path):
    operations = Operations(tmp_path / "home")
    har = shopping().save(tmp_path / "visit.har")
    log = tmp_path / "log.csv"
    log.write_text("user,event,time,status,latency_ms\n" + "1,get_stock,1,200,7\n" * 30, "utf-8")
    project = str(tmp_path / "p")
    job = Job(1, "import_file", {})
    try:
        made = operations.handle("import_file", {"project": project, "kind": "har", "paths": [str(har)]}, job)
        assert made["workflow"] == "visit"
        made = operations.handle("import_file", {"project": project, "kind": "log", "path": str(log)}, job)
        assert made["fitted"][0] == {
            "step": "get_stock", "answers": 30, "timed": 30, "median_ms": 7.0, "outcomes": {"ok": 1.0}
        }  # fmt: skip
        with pytest.raises(InputError, match="nothing to import"):
            operations.handle("import_file", {"project": project, "kind": "openapi"}, job)
        with pytest.raises(InputError, match="no run"):
            operations.handle("drift", {"project": project}, job)
    finally:
        operations.close()
