"""Drafts outlive the window that wrote them, and nobody else's are touched."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from turbulence_app.formats.loader import parse_workflow
from turbulence_app.resources import resource_path
from turbulence_app.service.drafts import Draft, Shelf

ONE = Draft("workflow", "workflows/checkout.yaml", "checkout.yaml", "id: x\n", "", "", "2026-01-01T00:00:00+00:00")


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop", tmp_path / "home"


def test_what_a_window_left_is_found_by_the_next_and_by_it_alone(places: tuple[Path, Path]) -> None:
    first, second = Shelf(*places), Shelf(*places)
    first.write(ONE)
    assert second.left() == []
    assert first.left() == []
    first.close()
    (left,) = second.left()
    assert left.draft == ONE
    assert second.adopt(left)
    assert Shelf(*places).left() == []
    second.remove(ONE.kind, ONE.key)
    second.close()
    assert Shelf(*places).left() == []
    assert list((places[0] / ".turbulence" / "drafts").iterdir()) == []


def test_a_newer_draft_stands_in_the_place_of_the_older(places: tuple[Path, Path]) -> None:
    shelf = Shelf(*places)
    for text in ("one", "two"):
        shelf.write(Draft("persona", "p", "P", text))
    shelf.close()
    assert [left.draft.text for left in Shelf(*places).left()] == ["two"]


def test_a_draft_is_private_and_only_one_window_adopts_it(places: tuple[Path, Path]) -> None:
    shelf = Shelf(*places)
    shelf.write(ONE)
    shelf.close()
    one, two = Shelf(*places), Shelf(*places)
    (left,) = one.left()
    assert left.path.stat().st_mode & 0o777 == 0o600
    assert left.path.parent.stat().st_mode & 0o777 == 0o700
    assert one.adopt(left)
    assert not two.adopt(left)


def test_a_project_that_may_not_be_written_has_its_drafts_with_the_person(places: tuple[Path, Path]) -> None:
    root, home = places
    (root / ".turbulence").write_text("no folder", "utf-8")
    shelf = Shelf(root, home)
    shelf.write(ONE)
    shelf.close()
    (left,) = Shelf(root, home).left()
    assert left.path.is_relative_to(home)
    assert left.path.stat().st_mode & 0o777 == 0o600
    assert Shelf(root.parent, home).left() == []


@pytest.mark.parametrize(
    "junk", ["", "[]", "{", '"x"', '{"turbulence_draft": 2}', '{"turbulence_draft": 1, "kind": 3}', "[" * 100_000]
)
def test_what_is_no_draft_is_left_alone(places: tuple[Path, Path], junk: str) -> None:
    folder = places[0] / ".turbulence" / "drafts" / "abc"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(junk, "utf-8")
    assert Shelf(*places).left() == []
    assert not (folder / "x.json").exists() or (folder / "x.json").read_text("utf-8") == junk


WRITER = """
import sys
from pathlib import Path
from turbulence_app.service.drafts import Draft, Shelf
from turbulence_app.service.files import save_workflow
from turbulence_app.service.projects import open_project
root = Path(sys.argv[1])
folder, shelf = open_project(root), Shelf(root)
text = (root / "workflows/checkout.yaml").read_text()
print("go", flush=True)
number = 0
while True:
    number += 1
    longer = text + f"# {number} " + "x" * (number % 5 * 40_000) + "\\n"
    shelf.write(Draft("workflow", "workflows/checkout.yaml", "checkout", longer))
    save_workflow(folder, longer, "workflows/checkout.yaml")
"""


def test_files_and_drafts_are_whole_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    import shutil

    root = shutil.copytree(resource_path("samples/shop"), tmp_path / "shop")
    moments = random.Random(11)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0.02, 0.4))
        process.kill()
        process.communicate()
        text = (root / "workflows/checkout.yaml").read_text("utf-8")
        assert text.endswith("\n")
        parse_workflow(text, "checkout.yaml")
        for path in root.rglob(".turbulence/drafts/*/*.json"):
            assert json.loads(path.read_text("utf-8"))["text"].endswith("\n")
    shelf = Shelf(root)
    for left in shelf.left():
        shelf.discard(left)
    assert not [path for path in (root / ".turbulence" / "drafts").iterdir() if path.is_dir()]
