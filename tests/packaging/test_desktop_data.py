"""What a desktop reads of the package: the menu entry, the file types, the page of a software centre, the icons."""

import configparser
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.packaging.tools import PACKAGING, script
from turbulence_app import __version__
from turbulence_app.cli.main import COMMANDS
from turbulence_app.gui import associations

MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture(autouse=True)
def _moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


@pytest.fixture(scope="module")
def package():
    return script("deb/package")


def validated(tmp_path: Path, name: str, text: str, tool: str, *options: str) -> None:
    """Where the desktop's own tool is here, it has the last word."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    if shutil.which(tool):
        done = subprocess.run([tool, *options, str(path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_menu_entry_starts_the_program_and_knows_its_files(package, tmp_path: Path) -> None:
    text = package.desktop_entry()
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read_string(text)
    values = entry["Desktop Entry"]
    assert values["Exec"].split() == ["turbulence", "%f"]
    assert values["Icon"] == "turbulence"
    assert set(values["MimeType"].strip(";").split(";")) >= {one.mime for one in associations.FILE_TYPES}
    assert "@" not in text
    validated(tmp_path, "turbulence.desktop", text, "desktop-file-validate")


def test_the_file_types_are_well_formed_and_have_names() -> None:
    root = ET.fromstring(associations.shared_mime_info())
    types = {one.attrib["type"]: one for one in root.iter(f"{MIME}mime-type")}
    assert types.keys() == {one.mime for one in associations.FILE_TYPES}
    for one in types.values():
        assert one.findall(f"{MIME}glob")
        assert one.findtext(f"{MIME}comment")


def test_the_software_centre_s_page_agrees_with_the_rest(package, tmp_path: Path) -> None:
    text = package.metainfo()
    root = ET.fromstring(text)
    assert root.findtext("launchable") == f"{associations.DESKTOP_ID}.desktop"
    offered = {one.text for one in root.iter("mediatype")}
    assert offered == {one.mime for one in associations.FILE_TYPES}
    (release,) = root.iter("release")
    assert release.attrib == {"version": __version__, "date": "2023-11-14"}
    validated(
        tmp_path, "org.turbulence.turbulence.metainfo.xml", text, "appstreamcli", "validate", "--no-net", "--pedantic"
    )


def test_icons_come_in_every_size_and_are_not_empty(qapp: object, tmp_path: Path) -> None:
    icons = script("deb/icons")
    written = icons.write(tmp_path)
    assert len(written) == len(icons.SIZES) + 1
    for size, path in zip(icons.SIZES, written, strict=False):
        image = QImage(str(path))
        assert (image.width(), image.height()) == (size, size)
        assert image.pixelColor(0, 0).alpha() == 0
        assert image.pixelColor(size // 2, size // 2).alpha() == 255


def test_the_manual_page_names_what_the_program_has() -> None:
    page = (PACKAGING / "deb" / "turbulence.1").read_text(encoding="utf-8")
    assert page.startswith(".TH TURBULENCE 1")
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"):
        assert f".SH {section}\n" in page
    assert "self\\-test" in page
    assert COMMANDS


def test_nothing_of_the_control_file_is_left_open(package) -> None:
    fields = dict.fromkeys(("name", "version", "architecture", "maintainer", "size", "depends"), "x")
    text = package.CONTROL.format(**fields)
    assert "{" not in text
    description = text.partition("Description:")[2].splitlines()[1:]
    assert all(line.startswith(" ") and len(line) <= 80 for line in description)


def test_equal_texts_are_packed_into_equal_bytes(package, tmp_path: Path) -> None:
    pack: Callable[[Path, str], None] = package.put_zipped
    pack(tmp_path / "a.gz", "words")
    pack(tmp_path / "b.gz", "words")
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
