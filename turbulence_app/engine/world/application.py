"""The application of a world: imported from the project, made anew for every world."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import InputError, KnownError, Location
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.world.active import ACTIVE
from turbulence_app.engine.world.blame import owned, place_of, words_of
from turbulence_app.engine.world.caches import forget
from turbulence_app.engine.world.entropy import uses_numpy
from turbulence_app.engine.world.guards import shown
from turbulence_app.engine.world.leftovers import changed, snapshot
from turbulence_app.engine.world.patches import patches

App = Callable[..., Any]


class Application:
    """``module:attribute`` of a place: an ASGI application, or a factory that makes one.

    The project's own modules are kept apart from those of other projects: they are in ``sys.modules`` only inside
    :meth:`entered`.
    """

    def __init__(self, target: str, place: AppPlace) -> None:
        if ":" not in target:
            raise InputError(
                f"app {target!r} names no application", "write module:attribute, for example shop.main:app"
            )
        self.target, self.place = target, place
        module, _, attribute = target.partition(":")
        self.module, self.attribute = module, attribute.removesuffix("()")
        paths = place.paths or (place.root,)
        self.folders = tuple(str(p.resolve()) for p in paths)
        self._paths = [*self.folders, *_packages(place.venv)]
        self._modules: dict[str, Any] = {}
        self.factory = False
        self._kind = 0
        self._kinds: dict[Any, int] = {}
        self._depth = self._seen = 0
        self._factory: Any = None
        self.reimported = False
        self._at_import: dict[str, str] = {}
        with self.entered():
            self._decide(self._import())

    # ---- importing ----------------------------------------------------------------------------------------------

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The import path, the project's modules, its environment, and the world's clocks: those of the application.

        May nest: the inner ones cost nothing.
        """
        if self._depth:
            yield
            return
        self._depth = 1
        inside, ACTIVE.inside = ACTIVE.inside, tuple(f"{f}{os.sep}" for f in self.folders)
        path, environment = sys.path, dict(os.environ) if self.place.env else None
        sys.path = [*self._paths, *path]
        os.environ.update(self.place.env)
        sys.modules.update(self._modules)
        held = patches()
        held.install()
        try:
            yield
        except BaseException:
            self._modules = {**self._modules, **self._taken()}
            raise
        finally:
            self._depth = 0
            held.remove()
            sys.path = path
            for name in self._modules:
                sys.modules.pop(name, None)
            if environment is not None:
                for name in self.place.env:
                    os.environ.pop(name, None)
                    if name in environment:
                        os.environ[name] = environment[name]
            ACTIVE.inside = inside

    def settle(self) -> None:
        """A world is over: remember what it imported, or put back what a crash imported anew."""
        count = len(sys.modules)
        reimported, self.reimported = self.reimported, False
        if reimported and self._factory is not None:
            for name in self._taken():
                sys.modules.pop(name, None)
            sys.modules.update(self._modules)
        elif self._factory is None or count != self._seen:
            self._modules = self._taken()
        self._seen = len(sys.modules)

    def _taken(self) -> dict[str, Any]:
        """The project's own modules: those that lie in its folders and are not installed packages."""
        found = {}
        for name, module in list(sys.modules.items()):
            where = getattr(module, "__file__", None)
            if where is None:
                where = next(iter(getattr(module, "__path__", ())), None)
            if isinstance(where, str) and self.owns(where) and not name.startswith("turbulence_app"):
                found[name] = module
        return found

    def owns(self, file: str) -> bool:
        """Whether a file is the project's own."""
        return owned(file)

    def _import(self) -> Any:
        try:
            found: Any = importlib.import_module(self.module)
            for part in self.attribute.split("."):
                found = getattr(found, part)
        except KnownError:
            raise
        except (Exception, SystemExit) as error:
            raise self._unusable(error, "cannot be imported") from error
        return found

    def _unusable(self, error: BaseException, how: str) -> InputError:
        mend = "mend it there, or see that turbulence.yaml names what it needs (app: paths, venv, env)"
        return InputError(f"the application {self.target} {how}: {words_of(error)}", mend, place_of(error))

    # ---- making -------------------------------------------------------------------------------------------------

    def _decide(self, found: Any) -> None:
        """Application or factory, by what it can be called with."""
        needs = _needs(found)
        problem = _unfit(found, needs)
        if problem:
            code = getattr(found, "__code__", None)
            where = None if code is None else Location(shown(code.co_filename), code.co_firstlineno)
            raise InputError(
                f"{self.target} {problem}", "name a plain function without arguments that makes one", where
            )
        if needs not in (0, 1, 3):
            mend = "name an ASGI application or a function without arguments that makes one"
            raise InputError(f"{self.target} is no ASGI application and no factory", mend)
        self.factory = needs == 0
        self._kind = needs
        numpy = sys.modules.get("numpy")
        self._modules = self._taken()
        self._seen = len(sys.modules)
        self._at_import = snapshot(self._modules)
        modules = self._modules.values()
        uses_numpy(
            numpy is not None
            and any(getattr(v, "__name__", "").startswith("numpy") for m in modules for v in list(vars(m).values()))
        )
        self._factory = found if self.factory else None

    def fresh(self, *, again: bool = False) -> App:
        """A new application. ``again``: as in a new process.

        The project's modules are imported again where they hold the application itself, and for a new process where
        they hold anything that has changed since they were imported: a factory's modules usually do not, and every
        import leaves classes in the caches of libraries.
        """
        if self._factory is None or (again and changed(self._at_import, snapshot(self._modules))):
            self.reimported = True
            forget()
            for name in {**self._modules, **self._taken()}:
                sys.modules.pop(name, None)
            found = self._import()
            if self._factory is None:
                return _as_asgi3(found, self._kind)
            return self._made(found)
        return self._made(self._factory)

    def _made(self, factory: Callable[[], Any]) -> App:
        try:
            made = factory()
        except KnownError:
            raise
        except Exception as error:
            raise self._unusable(error, "cannot be made") from error
        # the same factory makes the same kind of thing, and looking at a signature takes longer than a small world
        key = getattr(made, "__code__", None) or type(made)
        kind = self._kinds.get(key, 0) or _needs(made)
        self._kinds[key] = kind
        if inspect.iscoroutine(made):
            made.close()
        if kind not in (1, 3):
            raise InputError(f"{self.target} made {type(made).__name__}, which is no ASGI application", "return one")
        return _as_asgi3(made, kind)

    def build(self) -> str:
        """A digest of the project's source files: which build of the application it was."""
        total = hashlib.sha256()
        files: set[Path] = set()
        for folder in self.folders:
            files.update(p for p in Path(folder).rglob("*.py") if not {"site-packages", "__pycache__"} & set(p.parts))
        for file in sorted(files):
            total.update(str(file.relative_to(Path(self._root(file)))).encode() + b"\0" + file.read_bytes() + b"\0")
        return total.hexdigest()

    def _root(self, file: Path) -> str:
        return next(f for f in self.folders if file.is_relative_to(f))

    def modules(self) -> dict[str, Any]:
        """The project's own modules, by name."""
        return dict(self._modules)


