"""Writing the user's own small files: whole or not at all, and readable by nobody else."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import MachineError
from turbulence_app.home import private_folder
from turbulence_app.locks import exclusive


def write_private(file: Path, document: dict[str, Any]) -> None:
    """Replaces a JSON file (mode 0600, folder 0700). Raises ``MachineError`` where the disk does not let it."""
    temporary = ""
    try:
        private_folder(file.parent)
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.stem}-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(json.dumps(document, indent=1) + "\n")
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise MachineError(f"{file}: cannot be written: {error.strerror or error}", "free space?") from None


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody else changes the file until the block ends: reading, changing and writing are one step between processes.

    Not to be nested for one file. Raises ``MachineError`` where the disk does not let it.
    """
    with ExitStack() as stack:
        try:
            private_folder(file.parent)
            stack.enter_context(exclusive(file.with_suffix(".lock")))
        except OSError as error:
            raise MachineError(f"{file}: cannot be written: {error.strerror or error}", "free space?") from None
        yield
