"""The packaging's own modules, by their files: they are scripts and no package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from tests.house.tracked import ROOT

PACKAGING = ROOT / "packaging"


def script(name: str) -> ModuleType:
    """The module in ``packaging/NAME.py``, with its neighbours importable."""
    path = PACKAGING / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"packaging_{Path(name).name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
