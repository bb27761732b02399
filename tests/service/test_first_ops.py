"""A worker begins with the operations that a window needs first, and becomes the whole when more is asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from turbulence_app.service import first_ops, ops
from turbulence_app.service.worker import Job

HEAVY = ("turbulence_app.llm", "turbulence_app.assist", "turbulence_app.engine.campaign", "turbulence_app.service.ops")


@pytest.fixture
def beginning(tmp_path: Path):
    made = first_ops.Beginning(tmp_path / "home")
    yield made
    made.close()


def asked(handlers, op: str, **given):
    return handlers.handle(op, given, Job(1, op, given))


def test_the_beginning_brings_in_no_model_and_no_campaign() -> None:
    code = f"import sys, turbulence_app.service.first_ops; print([m for m in sys.modules if m.startswith({HEAVY!r})])"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"


def test_what_a_window_asks_first_needs_nothing_more(beginning) -> None:
    project = asked(beginning, "open_project")
    assert project["sample"]
    inputs = asked(beginning, "build_inputs", scenario="quiet-day", users=50)
    assert asked(beginning, "preview", inputs=inputs, users=50)["users"] == 50
    versions = asked(beginning, "policy_history", persona="impatient_shopper", workflow="checkout")
    assert versions == {"versions": []}
    assert beginning._whole is None


def test_anything_else_brings_in_the_whole_with_the_same_databases(beginning) -> None:
    asked(beginning, "policy_history", persona="impatient_shopper", workflow="checkout")
    (path, database), *others = beginning._opened.databases.items()
    assert not others
    assert asked(beginning, "list_runs") == {"runs": []}
    assert beginning._whole.databases[path] is database
    assert asked(beginning, "ping", data={"a": 1}) == {"a": 1}


def test_the_first_are_part_of_the_whole() -> None:
    assert first_ops.TABLE.items() <= ops.TABLE.items()


def test_a_policy_without_a_workflow_s_name_is_found(beginning) -> None:
    named = asked(beginning, "policy_history", persona="impatient_shopper", workflow="checkout")
    assert asked(beginning, "policy_history", persona="impatient_shopper") == named
