"""The command as a process: signals, pipes, terminals, and what it must not load."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import ROOT, Said, child, environment, finished
from turbulence_app.cli.main import COMMANDS
from turbulence_app.service import generating
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database
from turbulence_app.store.runs import RunStore

MANY = 60_000_000
"""People enough that a run is still under way when the signal comes."""


def wait_for_progress(project: Path, process: subprocess.Popen[str]) -> None:
    """Until something of the second run is in the database."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        connection = sqlite3.connect(f"file:{database_path(project)}?mode=ro", uri=True)
        row = connection.execute("SELECT users_done FROM runs WHERE run_id = 'r-0002'").fetchone()
        connection.close()
        if row and row[0]:
            return
        time.sleep(0.05)
    raise AssertionError(f"no progress; {process.poll()}")


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done(project: Path, workers: int) -> None:
    process = child(
        "run", "--users", MANY, "--workers", workers, "--project", project, "--json", start_new_session=True
    )
    wait_for_progress(project, process)
    os.killpg(process.pid, signal.SIGINT)
    said = finished(process)
    assert said.status == 130
    assert "Traceback" not in said.err
    document = said.json
    assert document["status"] == "cancelled"
    assert 0 < document["users"] < MANY
    with Database(database_path(project)) as database:
        store = RunStore(database)
        assert store.manifest("r-0002").status == "cancelled"
        assert sum(chunk.users for chunk in store.chunks("r-0002")) == document["users"]
        assert store.failures("r-0002")[0].failure_id == "f-0001"


