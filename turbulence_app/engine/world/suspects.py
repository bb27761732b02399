"""Places in an application's source that are known to make it depend on the machine: advice, never a verdict."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from turbulence_app.engine.place import AppPlace

_CALLS = {
    "machine": frozenset({
        "os.times", "resource.getrusage", "os.getpid", "id", "os.getloadavg", "os.stat", "socket.gethostname",
        "os.getrandom", "threading.get_ident", "_thread.start_new_thread", "gc.get_count", "os.cpu_count", "object",
        "psutil.cpu_percent", "ctypes.CDLL", "time.get_clock_info", "sys.getrefcount",
    }),
    "order": frozenset({"hash", "set", "frozenset"}),
    "state": frozenset({"itertools.count", "functools.lru_cache", "functools.cache", "lru_cache", "cache", "count"}),
}  # fmt: skip
_CONTAINERS = frozenset({"dict", "list", "set", "Counter", "defaultdict", "deque"})
_FILES = 400
_SKIPPED = frozenset({"site-packages", "__pycache__", ".venv", "venv", "node_modules", ".git", "tests"})


@dataclass(frozen=True)
class Suspect:
    """A place worth a look."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.what} in {self.file}:{self.line}"


def suspects(place: AppPlace, cause: str) -> list[Suspect]:
    """Where the application does what causes of this kind are made of."""
    found: list[Suspect] = []
    for folder in place.paths or (place.root,):
        files = sorted(p for p in folder.rglob("*.py") if not _SKIPPED & set(p.relative_to(folder).parts))
        for file in files[:_FILES]:
            try:
                tree = ast.parse(file.read_bytes())
            except (SyntaxError, OSError, ValueError):
                continue
            name = str(file.relative_to(folder))
            found.extend(Suspect(name, line, what) for line, what in _in_tree(tree, cause))
    return found


def _in_tree(tree: ast.Module, cause: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _dotted(node.func) in _CALLS[cause]:
            yield node.lineno, f"{_dotted(node.func)}()"
        elif isinstance(node, ast.Set | ast.SetComp) and cause == "order":
            yield node.lineno, "a set"
        elif isinstance(node, ast.Constant) and cause == "machine" and str(node.value).startswith(("/dev/", "/proc/")):
            yield node.lineno, repr(node.value)
    if cause == "state":
        yield from _globals(tree)


def _globals(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        called = isinstance(value, ast.Call) and _dotted(value.func) in {
            "dict",
            "list",
            "set",
            "Counter",
            "defaultdict",
        }
        if isinstance(value, ast.Dict | ast.List | ast.Set) or called:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if isinstance(target, ast.Name) and target.id != "__all__":
                yield node.lineno, target.id


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return ""
