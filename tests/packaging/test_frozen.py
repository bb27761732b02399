"""What goes into the frozen program, what is done to it, and the list of what is in it."""

import json
import marshal
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.packaging.tools import PACKAGING, script

collect = script("frozen/collect")


@pytest.fixture(scope="module")
def finish():
    return script("frozen/finish")


@pytest.fixture(scope="module")
def sbom():
    return script("frozen/sbom")


def test_the_recipe_is_python() -> None:
    for name in ("turbulence.spec", "entry.py", "collect.py"):
        path = PACKAGING / "frozen" / name
        compile(path.read_text(encoding="utf-8"), name, "exec")


def test_applications_get_the_whole_standard_library_but_no_library_under_the_gpl() -> None:
    found = set(collect.standard_library())
    assert {"asyncio.events", "json", "sqlite3", "wsgiref.simple_server", "unittest.mock", "email.mime.text"} <= found
    assert not found & {"readline", "_dbm", "_gdbm", "test", "idlelib", "tkinter", "ensurepip"}
    assert not any(name.startswith(("test.", "tkinter.", "idlelib.")) for name in found)


def test_what_the_window_needs_stays_and_other_screens_go() -> None:
    names = {
        "PySide6/Qt/plugins/platforms/libqxcb.so": True,
        "PySide6/Qt/plugins/platforms/libqoffscreen.so": True,
        "PySide6/Qt/plugins/platforms/libqwayland.so": True,
        "PySide6/Qt/plugins/platforms/libqeglfs.so": False,
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so": False,
        "PySide6/Qt/lib/libQt6Core.so.6": True,
        "PySide6/Qt/lib/libQt6Quick.so.6": False,
        "PySide6/Qt/lib/libQt6OpenGLWidgets.so.6": True,  # the charts' library loads it
        "turbulence_app/_resources/samples/fastapi-shop/shop/main.py": True,
        "pyqtgraph/icons/__init__.pyc": True,
        "pyqtgraph/examples/__init__.pyc": False,
        "turbulence_app/_resources/models/heads.safetensors": True,
    }
    kept = {name for name, _, _ in collect.kept((name, f"/venv/{name}", "BINARY") for name in names)}
    assert kept == {name for name, stays in names.items() if stays}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems bring their libraries along")
def test_the_system_s_libraries_are_depended_on_and_python_s_is_taken_along() -> None:
    entries = [
        ("libX11.so.6", "/usr/lib/x86_64-linux-gnu/libX11.so.6", "BINARY"),
        ("libpython3.11.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0", "BINARY"),
        ("python3.11/lib-dynload/_ssl.so", "/usr/lib/python3.11/lib-dynload/_ssl.so", "EXTENSION"),
        ("os.pyc", "/usr/lib/python3.11/os.pyc", "DATA"),
    ]
    assert [name for name, _, _ in collect.kept(entries)] == [
        "libpython3.11.so.1.0", "os.pyc", "python3.11/lib-dynload/_ssl.so",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.text("abQt/.so", max_size=12), st.just("x"), st.just("DATA"))))
def test_keeping_is_a_choice_in_a_fixed_order(entries: list[tuple[str, str, str]]) -> None:
    kept = collect.kept(entries)
    assert kept == collect.kept(reversed(entries))
    assert kept == collect.kept(kept)
    assert set(kept) <= set(entries)


def test_a_distribution_s_needs_are_followed() -> None:
    found = collect.distributions("turbulence-app")
    assert {"numpy", "pydantic-core", "starlette", "sqlite-fts4"} <= set(found)
    assert not {"pip", "pytest", "numba"} & set(found)


def test_compiled_modules_learn_where_they_lie(finish, tmp_path: Path) -> None:
    source = tmp_path / "part.py"
    source.write_text("class A:\n    def f(self):\n        return [lambda: 1]\n", encoding="utf-8")
    made = Path(py_compile.compile(str(source), cfile=str(tmp_path / "part.pyc"), doraise=True))
    finish.relocate(made, "/usr/lib/turbulence/_internal/part.py")
    raw = made.read_bytes()
    assert raw[4:16] == b"\x01" + bytes(11), "hash-based and never checked: there is no source to compare with"
    waiting, files = [marshal.loads(raw[16:])], set()
    while waiting:
        code = waiting.pop()
        files.add(code.co_filename)
        waiting += [one for one in code.co_consts if hasattr(one, "co_filename")]
    assert files == {"/usr/lib/turbulence/_internal/part.py"}


def folder(tmp_path: Path) -> Path:
    """A frozen folder in small: one package, the program, one library."""
    inside = tmp_path / "turbulence" / "_internal"
    for name, licence in (("turbulence_app-0.1.0", "Apache-2.0"), ("numpy-2.0", "BSD-3-Clause AND MIT")):
        info = inside / f"{name}.dist-info"
        (info / "licenses").mkdir(parents=True)
        plain = name.partition("-")[0].replace("_", "-")
        version = name.partition("-")[2]
        (info / "METADATA").write_text(f"Name: {plain}\nVersion: {version}\nLicense-Expression: {licence}\n")
        (info / "licenses" / "LICENSE.txt").write_text("the words of it\n")
    (inside / "libx.so").write_bytes(b"\x7fELF and more")
    (inside / "link.so").symlink_to("libx.so")
    (inside / "turbulence_app" / "_resources").mkdir(parents=True)
    return tmp_path / "turbulence"


