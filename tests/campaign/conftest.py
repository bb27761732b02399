"""A project of the toy's on disk, made once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.toy import CROWD, FAULTS, WORKFLOW


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kiosk without campaigns; copy it before writing to it."""
    root = tmp_path_factory.mktemp("kiosk") / "kiosk"
    personas = [{"id": m["persona"], "name": m["persona"], "weight": m["weight"], "description": "x"} for m in CROWD]
    policies = [{**m["policy"], "workflow": "kiosk"} for m in CROWD]
    scenario = {"id": "rough", "workflow": "kiosk", "users": 100, "seed": 7, "faults": FAULTS}
    write(root / "turbulence.yaml", {"name": "Kiosk", "workflow": "kiosk", "scenario": "rough"})
    write(root / "workflows/kiosk.yaml", WORKFLOW)
    write(root / "personas/all.yaml", {"personas": personas})
    write(root / "policies/all.yaml", {"policies": policies})
    write(root / "scenarios/rough.yaml", scenario)
    write(root / "scenarios/calm.yaml", {**scenario, "id": "calm", "faults": []})
    return root


def write(path: Path, data: Any) -> None:
    """JSON is YAML."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")
