"""What the folders look like: small files, nothing of one machine, a licence beside everything that is bundled."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, text_files, tracked

MAX_LINES = 400
# A longer file needs a reason here.
LONG_FOR_A_REASON = {
    "turbulence_app/engine/requests.py": "one attempt after another, vectorised: read beside reference.py as one piece",
}
BUNDLED = {"fonts": (".otf", ".ttf"), "icons": (".svg", ".png"), "models": (".safetensors", ".npz", ".gguf", ".onnx")}
# Folders of one machine or one account; written in pieces so that this file does not name them itself.
MACHINE = re.compile(r"(?<![\w.}$)*-])/" + r"(?:root|work|home/[a-z]|Users/[a-z])" + r"(?:/|\w*(?=[\"' ]))")


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_files_stay_small() -> None:
    long = {}
    for path in python_files():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        name = path.relative_to(ROOT).as_posix()
        if lines > MAX_LINES and name not in LONG_FOR_A_REASON:
            long[name] = lines
    assert not long, f"split these, or give the reason in {Path(__file__).name}: {long}"


def test_no_path_of_one_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", ["cd /" + "root/x", "open('/" + "work/a')", 'HOME="/' + 'home/jo"'])
def test_a_path_of_one_machine_is_seen(line: str) -> None:
    assert MACHINE.search(line)


def test_nothing_half_done() -> None:
    words = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"]))
    found = [
        f"{path}:{number}"
        for path, text in text_files()
        if path.suffix == ".py"
        for number, line in enumerate(text.splitlines(), 1)
        if words.search(line)
    ]
    assert not found, found


def test_nothing_dangerous_is_called() -> None:
    """No pickle, no eval or exec, no shell strings, in the program itself."""
    found = []
    for path in python_files():
        if ROOT / "turbulence_app" not in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                found += [where for name in names if name.split(".")[0] in {"pickle", "marshal", "shelve", "dill"}]
            elif isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else ""
                shell = any(k.arg == "shell" and getattr(k.value, "value", True) for k in node.keywords)
                if called in {"eval", "exec", "compile"} or shell:
                    found.append(where)
                if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in {"os.system", "os.popen"}:
                    found.append(where)
    assert not found, found


@pytest.mark.parametrize("folder", sorted(BUNDLED))
def test_what_is_bundled_has_its_licence_beside_it(folder: str) -> None:
    bundled = [path for path in tracked() if (ROOT / "resources" / folder) in path.parents]
    assert any(path.suffix in BUNDLED[folder] for path in bundled)
    licences = [path for path in bundled if "licen" in path.name.lower()]
    assert licences
    assert all(path.stat().st_size > 500 for path in licences), "a licence's full text, not its name"


def test_each_font_family_has_its_own_licence() -> None:
    fonts = [path for path in tracked() if path.suffix in {".otf", ".ttf"}]
    assert fonts
    for path in fonts:
        family = path.name.split("-")[0]
        assert path.with_name(f"{family}-LICENSE.txt").exists(), path.name


def test_the_licence_is_apache() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_third_party_list_names_every_locked_package() -> None:
    table = (ROOT / "resources" / "licences" / "THIRD_PARTY.md").read_text(encoding="utf-8")
    listed = {
        (name, version)
        for name, versions in re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|", table, re.MULTILINE)
        for version in versions.strip().split(", ")
    }
    for lock in ("runtime", "llama"):
        text = (ROOT / "packaging" / "locks" / f"{lock}.lock").read_text(encoding="utf-8")
        for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE):
            assert (name, version) in listed, f"{name} {version}: run packaging/licences.py"


def test_every_test_folder_is_a_package() -> None:
    """Two test files of one name in two rooms would hide each other otherwise."""
    folders = {path.parent for path in python_files() if ROOT / "tests" in path.parents}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]
