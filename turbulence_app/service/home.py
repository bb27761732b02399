"""Where the program keeps what belongs to the person and not to a project: models, the sample, reports."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from turbulence_app.domain.errors import Location, MachineError
from turbulence_app.home import home_directory, private_folder
from turbulence_app.resources import resource_path


def data_home() -> Path:
    """``TURBULENCE_HOME``, else the system's place for a program's data."""
    return home_directory()


def pristine_sample(name: str = "shop") -> Path:
    """A sample as it ships; read only."""
    return resource_path(f"samples/{name}")


def samples() -> tuple[str, ...]:
    """Names of the samples that ship."""
    return tuple(sorted(path.name for path in resource_path("samples").iterdir() if path.is_dir()))


def own_sample(home: Path, name: str = "shop") -> Path:
    """The person's own copy of a sample, made on first use (under a temporary name, so never half a copy)."""
    target = home / "samples" / name
    if target.is_dir():
        return target
    try:
        private_folder(target.parent)
        draft = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=target.parent))
        copy_plain(pristine_sample(name), draft)
        try:
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft)
            if not target.is_dir():
                raise
    except OSError as error:
        raise MachineError(
            f"cannot keep the sample: {error.strerror}", "set TURBULENCE_HOME to a writable folder", Location(str(home))
        ) from error
    return target


def copy_plain(source: Path, target: Path) -> list[Path]:
    """Copy the files of a folder without their rights (an installed sample may be read only); returns the new files."""
    copied: list[Path] = []
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        if any(part.startswith(".") or part == "__pycache__" for part in relative.parts) or not path.is_file():
            continue
        new = target / relative
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(path.read_bytes())
        copied.append(new)
    return copied
