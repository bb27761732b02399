"""The project's files, as git tracks them or, in an unpacked source distribution, as they lie there."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("turbulence_app", "resources", "tests", "packaging", ".ci")


@cache
def tracked() -> tuple[Path, ...]:
    """Absolute paths of all files of the project that exist."""
    if (ROOT / ".git").exists():
        done = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True, cwd=ROOT)
        found = [ROOT / name for name in done.stdout.split("\0") if name]
    else:
        found = [path for name in KEPT for path in (ROOT / name).rglob("*")] + list(ROOT.glob("*.*"))
    return tuple(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def text_files() -> list[tuple[Path, str]]:
    """Every file that is text, with its text."""
    texts = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data[:4096]:
            texts.append((path.relative_to(ROOT), data.decode("utf-8")))
    return texts
