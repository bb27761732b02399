"""``init``, ``check``, ``import``, ``policy``, ``models`` and ``doctor``."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from turbulence_app.formats.loader import load_policies

ORIGINAL = Path(__file__).parents[1] / "conformance/original"
Say = Callable[..., Said]


def test_init_makes_a_project_that_checks_and_runs(say: Say, tmp_path: Path) -> None:
    root = tmp_path / "my shop"
    said = say("init", root, "--json")
    assert said.status == 0
    assert "turbulence.yaml" in said.json["files"]
    assert 'name: "my shop"' in (root / "turbulence.yaml").read_text()
    assert say("check", "--project", root).status == 0
    assert say("check", root).out == say("check", "--project", root).out
    assert say("check", root / "workflows").status == 2
    assert say("run", "quiet-day", "--users", 4096, "--project", root, "--quiet").status == 0
    assert {path.name for path in root.iterdir() if path.name.startswith(".")} == {".turbulence"}


def test_generate_makes_what_is_missing(say: Say, project: Path) -> None:
    assert "has a policy already" in say("policy", "generate", "--project", project).out
    file = project / "policies/impatient_shopper.yaml"
    file.unlink()
    said = say("policy", "generate", "--backend", "rules", "--project", project)
    assert said.status == 0
    assert "Impatient Shopper" in said.out
    (written,) = [p for p in (project / "policies").glob("*.yaml") if "impatient" in p.read_text()]
    (policy,) = [p for p in load_policies(written) if p.persona_id == "impatient_shopper"]
    assert policy.provenance.backend == "rules"
    assert say("run", "quiet-day", "--users", 4096, "--project", project, "--quiet").status == 0


def test_generate_from_files_prints_the_policy(
    say: Say, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = say(
        "policy", "generate", "--persona", project / "personas/impatient_shopper.yaml",
        "--workflow", project / "workflows/checkout.yaml", "--backend", "builtin", "--json", "--out", "made.yaml",
    )  # fmt: skip
    assert said.status == 0
    assert said.json["persona_id"] == "impatient_shopper"
    assert said.json["provenance"]["digest"]
    assert any(said.json["evidence"].values())
    assert load_policies(tmp_path / "made.yaml")[0].persona_id == "impatient_shopper"


def test_the_same_persona_compiles_once(say: Say, project: Path) -> None:
    ask = ("policy", "generate", "--persona", "coupon_hunter", "--backend", "builtin", "--project", project, "--json")
    first, second, fresh = say(*ask).json, say(*ask).json, say(*ask, "--fresh").json
    assert first["provenance"]["source"] == "model"
    assert second["provenance"]["source"] == "cache"
    assert fresh["provenance"]["source"] == "model"
    assert first["decisions"] == second["decisions"] == fresh["decisions"]


def test_approve_and_diff(say: Say, project: Path) -> None:
    said = say("policy", "approve", "impatient_shopper", "--by", "Ada", "--project", project, "--json")
    assert said.json["policy"]["provenance"]["approved_by"] == "Ada"
    same = say("policy", "diff", "impatient_shopper", "checkout/impatient_shopper", "--project", project)
    assert (same.status, same.out.strip()) == (0, "the same")
    other = say("policy", "diff", "impatient_shopper", "window_shopper", "--project", project, "--json")
    assert other.status == 1
    assert {"path", "before", "after"} == set(other.json["changes"][0])


def test_import_of_an_original_file(say: Say, project: Path, tmp_path: Path) -> None:
    original = tmp_path / "ping.yaml"
    original.write_text(
        "id: ping\nflow:\n  - {name: ping, type: http, service: api, method: GET, path: /ping}\n"
        "assertions:\n  - {name: ok, type: assert, expect: {status_code: 200}}\n"
    )
    said = say("import", "turbulence", original, "--project", project, "--json")
    assert said.status == 0, said
    assert any(name.endswith("ping.yaml") for name in said.json["files"])
    assert say("import", "turbulence", original, "--project", project).status == 2


def test_models_and_doctor(say: Say, project: Path) -> None:
    said = say("models", "list", "--json")
    assert said.status == 0
    assert {"builtin", "rules"} <= {model["backend"] for model in said.json["models"]}
    checked = say("doctor", "--project", project, "--json")
    assert checked.status == 0, checked.out
    assert checked.json["ok"]
    assert {"engine", "database", "sample", "model: builtin"} <= {check["name"] for check in checked.json["checks"]}
    window = next(check for check in checked.json["checks"] if check["name"] == "window")
    assert "PySide6" in window["detail"]
    assert (window["status"], window["mend"]) == ("ok", "") or "QT_QPA_PLATFORM" not in os.environ
    told = say("doctor", "--project", project).out
    assert "engine" in told
    assert "llamacpp" in told


def test_doctor_says_why_the_window_cannot_open(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def window() -> dict[str, str]:
        return next(check for check in say("doctor", "--json").json["checks"] if check["name"] == "window")

    monkeypatch.setenv("QT_QPA_PLATFORM", "fnord")
    assert window()["status"] == "warn"
    assert "plugin" in window()["detail"]
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert "no screen" in window()["detail"]


def test_the_originals_files_run_as_they_are(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("checkout", "plain"):
        flow = ORIGINAL / f"scenarios/{name}.yaml"
        said = say("run", "--workflow", flow, "--policies", ORIGINAL / "policies.yaml", "--users", 500, "--json")
        assert said.status == 0, said.err
        assert said.json["users"] == 500
        assert said.err.startswith("note: ")
    made = say("import", "turbulence", ORIGINAL, "--project", tmp_path / "made")
    assert made.status == 0
    assert "could not be carried over" in made.out
    assert say("check", "--project", tmp_path / "made").status == 0
    assert say("run", "--project", tmp_path / "made", "--users", 500, "--quiet").status == 0


def test_lint_finds_a_number_that_the_words_speak_against(say: Say, project: Path) -> None:
    assert say("policy", "lint", "window_shopper", "--project", project).status == 0
    file = project / "policies/impatient_shopper.yaml"
    persona = project / "personas/impatient_shopper.yaml"
    assert say("policy", "lint", "impatient_shopper", "--project", project).status == 0
    persona.write_text(persona.read_text().replace("may try once", "tries four times"))
    said = say("policy", "lint", "impatient_shopper", "--project", project, "--json")
    assert said.status == 1
    (problem,) = said.json["problems"]
    assert problem["message"].startswith("retries.default: 0, but the description says 4")
    alone = say("policy", "lint", file)
    assert alone.status == 2
    assert "--persona" in alone.err
