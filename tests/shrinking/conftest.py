"""A project with one run in it, made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from turbulence_app.cli.main import main


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with a run of 4,096 people in it, of whom some are charged twice."""
    root = tmp_path_factory.mktemp("shrinking") / "shop"
    assert main(["init", str(root), "--quiet"]) == 0
    assert main(["run", "lost-answers", "--users", "4096", "--workers", "1", "--project", str(root), "--quiet"]) == 1
    return root


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """A command in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return call
