"""The rooms: imports run downward, and only the window loads Qt."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What a plain `turbulence --help` must not load: each costs start-up time, memory, or a library that may be missing.
HEAVY = ("PySide6", "shiboken6", "pyqtgraph", "llama_cpp", "ollama", "httpx")


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after a statement."""
    code = f"{statement}\nimport sys\nprint(' '.join(sorted({{name.split('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", ["turbulence_app.__main__", "turbulence_app.cli", "turbulence_app.service.worker"])
def test_the_command_line_loads_no_qt(module: str) -> None:
    assert loaded_by(f"import {module}").isdisjoint({"PySide6", "shiboken6", "pyqtgraph"})


def test_asking_for_help_loads_nothing_heavy() -> None:
    statement = (
        "import sys; sys.argv = ['turbulence', '--help']\n"
        "import contextlib, io\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    from turbulence_app.__main__ import main; main()\n"
    )
    assert loaded_by(statement).isdisjoint(HEAVY)


def test_the_engine_loads_no_model_and_no_database() -> None:
    loaded = loaded_by(
        "import turbulence_app.engine.execute, turbulence_app.engine.preview, turbulence_app.engine.shrink"
    )
    assert loaded.isdisjoint({"sqlite3", "sqlite_utils", "ollama", "httpx", "llama_cpp"})
