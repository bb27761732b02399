"""Signs that the program writes are in the fonts that it ships: those of a system look different everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QRawFont
from pytestqt.qtbot import QtBot

import turbulence_app
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import MONO, SANS, TYPE, families
from turbulence_app.resources import resource_root

ELSEWHERE = ("cli", "llm")
"""What is written for a terminal, and what is never shown."""


def signs() -> dict[str, str]:
    """Every sign beyond ASCII in the words of the program, and a file that has it."""
    root = Path(turbulence_app.__file__).parent
    found: dict[str, str] = {}
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root)
        if name.parts[0] in ELSEWHERE:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= {sign: str(name) for sign in node.value if ord(sign) > 126 and sign.isprintable()}
    return found


@pytest.mark.parametrize("family", [SANS, MONO])
def test_one_of_the_two_families_has_every_sign(qtbot: QtBot, family: str) -> None:
    assert families(family)[0] == family
    assert set(families(family)) == {SANS, MONO}
    files = (resource_root() / "fonts").glob("*-Regular.*")
    fonts = [QRawFont(str(file), 13) for file in files]
    assert len(fonts) == 2
    lost = {sign: at for sign, at in signs().items() if not any(f.supportsCharacter(ord(sign)) for f in fonts)}
    assert not lost


@pytest.mark.parametrize("role", TYPE)
def test_type_of_a_role_is_the_shipped_one(theme: Theme, role: str) -> None:
    font = theme.font(role)  # type: ignore[arg-type]
    assert font.families() == list(families(TYPE[role].family))  # type: ignore[index]
    assert QFontInfo(font).family() == TYPE[role].family  # type: ignore[index]
