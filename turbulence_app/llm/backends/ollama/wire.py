"""Bytes to a server and back, under one deadline and with an ear for the user's stop.

Nothing here blocks longer than :data:`SLICE_S`: looking a name up, connecting, the TLS handshake, sending and
receiving all come back to the :class:`Watch` between slices. A library's time limit per read would not do: a server
that sends a byte a second keeps such a limit happy for ever, and nobody hears a stop while nothing arrives.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from turbulence_app.domain.errors import CancelledError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.llm.backends.ollama.address import Address

SLICE_S = 0.05
"""How long it may take until a stop or the deadline is noticed."""
CONNECT_S = 2.0
"""A server that has not taken the connection by then is not there."""
BLOCK = 65_536
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", errno.EWOULDBLOCK)})
START_MEND = "start it with: ollama serve"


class Watch:
    """Until when something may take (seconds from now), and who may stop it."""

    def __init__(
        self, seconds: float, should_stop: ShouldStop | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock, self._should_stop = clock, should_stop
        self._until = clock() + seconds

    def renew(self, seconds: float) -> None:
        """Puts the deadline off: for work without an end of its own, whose signs of life are what is waited for."""
        self._until = self._clock() + seconds

    def left(self) -> float:
        """Seconds until the deadline; negative after it."""
        return self._until - self._clock()

    def pause(self) -> float:
        """How long one may wait now (seconds, above 0). Raises ``CancelledError`` or :class:`ModelTimeoutError`."""
        if self._should_stop and self._should_stop():
            raise CancelledError("stopped while the model was working")
        left = self.left()
        if left <= 0:
            raise errors.ModelTimeoutError("the Ollama server did not answer in time", "allow it more time")
        return max(0.001, min(SLICE_S, left))


class Wire:
    """A connected socket. Errors of the connection are :class:`ModelBrokenError`."""

    def __init__(self, connected: socket.socket, watch: Watch) -> None:
        self._socket, self._watch = connected, watch

    def send(self, data: bytes) -> None:
        """Sends everything; what the other side refuses to take shows when its answer is read."""
        view = memoryview(data)
        while view:
            self._socket.settimeout(self._watch.pause())
            try:
                view = view[self._socket.send(view) :]
            except TimeoutError:
                continue
            except OSError:
                return

    def receive(self) -> bytes:
        """What arrived; ``b""`` when the other side has ended."""
        while True:
            self._socket.settimeout(self._watch.pause())
            try:
                return self._socket.recv(BLOCK)
            except TimeoutError:
                continue
            except OSError as error:
                raise errors.ModelBrokenError(f"the connection to the Ollama server broke: {_reason(error)}") from None

    def close(self) -> None:
        """Closes the connection; a server that is writing stops."""
        self._socket.close()


def connect(address: Address, watch: Watch) -> Wire:
    """Connects. Raises :class:`ModelAbsentError` where nobody answers and :class:`ModelRefusedError` where the egress
    lock (or the system) does not let us."""
    until = watch.left() - CONNECT_S
    failure = "no address"
    for family, target in resolve(address.host, address.port, watch):
        found = socket.socket(family, socket.SOCK_STREAM)
        try:
            failure = _connected(found, target, watch, until)
            if not failure:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return Wire(_secured(found, address.host, watch) if address.scheme == "https" else found, watch)
        except PermissionError as error:
            found.close()
            raise errors.ModelRefusedError(f"no connection to {address}: {error}", "put the host on the list") from None
        except BaseException:
            found.close()
            raise
        found.close()
    raise errors.ModelAbsentError(f"no Ollama server answers at {address} ({failure})", START_MEND)


def resolve(host: str, port: int, watch: Watch) -> list[tuple[int, Any]]:
    """Families and socket addresses to try. An address, and this machine's own name, need no look-up."""
    if host == "localhost":
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))]
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return _looked_up(host, port, watch)
    return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]


def _looked_up(host: str, port: int, watch: Watch) -> list[tuple[int, Any]]:
    """Asks the system's resolver on a thread of its own: it cannot be interrupted, only left behind."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name="ollama-lookup", daemon=True).start()
    while True:
        try:
            found = answers.get(timeout=watch.pause())
            break
        except queue.Empty:
            continue
    if isinstance(found, PermissionError):
        raise errors.ModelRefusedError(f"no look-up of {host}: {found}", "put the host on the list")
    if isinstance(found, OSError):
        raise errors.ModelAbsentError(f"no machine is called {host} ({_reason(found)})", "check the address")
    return [(family, target) for family, _, _, _, target in found]


def _connected(found: socket.socket, target: Any, watch: Watch, until: float) -> str:
    """Connects within :data:`CONNECT_S`; ``""`` on success, else why not."""
    found.setblocking(False)
    code = found.connect_ex(target)
    if code in _UNDER_WAY:
        with selectors.DefaultSelector() as ready:
            ready.register(found, selectors.EVENT_WRITE)
            while not ready.select(watch.pause()):
                if watch.left() < until:
                    return "it does not take the connection"
        code = found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code in (errno.EACCES, errno.EPERM):
        raise PermissionError(code, os.strerror(code))
    return os.strerror(code) if code else ""


def _secured(found: socket.socket, host: str, watch: Watch) -> socket.socket:
    """TLS with the system's trusted certificates."""
    import ssl

    secured = ssl.create_default_context().wrap_socket(found, server_hostname=host, do_handshake_on_connect=False)
    try:
        while True:
            secured.settimeout(watch.pause())
            try:
                secured.do_handshake()
                return secured
            except (TimeoutError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                continue
    except ssl.SSLError as error:
        secured.close()
        raise errors.ModelRefusedError(f"no trusted connection to {host}: {error.reason or error}") from None
    except OSError as error:
        secured.close()
        raise errors.ModelBrokenError(f"the connection to {host} broke: {_reason(error)}") from None
    except BaseException:
        secured.close()
        raise


def _reason(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