@pytest.mark.parametrize(
    "module",
    ["turbulence_app.cli.cancel", "click", "turbulence_app.privacy.egress", "pydantic", "numpy", "sqlite3",
     "turbulence_app.engine.execute"],
)  # fmt: skip
def test_ctrl_c_is_quiet_while_the_program_loads(project: Path, module: str) -> None:
    """The signal comes in the moment in which a module is looked for."""
    script = (
        "import os, signal, sys\n"
        "class Finger:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finger())\n"
        "from turbulence_app.__main__ import main\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "run", "--project", project, "--users", "4096"],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_error(project: Path, closed: str) -> None:
    command = f'exec "$0" -m turbulence_app run quiet-day --users 4096 --project "$1" {closed}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable, project], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    with Database(database_path(project)) as database:
        assert database.check() == "ok"


def test_output_that_cannot_be_written_is_said(project: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with Path("/dev/full").open("w") as full:
        said = finished(child("run", "quiet-day", "--users", 4096, "--project", project, stdout=full))
    assert said.status == 3
    assert said.err.startswith("error: the output cannot be written")
    assert "Traceback" not in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("call", [("models", "remove", "nobody"), ("models", "nonsense")])
def test_an_error_whose_document_cannot_be_written_keeps_its_status(tmp_path: Path, call: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        said = finished(child(*call, "--json", stdout=full, env=environment(TURBULENCE_HOME=str(tmp_path))))
    assert said.status == 2
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err


def test_a_window_that_cannot_open_is_one_line(tmp_path: Path) -> None:
    missing = tmp_path / "PySide6/__init__.py"
    missing.parent.mkdir()
    missing.write_text("raise ImportError('libEGL.so.1: cannot open shared object file: No such file or directory')\n")
    script = (
        "import sys; sys.path.insert(0, sys.argv.pop()); sys.argv[:] = ['turbulence']\n"
        "from turbulence_app.__main__ import main\n"
        "sys.exit(main())\n"
    )
    bare = {name: value for name, value in environment().items() if "DISPLAY" not in name}
    for settings, said in (
        ({**bare, "QT_QPA_PLATFORM": "offscreen"}, "error: the window cannot open: libEGL.so.1 is missing\n"),
        ({**bare, "QT_QPA_PLATFORM": ""}, "error: there is no screen here\n"),
    ):
        done = subprocess.run(
            [sys.executable, "-c", script, tmp_path], env=settings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 3, done.stderr
        assert done.stderr.startswith(said)
        assert "turbulence demo" in done.stderr
        assert len(done.stderr.splitlines()) == 2


def test_ctrl_c_closes_the_window() -> None:
    script = (
        "import os, signal, sys; sys.argv[:] = ['turbulence']\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from turbulence_app.__main__ import main\n"
        "application = QApplication([])\n"
        "QTimer.singleShot(1000, lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(QT_QPA_PLATFORM="offscreen"), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_help_and_version_load_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; sys.argv[:1] = ['turbulence']\n"
        "from turbulence_app.__main__ import main\n"
        "status = main()\n"
        "heavy = {'pydantic', 'numpy', 'httpx', 'ollama', 'sqlite3', 'sqlite_utils', 'ruamel', 'yaml'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or status)\n"
    )
    for asked in ("--help", "--version", "-h"):
        done = subprocess.run(
            [sys.executable, "-c", script, asked], env=environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "urbulence" in done.stdout


def test_every_command_of_the_help_is_there(say: Callable[..., Said]) -> None:
    listed = say("--help").out.split("Commands:")[1]
    for name, (_, _, says) in COMMANDS.items():
        assert name in listed
        assert says.split(",")[0].split(":")[0] in " ".join(listed.split())
        assert say(name, "--help").status == 0


def test_kill_9_leaves_a_database_and_an_interrupted_run(project: Path) -> None:
    process = child("run", "--users", MANY, "--workers", 2, "--project", project, start_new_session=True)
    wait_for_progress(project, process)
    process.kill()
    finished(process)
    with Database(database_path(project)) as database:
        store = RunStore(database)
        assert database.check() == "ok"
        assert store.manifest("r-0002").status == "interrupted"
        chunks = store.chunks("r-0002")
        assert sum(chunk.users for chunk in chunks) == store.users_done("r-0002") > 0
        assert store.failures("r-0002")[0].failure_id == "f-0001"
        assert store.summary("r-0002").users == store.users_done("r-0002")


def test_a_reader_that_leaves_is_no_traceback(project: Path) -> None:
    process = child("run", "quiet-day", "--project", project, "--users", 4096)
    assert process.stdout is not None
    process.stdout.close()
    _, err = "", process.stderr.read() if process.stderr else ""
    assert process.wait(60) == 0
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
    if process.stderr:
        process.stderr.close()


def test_the_command_line_loads_no_qt(project: Path) -> None:
    script = (
        "import sys; sys.argv[:1] = ['turbulence', 'run', 'quiet-day', '--users', '4096', '--quiet', '--project']\n"
        "from turbulence_app.__main__ import main\n"
        "status = main()\n"
        "loaded = [m for m in sys.modules if m.split('.')[0] in ('PySide6', 'shiboken6', 'pyqtgraph')]\n"
        "loaded += [m for m in sys.modules if m.startswith('turbulence_app.gui')]\n"
        "sys.exit(9 if loaded else status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(project)], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_colour_and_no_progress_where_nobody_looks(project: Path) -> None:
    said = finished(child("run", "quiet-day", "--users", 4096, "--project", project))
    assert said.status == 0
    assert "\x1b" not in said.out + said.err
    assert said.err == ""


def test_an_old_terminal_gets_ascii(project: Path) -> None:
    said = finished(
        child("run", "quiet-day", "--project", project, env=environment(PYTHONIOENCODING="ascii", COLUMNS="60"))
    )
    assert said.status == 0
    assert said.out.isascii()
    assert "####" in said.out
    assert max(map(len, said.out.splitlines())) <= 90


def test_a_terminal_gets_colour_and_progress(project: Path) -> None:
    pty = pytest.importorskip("pty")
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("this machine has no pseudo-terminals")
    process = child(
        "run", "quiet-day", "--users", 600_000, "--workers", 1, "--project", project,
        stdout=theirs, stderr=theirs, env={k: v for k, v in environment(TERM="xterm").items() if k != "NO_COLOR"},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            block = os.read(ours, 65536)
        except OSError:
            break
        if not block:
            break
        seen += block
    os.close(ours)
    assert process.wait(60) == 0
    text = seen.decode()
    assert "/ 600,000" in text
    assert "/s" in text
    assert "\x1b[1m" in text


def test_another_working_directory(project: Path, tmp_path: Path) -> None:
    assert finished(child("run", "quiet-day", "--users", 4096, "--quiet", cwd=project)).status == 0
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    said = finished(child("run", cwd=nowhere))
    assert said.status == 2
    assert "turbulence init" in said.err
    assert str(ROOT) not in said.err


def test_a_stop_between_policies_is_one_document(
    say: Callable[..., Said], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = generating.generate

    def stopped(root: Path, wanted: generating.Wanted, **given: Any) -> generating.Generated:
        asked = iter((False, True, True, True, True))
        return real(root, wanted, **{**given, "should_stop": lambda: next(asked, True)})

    monkeypatch.setattr(generating, "generate", stopped)
    call = ("policy", "generate", "--backend", "rules", "--force", "--project", project)
    assert say(*call, "--json").json["error"]["cancelled"] is True
    assert say(*call).status == 130
