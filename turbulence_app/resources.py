"""Where the files that ship with the program are: samples, manual, model, icons, fonts."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from turbulence_app.domain.errors import MachineError

_PACKAGE = Path(__file__).resolve().parent


def resource_root() -> Path:
    """The folder of resources: inside an installed wheel, else beside the package in a checkout.

    Raises:
        MachineError: the installation is incomplete.
    """
    for root in (_PACKAGE / "_resources", _PACKAGE.parent / "resources"):
        if root.is_dir():
            return root
    raise MachineError("the program's resources are missing", "install it again")


def resource_path(name: str) -> Path:
    """The file or folder ``name`` (slashes, relative, such as ``samples/shop``) among the resources.

    Raises:
        MachineError: there is no such resource.
    """
    parts = PurePosixPath(name)
    path = resource_root().joinpath(*parts.parts)
    if parts.is_absolute() or ".." in parts.parts or not path.exists():
        raise MachineError(f"the resource {name!r} is missing", "install the program again")
    return path