def test_the_list_of_components_is_whole_and_the_same_twice(
    sbom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    made = folder(tmp_path)
    sbom.write(made, tmp_path / "one.json")
    sbom.write(made, tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    document = json.loads((tmp_path / "one.json").read_text())
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["name"] == "turbulence"
    by_name = {one["name"]: one for one in document["components"]}
    assert by_name["numpy"]["purl"] == "pkg:pypi/numpy@2.0"
    assert by_name["numpy"]["licenses"] == [{"expression": "BSD-3-Clause AND MIT"}]
    assert by_name["_internal/libx.so"]["hashes"][0]["alg"] == "SHA-256"
    assert "_internal/link.so" not in by_name
    assert {"CPython", "Inter", "Lucide", "all-MiniLM-L6-v2"} <= by_name.keys()
    references = [one["bom-ref"] for one in document["components"]]
    assert len(references) == len(set(references))
    (made / "_internal" / "libx.so").write_bytes(b"\x7fELF and others")
    sbom.write(made, tmp_path / "three.json")
    assert json.loads((tmp_path / "three.json").read_text())["serialNumber"] != document["serialNumber"]


def test_every_package_has_its_row_and_its_texts(tmp_path: Path) -> None:
    notices = script("frozen/notices")
    made = folder(tmp_path)
    try:
        notices.python_licence()
    except SystemExit:
        pytest.skip("this Python came without the text of its licence")
    notices.write(made)
    page = (made / "licences" / "README.md").read_text()
    assert "| numpy | 2.0 | BSD-3-Clause AND MIT | `packages/numpy` |" in page
    assert (made / "licences" / "packages" / "numpy" / "licenses" / "LICENSE.txt").read_text() == "the words of it\n"
    for name in ("LGPL-3.0.txt", "GPL-3.0.txt", "QT.md", "llama.cpp.txt", "LICENSE", "NOTICE", "python.txt"):
        assert (made / "licences" / name).stat().st_size > 500


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``python.c`` compiled, over this Python's own standard library."""
    value = sysconfig.get_config_var
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if sys.platform != "linux" or not shutil.which("gcc") or not header.exists():
        pytest.skip("no C compiler with Python's headers here")
    library = next(iter(sorted(Path(value("LIBDIR")).rglob(f"libpython{version}.so*"))), None)
    if library is None:
        pytest.skip("this Python has no shared library")
    place = tmp_path_factory.mktemp("bundle")
    (place / "_internal").symlink_to(sysconfig.get_path("stdlib"))
    made = place / "turbulence-python"
    command = ["gcc", "-Wall", "-Werror", f"-I{header.parent}", "-o", str(made), str(PACKAGING / "frozen" / "python.c")]
    command += [str(library), f"-Wl,--disable-new-dtags,-rpath,{library.parent}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def said(interpreter: Path, *words: str, cwd: Path | None = None, **variables: str) -> str:
    environment = {"PATH": "/usr/bin:/bin", **variables}
    done = subprocess.run([interpreter, *words], capture_output=True, text=True, check=False, env=environment, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_bundle_s_interpreter_is_a_python(interpreter: Path, tmp_path: Path) -> None:
    assert said(interpreter, "-c", "import sys; print(sys.executable)") == str(interpreter)
    assert said(interpreter, "-I", "-S", "-c", "import sys; print(sys.flags.isolated)") == "1"
    (tmp_path / "mine.py").write_text("import os, sys; print(os.__file__, sys.argv[1])")
    found = said(interpreter, "-m", "mine", "word", PYTHONPATH=str(tmp_path))
    assert found == f"{interpreter.parent / '_internal' / 'os.py'} word"
    assert said(interpreter, str(tmp_path / "mine.py"), "other").endswith(" other")


def test_it_keeps_to_the_hash_seed_that_it_is_given(interpreter: Path) -> None:
    code = "print(hash('seed'))"
    once = [said(interpreter, "-c", code, PYTHONHASHSEED=seed) for seed in "001"]
    assert once[0] == once[1] != once[2]


def test_it_sees_nothing_of_another_installation(interpreter: Path, tmp_path: Path) -> None:
    """Not the folder that it is started in, no packages of the system's or of the person's."""
    code = "import sys; print('\\n'.join(sys.path))"
    inside = str(interpreter.parent / "_internal")
    assert all(line.startswith(inside) for line in said(interpreter, "-c", code, cwd=tmp_path).split())
    isolated = said(interpreter, "-E", "-c", code, PYTHONPATH="/somewhere")
    assert "/somewhere" not in isolated


AHEAD = """
import sys
left_out = {names!r}
class Refuses:
    def find_spec(self, name, path=None, target=None):
        if any(name == one or name.startswith(one + ".") for one in left_out):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuses())
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.ahead import Ahead
ahead = Ahead([spec.module for spec in SPECS])
while ahead.step():
    pass
missing = [spec.module for spec in SPECS if spec.exists() and spec.module not in sys.modules]
print("missing", missing)
"""


def test_the_window_gets_on_without_what_is_left_out() -> None:
    code = AHEAD.format(names=list(collect.EXCLUDED))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "missing []\n", done.stderr