def _packages(venv: Path | None) -> list[str]:
    """Where a virtual environment has its packages; refuses one of another Python version."""
    if venv is None:
        return []
    settings = venv / "pyvenv.cfg"
    if not settings.is_file():
        raise InputError(f"{venv} is no virtual environment", "app: venv names its folder, the one with pyvenv.cfg")
    version = next(
        (line.partition("=")[2].strip() for line in settings.read_text().splitlines() if line.startswith("version")), ""
    )
    own = ".".join(map(str, sys.version_info[:2]))
    if version and ".".join(version.split(".")[:2]) != own:
        mend = f"make one for Python {own}, or run Turbulence with Python {version}"
        raise InputError(f"{venv} is for Python {version}, this is {own}", mend)
    if os.name == "nt":
        return [str(venv / "Lib" / "site-packages")]
    return [str(venv / "lib" / f"python{own}" / "site-packages")]


def _unfit(found: Any, needs: int) -> str:
    """What a function is that is neither an application nor a factory, in words."""
    if not inspect.isfunction(found):
        return ""
    if inspect.iscoroutinefunction(found):
        return "" if needs == 3 else "is an async function that takes no scope, receive and send: no application"
    names = list(inspect.signature(found).parameters)[:needs] if needs > 0 else []
    if needs in (1, 2) and names != ["scope"]:
        return f"is a function that takes arguments ({', '.join(names)}): no factory and no ASGI application"
    return ""


def _needs(found: Any) -> int:
    """How many positional arguments must be given (-1: nothing that can be called)."""
    if not callable(found):
        return -1
    try:
        parameters = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return 3
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = sum(p.kind in kinds and p.default is inspect.Parameter.empty for p in parameters)
    starred = any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters)
    return 3 if starred and needed == 0 and not inspect.isclass(found) and not inspect.isfunction(found) else needed


def _as_asgi3(app: Any, kind: int) -> App:
    """ASGI 2 applications are called twice."""
    if kind != 1:
        return app  # type: ignore[no-any-return]

    async def twice(scope: Any, receive: Any, send: Any) -> None:
        await app(scope)(receive, send)

    twice.state = getattr(app, "state", None)  # type: ignore[attr-defined]
    return twice
