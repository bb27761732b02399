"""The program's picture as Windows wants it: ``icon.py FILE.ico``, several sizes in one file."""

from __future__ import annotations

import struct
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "deb"))
import icons

SIZES = (16, 24, 32, 48, 64, 128, 256)


def write(target: Path) -> None:
    """Draw every size and put them together; the format takes PNG as it is."""
    with tempfile.TemporaryDirectory() as folder:
        icons.write(Path(folder))
        pictures = [(Path(folder) / f"{size}x{size}" / "apps" / "turbulence.png").read_bytes() for size in SIZES]
    offset = 6 + 16 * len(SIZES)
    head = struct.pack("<HHH", 0, 1, len(SIZES))
    rows = b""
    for size, picture in zip(SIZES, pictures, strict=True):
        side = size % 256  # 256 is written as 0
        rows += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), offset)
        offset += len(picture)
    target.write_bytes(head + rows + b"".join(pictures))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
