"""Colours, sizes of type and radii come from the tokens, and from nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import turbulence_app.gui

ROOT = Path(turbulence_app.gui.__file__).parent
ALLOWED = {"tokens.py", "stylesheet.py"}
FILES = sorted(file for file in ROOT.rglob("*.py") if file.relative_to(ROOT).as_posix() not in ALLOWED)
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b|\brgba?\(")
SHEET = re.compile(r"font-size:\s*\d|border-radius:\s*[1-9]|font-family:\s*[\"']?[A-Z]")
SIZES = {"setPixelSize", "setPointSize", "setPointSizeF"}
NAMED = {"black", "white", "red", "green", "blue", "gray", "darkGray", "lightGray", "yellow", "cyan", "magenta"}


def strays(source: str) -> Iterator[str]:
    """What a file writes down itself of the look."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if COLOUR.fullmatch(node.value):
                yield f"line {node.lineno}: the colour {node.value}"
            if SHEET.search(node.value):
                yield f"line {node.lineno}: a style of its own, {node.value!r}"
        if isinstance(node, ast.Attribute) and node.attr in NAMED and "GlobalColor" in ast.unparse(node.value):
            yield f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield from _called(node)


def _called(node: ast.Call) -> Iterator[str]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    numbers = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, int | float)]
    if name in SIZES and numbers:
        yield f"line {node.lineno}: a size of type, {ast.unparse(node)}"
    if name in ("drawRoundedRect", "addRoundedRect") and any(isinstance(a, ast.Constant) for a in node.args[-2:]):
        yield f"line {node.lineno}: a radius, {ast.unparse(node)}"
    if name == "QColor" and (numbers or any(isinstance(a, ast.Constant) for a in node.args)):
        yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.relative_to(ROOT).as_posix())
def test_a_file_takes_its_look_from_the_tokens(file: Path) -> None:
    assert not list(strays(file.read_text("utf-8")))


@pytest.mark.parametrize(
    "line",
    [
        "x = '#ff0000'",
        "x = '#fff'",
        "font.setPixelSize(13)",
        "painter.drawRoundedRect(box, 7, 7)",
        "QColor(12, 13, 14)",
        "QColor('red')",
        "pen = Qt.GlobalColor.white",
        "w.setStyleSheet('font-size: 12px')",
        "w.setStyleSheet('border-radius: 4px;')",
    ],
)
def test_what_strays_is_found(line: str) -> None:
    assert list(strays(line))
