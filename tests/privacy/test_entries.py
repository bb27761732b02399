"""Every way into the program has the egress lock on before any package that could talk is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from turbulence_app.privacy import egress

TALKERS = ("ssl", "http.client", "urllib.request", "asyncio", "httpx", "distributed", "llama_cpp", "PySide6", "numpy")
FINDER = """
import sys
first = {}
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name in TALKERS and name not in first:
            egress = sys.modules.get("turbulence_app.privacy.egress")
            first[name] = bool(egress and egress.locked())
sys.meta_path.insert(0, Finder())
"""


def loaded(code: str, **env: str) -> dict[str, bool]:
    """For each such package that a fresh process loads: whether the lock was on by then."""
    source = f"TALKERS = {TALKERS!r}\n{FINDER}\n{code}\nimport json; print('\\n' + json.dumps(first))"
    environment = {**os.environ, **env}
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "code",
    [
        "sys.argv = ['turbulence', 'doctor', '--quiet']\nfrom turbulence_app.__main__ import main; main()",
        "import turbulence_app.service",
        "import turbulence_app.service.capsules",
        "import turbulence_app.service.ops",
        "import turbulence_app.cli.main, turbulence_app.cli.demo",
    ],
)
def test_nothing_that_could_talk_is_loaded_before_the_lock(code: str, tmp_path: Path) -> None:
    found = loaded(code, TURBULENCE_HOME=str(tmp_path))
    assert found or code == "import turbulence_app.service"
    assert all(found.values()), found


@pytest.mark.parametrize(
    ("options", "module"),
    [
        ((), "turbulence_app.engine.worker"),
        ((), "turbulence_app.engine.campaign.worker"),
        (("--loopback",), "turbulence_app.engine.world.host"),
        ((), "turbulence_app.llm.worker"),
    ],
)
def test_children_are_started_through_the_launcher(options: tuple[str, ...], module: str) -> None:
    """Whoever starts one of these modules names the launcher; nobody starts it bare."""
    package = Path(egress.__file__).parents[1]
    sources = {path: path.read_text() for path in package.rglob("*.py")}
    bare = [path.name for path, text in sources.items() if f'"-m", "{module}"' in text]
    assert bare == []
    assert any(f'"{module}"' in text for text in sources.values())


def test_this_process_of_tests_is_behind_the_lock_as_well() -> None:
    import turbulence_app.service

    assert turbulence_app.service.__doc__
    assert egress.locked()
    assert egress.holds()


def test_a_program_that_imports_this_one_lists_its_hosts_in_the_environment() -> None:
    code = (
        "import turbulence_app.service, socket, json\nfrom turbulence_app.privacy import egress\n"
        "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.7', 9))\n"
        "print(json.dumps([egress.allowed(), egress.refused()]))"
    )
    env = {**os.environ, "TURBULENCE_ALLOW_HOSTS": "192.0.2.7, Staging.Example"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert json.loads(done.stdout) == [["192.0.2.7", "staging.example"], 0], done.stderr


def test_trying_the_lock_is_not_an_attempt() -> None:
    before = egress.refused()
    assert egress.holds()
    assert egress.refused() == before
