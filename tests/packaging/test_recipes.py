"""The recipes for Windows and macOS, read without those systems: they parse, and agree with the Linux package."""

import plistlib
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.house.tracked import ROOT
from tests.packaging.tools import PACKAGING, script

WINDOWS, MACOS = PACKAGING / "windows", PACKAGING / "macos"


def test_the_installer_takes_out_what_it_put_in() -> None:
    text = (WINDOWS / "turbulence.nsi").read_text(encoding="utf-8")
    installs, _, removes = text.partition('Section "Uninstall"')
    assert text.count("SectionEnd") == 2 == len(re.findall(r"^Section ", text, re.MULTILINE))
    assert text.count("!macro ") == text.count("!macroend")
    for shortcut in re.findall(r'CreateShortcut "([^"]+)"', installs):
        assert f'Delete "{shortcut}"' in removes
    for kind in re.findall(r'!insertmacro FileType "([^"]+)"', installs):
        assert f'DeleteRegKey HKCU "Software\\Classes\\{kind}"' in removes
    assert 'DeleteRegKey HKCU "${KEY}"' in removes
    assert "HKLM" not in text, "it is installed for one person, without rights"
    if shutil.which("makensis"):
        done = subprocess.run(["makensis", "-PPO", "-DVERSION=1", "turbulence.nsi"], cwd=WINDOWS, check=False)
        assert done.returncode == 0


def test_every_file_that_a_recipe_names_is_there() -> None:
    for path in (*WINDOWS.iterdir(), *MACOS.iterdir()):
        text = path.read_text(encoding="utf-8").replace("\\", "/")
        for name in re.findall(r"\bpackaging/(?:windows|macos|frozen|deb|locks)/[\w.-]+\.\w+", text):
            assert (ROOT / name).exists(), f"{path.name}: {name}"
        for name in re.findall(r"locks/([\w-]+\.lock)", text):
            assert (PACKAGING / "locks" / name).exists(), f"{path.name}: {name}"


def test_powershell_s_braces_and_quotes_close() -> None:
    for path in WINDOWS.glob("*.ps1"):
        text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
        text = re.sub(r'"(?:[^"`]|`.)*"', '""', text)
        for opening, closing in ("{}", "()", "[]"):
            assert text.count(opening) == text.count(closing), f"{path.name}: {opening}"
        assert text.count('"') % 2 == 0
        pwsh = shutil.which("pwsh")
        if pwsh:
            parse = f"[Management.Automation.Language.Parser]::ParseFile('{path}',[ref]$null,[ref]$e)"
            code = f"$e=$null;[void]{parse};exit $e.Count"
            assert subprocess.run([pwsh, "-NoProfile", "-Command", code], check=False).returncode == 0


def test_the_entitlements_are_a_property_list_that_lets_qt_be_exchanged() -> None:
    found = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert found == {"com.apple.security.cs.disable-library-validation": True}


@pytest.mark.parametrize("name", ["build.sh", "sign.sh"])
def test_mac_s_scripts_end_with_a_line_where_they_cannot_work(name: str) -> None:
    done = subprocess.run(
        ["bash", MACOS / name], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"}
    )
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1


def test_signing_needs_a_secret_and_building_none() -> None:
    for folder in (WINDOWS, MACOS):
        for path in folder.iterdir():
            names = set(re.findall(r"TURBULENCE_(?:CERTIFICATE|IDENTITY|PROFILE)", path.read_text(encoding="utf-8")))
            assert not names or path.name.startswith("sign"), path


def test_windows_icon_holds_every_size(qapp: object, tmp_path: Path) -> None:
    icon = script("windows/icon")
    icon.write(tmp_path / "turbulence.ico")
    raw = (tmp_path / "turbulence.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", raw)
    assert (kind, count) == (1, len(icon.SIZES))
    for number, size in enumerate(icon.SIZES):
        width, _, _, _, _, _, length, offset = struct.unpack_from("<BBBBHHII", raw, 6 + 16 * number)
        assert (width or 256) == size
        assert raw[offset : offset + 8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack_from(">II", raw, offset + 16) == (size, size)
        assert offset + length <= len(raw)


@pytest.mark.parametrize("folder", [WINDOWS, MACOS], ids=["windows", "macos"])
def test_what_was_not_tried_is_said(folder: Path) -> None:
    assert "not tried" in (folder / "README.md").read_text(encoding="utf-8").splitlines()[0]
