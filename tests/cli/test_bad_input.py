"""Bad input of every kind: the right exit status, one clear line, never a traceback."""

import os
import resource
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cli.conftest import Said, child, finished
from turbulence_app.cli import main as module
from turbulence_app.cli.main import main
from turbulence_app.service.projects import database_path

Say = Callable[..., Said]


@pytest.mark.parametrize(
    "arguments",
    [
        ("fnord",),
        ("--fnord",),
        ("policy",),
        ("policy", "fnord"),
        ("models", "add"),
        ("models", "add", "/nowhere.gguf"),
        ("models", "remove", "nobody"),
        ("models", "default", "nobody"),
        ("import", "turbulence", "/nowhere.yaml"),
        ("import", "openapi", "/nowhere.yaml"),
        ("import", "har", "/dev/null"),
        ("import", "log", "/nowhere.csv"),
        ("export", "nonsense"),
        ("export", "html", "r-0099"),
        ("drift", "nobody"),
        ("shrink",),
        ("shrink", "c-0099"),
        ("replay",),
        ("replay", "last", "--live"),
        ("proxy", "nobody"),
        ("check-capsule",),
        ("check-capsule", "/dev/null", "--expect", "fails", "--update"),
        ("campaign", "nobody"),
        ("campaign", "--resume", "last"),
        ("campaign", "--show", "c-0099"),
        ("campaign", "--on", "nonsense"),
        ("campaign", "--worlds", "0"),
        ("init",),
        ("init", "/dev/null"),
        ("policy", "approve", "nobody"),
        ("policy", "diff", "a", "b"),
        ("policy", "diff", "/nowhere", "/nowhere"),
        ("policy", "generate", "--persona", "/nowhere.yaml"),
        ("policy", "generate", "--backend", "oracle"),
        ("policy", "generate", "--seed", "-5"),
        ("run", "--project", "/nowhere"),
        ("run", "--project", "/dev/null"),
        ("verify", "--project", "/nowhere"),
        ("demo", "--users", "-1"),
        ("demo", "--project", "/nowhere"),
    ],
)
def test_wrong_calls(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    said = say(*arguments)
    assert said.status == 2, said
    assert "Traceback" not in said.err
    if arguments != ("policy",):
        assert said.err.startswith("error: "), said.err
        assert say(*arguments, "--json").json["error"]["exit_status"] == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["missing.yaml", "Missing.YML", "./missing", "a/b", "old.db", "phi.gguf"])
@pytest.mark.parametrize("more", [(), ("--users", "5")])
def test_a_path_that_is_not_there_is_no_command(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, more: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    said = say(name, *more)
    assert (said.status, said.err) == (2, f"error: {name}: there is no such file or folder\n")
    assert say(name, *more, "--json").json["error"]["where"]["file"] == name


def test_files_with_more_words_and_words_that_are_no_paths(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text("")
    assert "a.yaml: the window opens one file or folder at a time" in say("a.yaml", "b.yaml").err
    assert "No such command 'yaml'" in say("yaml").err


@pytest.mark.parametrize("name", ["/nowhere.yaml", "/", "/dev/zero", "/proc/self/mem"])
def test_check_of_what_is_no_file(say: Say, name: str) -> None:
    said = say("check", name)
    assert said.status == 2
    assert said.out.startswith("error: ")
    assert say("check", name, "--json").json["ok"] is False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(body=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "replace"))))
@pytest.mark.parametrize("name", ["workflows/checkout.yaml", "turbulence.yaml", "scenarios/lost-answers.yaml"])
def test_garbage_in_a_project_file(
    pristine: Path, tmp_path_factory: pytest.TempPathFactory, name: str, body: bytes
) -> None:
    file = pristine / name
    before = file.read_bytes()
    file.write_bytes(body)
    try:
        assert main(["check", "--project", str(pristine), "--quiet"]) in (0, 2)
        assert main(["check", str(file), "--json"]) in (0, 2)
        assert main(["run", "lost-answers", "--users", "10", "--project", str(pristine), "--quiet"]) in (0, 1, 2)
    finally:
        file.write_bytes(before)


