"""What goes into the frozen program besides what PyInstaller's analysis finds, and what stays out."""

from __future__ import annotations

import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import TypeAlias

Entry: TypeAlias = tuple[str, str, str]
"""A line of PyInstaller's table of contents: where it goes, where it is, what kind it is."""

LEFT_OUT: dict[str, list[str]] = tomllib.loads((Path(__file__).parent / "left_out.toml").read_text(encoding="utf-8"))
EXCLUDED, DROPPED, UNUSED = LEFT_OUT["modules"], LEFT_OUT["files"], LEFT_OUT["distributions"]
NOT_SHIPPED = frozenset(LEFT_OUT["standard_library"])
PLATFORM = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")
"""Where Linux keeps its own libraries: a package depends on them, so that they are mended by the system's updates."""


def standard_library() -> Iterator[str]:
    """Every module of the standard library: an application under test may import any of them."""
    root = Path(sysconfig.get_path("stdlib"))
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[0] in NOT_SHIPPED or parts[0].startswith("config-") or {"site-packages", "dist-packages"} & set(parts):
            continue
        if {"test", "tests", "__pycache__"} & set(parts) or not all(part.isidentifier() for part in parts):
            continue
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    for path in sorted((root / "lib-dynload").glob("*")):
        if (name := path.name.partition(".")[0]) not in NOT_SHIPPED:
            yield name


def modules_of(package: str, skip: Iterable[str] = ()) -> list[str]:
    """A package's own modules, by their files; nothing is imported."""
    from importlib.util import find_spec

    spec = find_spec(package)
    assert spec is not None, f"{package} is not installed"
    if not spec.submodule_search_locations:
        return [package]
    root = Path(next(iter(spec.submodule_search_locations)))
    found = [package]
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join((package, *(parts[:-1] if parts[-1] == "__init__" else parts)))
        if not any(fnmatch(name, pattern) for pattern in skip) and all(part.isidentifier() for part in parts):
            found.append(name)
    return list(dict.fromkeys(found))


def distributions(root: str) -> list[str]:
    """The names of a distribution and of everything that it needs, as installed here."""
    from packaging.requirements import Requirement

    seen: dict[str, None] = {}
    waiting = [root]
    while waiting:
        name = waiting.pop()
        try:
            asked = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:
            continue
        if name.lower() in seen or name.lower() in UNUSED:
            continue
        seen[name.lower()] = None
        for line in asked:
            requirement = Requirement(line)
            extras = ("", "llama", "samples") if name == root else ("",)
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in extras):
                waiting.append(requirement.name)
    return sorted(seen)


def kept(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that are not dropped, in a fixed order."""
    return sorted(
        e for e in entries if not any(fnmatch(e[0].replace("\\", "/"), p) for p in DROPPED) and not _systems(e)
    )


def _systems(entry: Entry) -> bool:
    """Whether a library is the system's; Python's own library and modules are not, wherever they lie."""
    name, source, _ = entry
    theirs = sys.platform == "linux" and str(source).startswith(PLATFORM) and ".so" in name
    return theirs and "/python3" not in str(source) and not Path(name).name.startswith("libpython")
