"""What rules ask of a world: the application's own word, and functions of the project over its state."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Mapping
from contextvars import Context
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from turbulence_app.domain.errors import InputError, KnownError, Location
from turbulence_app.engine.answers import Answer, LiveAnswer, answer_name, never_came
from turbulence_app.engine.port import WorldState
from turbulence_app.engine.templates import Message
from turbulence_app.engine.visit import Visit
from turbulence_app.engine.world.asgi import Exchange, scope_of
from turbulence_app.engine.world.blame import place_of, words_of
from turbulence_app.engine.world.driver import Wish, granted
from turbulence_app.engine.world.guards import shown
from turbulence_app.engine.world.loop import WorldLoop
from turbulence_app.engine.world.owner import OWNER
from turbulence_app.engine.world.service import Service
from turbulence_app.engine.world.view import WorldView

HOST = "app"
PROBE_LIMIT_US = 10_000_000
PROBE_HEADERS = (("accept", "application/json, */*"),)


class Questions:
    """Answers ``probe`` and ``python`` for one world."""

    def __init__(self, loop: WorldLoop, service: Service) -> None:
        self.world: WorldState | None = WorldState()
        self.loop, self.service = loop, service
        self._context: Context = service.context
        self._functions: dict[str, Any] = {}

    async def probe(self, _visit: Visit | None, _service: str | None, path: str, /) -> Answer:
        """The application's answer to GET, asked at once and outside the story."""
        service, loop = self.service, self.loop
        if not service.up or service.app is None:
            return never_came("probe", "connection_error")
        wish = Wish(self.loop)
        exchange = Exchange(loop, b"", lambda _: None, lambda _: wish.grant())
        state = service.lifespan.state if service.lifespan is not None and service.lifespan.supported else None
        scope = scope_of(Message("GET", path, PROBE_HEADERS, b""), HOST, 0, state)
        context = self._context.copy()
        context.run(OWNER.set, None)
        exchange.task = loop.create_task(exchange.serve(service.app, scope), context=context)
        loop.born.pop()
        loop.alone(exchange.task)
        if not wish.ready:
            late = loop.at(loop.now + PROBE_LIMIT_US, wish.grant)
            await granted(wish)
            late.cancel()
        if not exchange.complete or not exchange.status:
            return never_came("probe", "timeout" if not exchange.complete else "protocol_error")
        return live_answer("probe", {}, exchange.status, exchange.headers, b"".join(exchange.chunks))

    def python(self, _visit: Visit | None, target: str, /) -> Any:
        """The value of a function of the project over the whole world."""
        function = self._functions.get(target)
        if function is None:
            function = self._functions[target] = _function(target)
        visits = self.world.visits if self.world is not None else {}
        try:
            found = function(WorldView(self.service.app, visits))
        except KnownError:
            raise
        except Exception as error:
            where = place_of(error) or _begin_of(function)
            raise InputError(f"python('{target}') failed: {words_of(error)}", "mend the function", where) from error
        if inspect.iscoroutine(found):
            found.close()
            raise _awaited(target, function)
        return found


@lru_cache(maxsize=256)
def host_of(base_url: str) -> str:
    """What the ``host`` header says."""
    return urlsplit(base_url).netloc or HOST


def _function(target: str) -> Any:
    module, _, name = target.partition(":")
    mend = "name it module:function, in a file of the project's import path"
    try:
        found = getattr(importlib.import_module(module), name)
    except KnownError:
        raise
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(f"python('{target}') cannot be found: {error}", mend, place_of(error)) from error
    except (Exception, SystemExit) as error:
        message = f"python('{target}') cannot be imported: {words_of(error)}"
        raise InputError(message, "mend it there", place_of(error)) from error
    if not callable(found):
        raise InputError(f"python('{target}') is no function", "name a function of one argument, the world")
    if inspect.iscoroutinefunction(found):
        raise _awaited(target, found)
    return found


def _awaited(target: str, function: Any) -> InputError:
    message = f"python('{target}') is an async function, and a rule does not wait"
    return InputError(message, "write a plain function that looks at the world's state", _begin_of(function))


def _begin_of(function: Any) -> Location | None:
    code = getattr(function, "__code__", None)
    return None if code is None else Location(shown(code.co_filename), code.co_firstlineno)


def live_answer(
    step: str, names: Mapping[int, str], status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> LiveAnswer:
    """An answer of the application as the person gets it; its body goes into fingerprints."""
    read = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    digest = int.from_bytes(hashlib.sha256(body).digest()[:8], "little") if body else 0
    return LiveAnswer(step, answer_name(status, names), status, read, body, digest)
