"""File types that belong to the program: what an installation registers, and what the window does with each.

The one table of them. Packaging makes its desktop entry and MIME files of it, the window what opens by argument and by
drag and drop. No Qt, and nothing is read: a name is enough, or a name and the beginning of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Does = Literal["open", "capsule"]


@dataclass(frozen=True, slots=True)
class FileType:
    """A type: its MIME name, what a person calls it, the patterns of names, the type that it refines.

    ``own``: nobody else uses these names, so an installation may make the program their first choice. Where it is
    false the program only offers itself in "Open with".
    """

    mime: str
    says: str
    patterns: tuple[str, ...]
    parent: str
    does: Does
    own: bool = True


FILE_TYPES: tuple[FileType, ...] = (
    FileType(
        "application/x-turbulence-project", "Turbulence project", ("turbulence.yaml", "turbulence.yml"),
        "application/yaml", "open",
    ),
    FileType(
        "application/x-turbulence", "Turbulence file", ("*.turbulence.yaml", "*.turbulence.yml"),
        "application/yaml", "open",
    ),
    FileType(
        "application/x-turbulence-capsule", "Turbulence capsule", ("*.capsule.json",), "application/json", "capsule",
    ),
)  # fmt: skip
"""``turbulence.yaml`` opens its folder; the others open the project that they lie in, and go to what they hold."""

OPEN_WITH = ("inode/directory",)
"""Types of others for which the program only offers itself: a folder may be a project."""

DESKTOP_ID = "turbulence"
COMMAND = "turbulence %f"
"""``Exec`` of the desktop entry: one file or folder; the window that is open takes it."""


def desktop_mime_types() -> str:
    """``MimeType`` of the desktop entry."""
    return "".join(f"{name};" for name in (*(one.mime for one in FILE_TYPES), *OPEN_WITH))


def shared_mime_info() -> str:
    """The XML for ``share/mime/packages/turbulence.xml``; names weigh 80, above those of plain YAML and JSON."""
    types = "\n".join(_mime_type(one) for one in FILE_TYPES)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">\n{types}\n</mime-info>\n'


def _mime_type(one: FileType) -> str:
    globs = "\n".join(f'    <glob pattern="{pattern}" weight="80"/>' for pattern in one.patterns)
    return (
        f'  <mime-type type="{one.mime}">\n    <comment>{one.says}</comment>\n'
        f'    <sub-class-of type="{one.parent}"/>\n    <icon name="{DESKTOP_ID}"/>\n{globs}\n  </mime-type>'
    )