def test_a_yaml_bomb_and_deep_nesting(say: Say, project: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    for text in (bomb, "[" * 5000, "{a: " * 3000, "id: x\nflow: " + "9" * 10000, "id: x\nflow: .nan"):
        (project / "workflows/bad.yaml").write_text(text)
        said = say("check", "--project", project)
        assert said.status == 2
        assert "Traceback" not in said.err


def test_check_names_file_line_and_mend(say: Say, project: Path) -> None:
    assert say("check", "--project", project).status == 0
    file = project / "scenarios/lost-answers.yaml"
    file.write_text(file.read_text().replace("workflow: checkout", "workflow: chekcout"))
    said = say("check", "--project", project, "--json")
    assert said.status == 2
    problem = next(p for p in said.json["problems"] if p["severity"] == "error")
    assert problem["where"]["file"].endswith("lost-answers.yaml")
    assert problem["where"]["line"] > 1
    assert problem["mend"]
    assert f"{file}:" in say("check", "--project", project).out


def test_init_never_overwrites(say: Say, project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*.yaml")}
    said = say("init", project)
    assert said.status == 2
    assert "already" in said.err
    assert {path: path.read_bytes() for path in project.rglob("*.yaml")} == before


def test_a_path_that_is_no_text(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / os.fsdecode(b"bad\xff")
    root.mkdir()
    monkeypatch.chdir(root)
    for arguments in (("init", "shop"), ("run",), ("check",), ("run", "--project", root)):
        said = say(*arguments)
        assert said.status == 2
        assert "not UTF-8" in said.err
    assert not list(root.iterdir())


def test_a_damaged_database_is_one_line_and_the_next_run_works(say: Say, project: Path) -> None:
    database_path(project).write_bytes(b"garbage" * 1000)
    for side in ("-wal", "-shm"):
        database_path(project).with_name(f"turbulence.db{side}").unlink(missing_ok=True)
    said = say("run", "quiet-day", "--users", 4096, "--project", project)
    assert said.status == 0
    assert "damaged" in said.err
    assert said.out.startswith("r-0001")
    assert [p for p in database_path(project).parent.iterdir() if "damaged" in p.name]


def test_a_bug_is_a_report_and_one_line(say: Say, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("turbulence_app.service.projects.open_project", broken)
    said = say("check", "--project", project)
    assert said.status == 3
    assert said.err.startswith("error: a fault of the program: ZeroDivisionError: planted")
    report = Path(said.err.split("the report ")[1].split(" tells")[0])
    assert "planted" in report.read_text()
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert say("check", "--project", project, "--json").json["error"]["exit_status"] == 3
    monkeypatch.setenv("TURBULENCE_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        module.main(["check", "--project", str(project)])


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_takes_no_more_is_said_plainly(project: Path, workers: int) -> None:
    """The system refuses to let any file grow, as a full disk does."""
    limit = 200_000
    process = child(
        "run", "--users", 3_000_000, "--workers", workers, "--project", project,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    said = finished(process)
    assert said.status == 3, said
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
    assert finished(child("verify", "r-0001", "--project", project)).status == 0


@pytest.fixture
def tiny_disk(tmp_path: Path):
    """A file system of 300 kB, where this process may mount one."""
    place = tmp_path / "tiny"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("may not mount a file system here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(tiny_disk: Path, say: Say) -> None:
    filler = tiny_disk / "filler"
    filler.write_bytes(bytes(260_000))
    assert say("init", tiny_disk / "shop").status == 3
    assert not list((tiny_disk / "shop").iterdir())
    filler.unlink()
    assert say("init", tiny_disk / "shop").status == 0
    said = say("run", "--users", 2_000_000, "--workers", 1, "--project", tiny_disk / "shop")
    assert said.status == 3, said
    assert "full" in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_project_that_may_not_be_written(say: Say, project: Path) -> None:
    folder = database_path(project).parent
    folder.chmod(0o500)
    for file in folder.iterdir():
        file.chmod(0o400)
    said = say("run", "quiet-day", "--project", project)
    folder.chmod(0o700)
    assert said.status == 3
    assert "cannot write" in said.err


def test_a_file_where_the_database_folder_should_be(say: Say, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    say("init", root)
    (root / ".turbulence").write_text("in the way")
    said = say("run", "quiet-day", "--users", 100, "--project", root)
    assert said.status == 3
    assert said.err.startswith("error: ")


@pytest.mark.parametrize("models", ["5", "{backend: oracle}", "{routes: {policy: {mode: logits}}}", "{parallel: 0}"])
def test_settings_that_are_wrong_are_never_the_usual_ones_in_silence(say: Say, project: Path, models: str) -> None:
    (project / "turbulence.yaml").write_text(f"name: x\nmodels: {models}\n")
    for command in (("policy", "generate", "--persona", "impatient_shopper", "--force"), ("models", "route")):
        said = say(*command, "--project", project)
        assert said.status == 2
        assert "turbulence.yaml:2: " in said.err
