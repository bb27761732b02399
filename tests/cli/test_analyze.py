"""``analyze`` on a real project: a document, a file, and clear refusals."""

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Said

Say = Callable[..., Said]


def test_a_failure_is_explained(say: Say, project: Path) -> None:
    said = say("analyze", "r-0001", "--project", project, "--json")
    assert said.status == 0
    document = said.json
    assert document["source"] == "simulation"
    assert document["failure"]["invariant"] == "charged_once"
    assert {one["verdict"] for one in document["claims"]} == {"confirmed", "refuted"}
    assert all(one["of"] for one in document["claims"])
    out = project / "why.md"
    said = say("analyze", "f-0001", "--project", project, "--out", out)
    assert said.status == 0
    assert "From the simulation alone" in said.out
    assert out.read_text(encoding="utf-8").startswith("# charged_once breaks at pay")


def test_what_cannot_be_is_one_line(say: Say, project: Path) -> None:
    for arguments, status in ((("r-0099",), 2), (("r-0001/f-9999",), 2), (("--backend", "builtin"), 2)):
        said = say("analyze", *arguments, "--project", project)
        assert said.status == status
        assert "Traceback" not in said.err
    said = say("analyze", "r-0001", "--backend", "llamacpp", "--project", project)
    assert said.status == 3, "no model was added"
