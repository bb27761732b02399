"""A table of any chart or list as CSV text, and files that are written whole or not at all. Qt-free."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?( ?%)?\Z")


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and rows of a chart or a list; a cell is a number, a truth, a text or None."""

    columns: tuple[str, ...]
    rows: Iterable[Sequence[object]]


def lines(table: Table, batch: int = 2_000) -> Iterator[str]:
    """The table by RFC 4180 in pieces of ``batch`` rows: headings first, CRLF at the end of each row.

    A text that a spreadsheet would calculate is kept from it by an apostrophe (OWASP, CSV injection); numbers stay
    numbers. What is not finite is empty.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(column) for column in table.columns])
    for number, row in enumerate(table.rows, 1):
        writer.writerow([_cell(value) for value in row])
        if number % batch == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def csv_text(table: Table) -> str:
    """The whole table as one text."""
    return "".join(lines(table))


def _cell(value: object) -> object:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    words = str(value)
    return f"'{words}" if words.startswith(_FORMULA) and not _NUMBER.match(words) else words


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Replace a file in one step; whoever reads it sees the old contents or the new ones. New files are private.

    Raises:
        OSError: the place cannot be written, the disk is full, or the path is no file.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(21, "this is no file", str(path))
    fresh = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
