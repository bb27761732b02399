"""The frozen folder's last touches: ``finish.py FOLDER PREFIX``, run by ``packaging/freeze.sh``.

Compiled modules learn where they will lie (a place in a trace is then a path that exists) and stop asking for sources;
native modules lose what only a debugger reads; licences and notices are laid beside; a list of components is written.
"""

from __future__ import annotations

import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import CodeType

sys.path.insert(0, str(Path(__file__).resolve().parent))
import notices
import sbom

UNCHECKED = (0b01).to_bytes(4, "little") + bytes(8)
"""PEP 552: hash-based, and never compared with a source, of which there is none."""


def main() -> int:
    folder, prefix = Path(sys.argv[1]), sys.argv[2].rstrip("/")
    inside = notices.inside(folder)
    for path in sorted(inside.rglob("*.pyc")):
        name = path.relative_to(inside).with_suffix(".py").as_posix()
        relocate(path, f"{prefix}/{inside.name}/{name}")
    for path in sorted(inside.rglob("*.so*")):
        if path.is_file() and not path.is_symlink() and "numpy.libs" not in path.parts:
            strip(path)
    notices.write(folder)
    sbom.write(folder, folder / "sbom.cdx.json")
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    for path in (folder, *folder.rglob("*")):
        settle(path, moment)
    return 0


def relocate(path: Path, file: str) -> None:
    """Give a compiled module, and every function in it, the name of the file that it will be known by."""
    raw = path.read_bytes()
    code = marshal.loads(raw[16:])
    path.write_bytes(raw[:4] + UNCHECKED + marshal.dumps(named(code, file)))


def named(code: CodeType, file: str) -> CodeType:
    consts = tuple(named(one, file) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=file, co_consts=consts)


def strip(path: Path) -> None:
    """Symbols for debuggers go; what the loader reads stays. A library that cannot be stripped stays whole."""
    tool = shutil.which("strip")
    if sys.platform == "linux" and tool and path.read_bytes()[:4] == b"\x7fELF":
        subprocess.run([tool, "--strip-unneeded", "--enable-deterministic-archives", str(path)], check=False)


def settle(path: Path, moment: int) -> None:
    """Rights and time that depend on nobody's umask or clock."""
    if path.is_symlink():
        os.utime(path, (moment, moment), follow_symlinks=False)
        return
    runs = path.is_dir() or (path.parent.name == "turbulence" and path.name.startswith("turbulence"))
    path.chmod(0o755 if runs else 0o644)
    os.utime(path, (moment, moment))


if __name__ == "__main__":
    raise SystemExit(main())
