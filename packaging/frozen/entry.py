"""Where the frozen program begins: processes that it starts get the bundled interpreter, then it is the program itself.

The program starts its workers by ``sys.executable -m MODULE``. Frozen, that name would be the program and not a Python,
so it is set to the interpreter that lies beside it (``python.c``), which knows all of Python's options.
"""

import os
import sys
from pathlib import Path

INTERPRETER = "turbulence-python"


def main() -> int:
    program = Path(sys.executable).resolve()
    inside = program.parent / "_internal" if sys.platform == "win32" else program.parent  # Windows: beside Python's DLL
    sys.executable = str(inside / (INTERPRETER + program.suffix))
    _undo("LD_LIBRARY_PATH")  # the frozen program was started with it; other programs that it starts want the user's
    from turbulence_app.__main__ import main as start

    return start()


def _undo(variable: str) -> None:
    before = os.environ.pop(f"{variable}_ORIG", None)
    if before is None:
        os.environ.pop(variable, None)
    else:
        os.environ[variable] = before


if __name__ == "__main__":
    sys.exit(main())
