"""From the frozen folder to a Debian package: ``package.py FROZEN WORK OUT``, run by ``packaging/build_deb.sh``.

No maintainer scripts: the desktop's own triggers take up the menu entry, the icon and the file types, and dpkg removes
what it installed. The program itself writes only into its user's folders.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]
import icons  # noqa: E402

from turbulence_app import __version__  # noqa: E402
from turbulence_app.gui import associations  # noqa: E402

NAME = "turbulence"
MAINTAINER = "The Turbulence authors <turbulence@localhost>"
CONTROL = """Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Section: devel
Priority: optional
Description: crowds of personas that show what breaks in a workflow
 Describe your users in words. Turbulence turns them into a crowd, lets the
 crowd loose on your workflow or your service, and shows you what breaks, with
 the smallest way to break it again.
 .
 Everything is computed on this computer; nothing leaves it. A small model that
 reads your words is inside, larger ones can be added. The command line does
 all that the window does.
"""


def main() -> int:
    frozen, work, out = (Path(argument).resolve() for argument in sys.argv[1:4])
    tree = work / "root"
    shutil.rmtree(work, ignore_errors=True)
    lay_out(frozen, tree)
    architecture = said("dpkg", "--print-architecture")
    depends = dependencies(tree, work)
    write_manifest(tree)
    control = tree / "DEBIAN"
    control.mkdir()
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and control not in path.parents]
    size = sum(1 if path.is_symlink() else -(-path.stat().st_size // 1024) for path in files)
    fields = {"name": NAME, "version": __version__, "architecture": architecture, "maintainer": MAINTAINER}
    (control / "control").write_text(CONTROL.format(**fields, size=size, depends=", ".join(depends)), encoding="utf-8")
    sums = [f"{digest(p, 'md5')}  {p.relative_to(tree).as_posix()}\n" for p in files if not p.is_symlink()]
    (control / "md5sums").write_text("".join(sums), encoding="utf-8")
    settle(tree)
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"{NAME}_{__version__}_{architecture}.deb"
    made = work / package.name
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z2", "--build", str(tree), str(made)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    made.replace(package)
    components = out / f"{package.stem}.sbom.cdx.json"
    shutil.copyfile(frozen / "sbom.cdx.json", components)
    lines = [f"{digest(path)}  {path.name}\n" for path in (package, components)]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    sys.stderr.write(f"Made {package} ({package.stat().st_size / 1e6:.0f} MB, {size / 1024:.0f} MB installed)\n")
    sys.stderr.write("".join(lines))
    return 0


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def moment() -> int:
    return int(os.environ["SOURCE_DATE_EPOCH"])


def lay_out(frozen: Path, tree: Path) -> None:
    """Everything where Debian wants it."""
    share = tree / "usr" / "share"
    shutil.copytree(frozen, tree / "usr" / "lib" / NAME, symlinks=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    (tree / "usr" / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    put(share / "applications" / f"{associations.DESKTOP_ID}.desktop", desktop_entry())
    put(share / "mime" / "packages" / f"{NAME}.xml", associations.shared_mime_info())
    put(share / "metainfo" / "org.turbulence.turbulence.metainfo.xml", metainfo())
    put_zipped(share / "man" / "man1" / f"{NAME}.1.gz", (HERE / "turbulence.1").read_text(encoding="utf-8"))
    put(share / "doc" / NAME / "copyright", (HERE / "copyright").read_text(encoding="utf-8"))
    put_zipped(share / "doc" / NAME / "changelog.gz", changelog())
    icons.write(share / "icons" / "hicolor")


def desktop_entry() -> str:
    """The entry of the menu, with the file types that the window knows."""
    text = (HERE / "turbulence.desktop").read_text(encoding="utf-8")
    return text.replace("@COMMAND@", associations.COMMAND).replace("@MIME@", associations.desktop_mime_types())


def metainfo() -> str:
    """What a software centre shows."""
    text = (HERE / "metainfo.xml").read_text(encoding="utf-8")
    day = datetime.fromtimestamp(moment(), UTC).date().isoformat()
    return text.replace("@VERSION@", __version__).replace("@DATE@", day)


def changelog() -> str:
    when = datetime.fromtimestamp(moment(), UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return f"{NAME} ({__version__}) stable; urgency=low\n\n  * This version.\n\n -- {MAINTAINER}  {when}\n"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def put_zipped(path: Path, text: str) -> None:
    """Compressed as Debian does it, without a name or a moment inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def machine_code(tree: Path) -> list[Path]:
    """Every program and library in the tree."""
    found = []
    for path in sorted(tree.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    found.append(path)
    return found


def dependencies(tree: Path, work: Path) -> list[str]:
    """The packages whose libraries the program is linked with, as dpkg finds them, without what it brings itself."""
    (work / "debian").mkdir(parents=True, exist_ok=True)
    (work / "debian" / "control").write_text(
        f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n", encoding="utf-8"
    )
    found = machine_code(tree)
    folders = sorted({str(path.parent) for path in found})
    # The bundle's own Python library has the name of Debian's, which is not asked for.
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", *python_packages(), *(f"-l{one}" for one in folders)]
    done = subprocess.run(
        [*command, *(f"-e{path}" for path in found)], cwd=work, check=False, capture_output=True, text=True
    )
    if done.returncode:
        wrong = [line for line in done.stderr.splitlines() if "error:" in line]
        raise SystemExit("what the program needs could not be told:\n" + "\n".join(wrong))
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("shlibs:Depends="))
    return sorted({clause.strip() for clause in re.split(r",\s*", line.partition("=")[2]) if clause.strip()})


def python_packages() -> list[str]:
    """Debian's packages of Python's library, as options that leave them out."""
    return [f"-xlibpython3.{minor}" for minor in range(11, 15)]


def write_manifest(tree: Path) -> None:
    """``SHA256SUMS`` of every installed file, from the root: ``cd / && sha256sum -c`` on it tells what was changed."""
    target = tree / "usr" / "lib" / NAME / "SHA256SUMS"
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    lines = [f"{digest(path)}  {path.relative_to(tree).as_posix()}\n" for path in files]
    target.write_text("".join(lines), encoding="utf-8")


def digest(path: Path, kind: str = "sha256") -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def settle(tree: Path) -> None:
    """Rights and time that depend on nobody's umask or clock."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (moment(), moment()), follow_symlinks=False)


if __name__ == "__main__":
    raise SystemExit(main())
