"""The egress lock: an audit hook that refuses every socket to anything but this machine.

The hook sees what Python's own socket module does (and everything built on it). Native code and child processes are
outside its sight: those are confined by :mod:`turbulence_app.privacy.sandbox`. Once added, a hook cannot be removed.
"""

from __future__ import annotations

import functools
import ipaddress
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_WITH_SOCKET = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"})
_WITH_HOST = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_LOCAL_FAMILIES = frozenset(
    getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)
)


class EgressRefusedError(PermissionError):
    """A socket wanted to leave this machine. An ``OSError``: libraries then see a network that is not there."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One refused attempt: when (UTC, ISO 8601), by which call, and where it wanted to go."""

    at: str
    event: str
    target: str


class _Lock:
    """State of the one hook of this process."""

    def __init__(self) -> None:
        self.mutex = threading.RLock()
        self.installed = False
        self.loopback = True
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.attempts: deque[Attempt] = deque(maxlen=1000)
        self.count = 0
        self.resolving = threading.local()

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event in _WITH_SOCKET:
            self.check(event, args[0], args[1])
        elif event in _WITH_HOST:
            self._host(event, args[0])
        elif event == "socket.getnameinfo":
            self._host(event, args[0][0] if args and args[0] else None)

    def check(self, event: str, sock: Any, address: Any) -> None:
        """Refuses an address that is neither here nor on the list."""
        if address is None or sock.family in _LOCAL_FAMILIES:
            return
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple) or not address:
            self._refuse(event, f"{sock.family!r} {address!r}"[:200])
        if not self._permitted(str(address[0])):
            self._refuse(event, f"{address[0]}:{address[1] if len(address) > 1 else ''}")

    def _host(self, event: str, host: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name and not self._permitted(str(name)):
            self._refuse(event, str(name))

    def _permitted(self, host: str) -> bool:
        host = host.strip().lower()
        if (self.loopback and _is_loopback(host)) or host in self.names or host in self.addresses:
            return True
        if not self.names or not _is_address(host) or getattr(self.resolving, "now", False):
            return False
        self._resolve(self.names)
        return host in self.addresses

    def _resolve(self, names: Iterable[str]) -> None:
        """Learns the present addresses of listed names, so that a connect by address can be recognised."""
        self.resolving.now = True
        try:
            for name in tuple(names):
                try:
                    found = socket.getaddrinfo(name, None)
                except OSError:
                    continue  # a listed host that cannot be resolved now is simply not reachable
                self.addresses.update(str(info[4][0]).lower() for info in found)
        finally:
            self.resolving.now = False

    def _refuse(self, event: str, target: str) -> None:
        with self.mutex:
            self.count += 1
            self.attempts.append(Attempt(datetime.now(UTC).isoformat(timespec="milliseconds"), event, target))
        raise EgressRefusedError(f"refused by the egress lock: {event} to {target}; allow the host in the settings")


_LOCK = _Lock()


def lock(allow: Iterable[str] = ()) -> None:
    """Puts the lock on (once; further calls only add to the list). ``allow``: host names or addresses of the user's."""
    with _LOCK.mutex:
        _LOCK.names.update(name.strip().lower() for name in allow if name.strip())
        if not _LOCK.installed:
            _LOCK.installed = True
            sys.addaudithook(_LOCK.hook)
            _guard_names()


def lock_all() -> None:
    """Puts the lock on without even loopback: for processes that need no network at all."""
    with _LOCK.mutex:
        _LOCK.loopback = False
    lock()


def withdraw(hosts: Iterable[str]) -> None:
    """Takes hosts off the list again."""
    with _LOCK.mutex:
        _LOCK.names.difference_update(host.strip().lower() for host in hosts)
        _LOCK.addresses.clear()


def locked() -> bool:
    """Whether the lock is on in this process."""
    return _LOCK.installed


def allowed() -> tuple[str, ...]:
    """The user's list, sorted."""
    return tuple(sorted(_LOCK.names))


def attempts() -> tuple[Attempt, ...]:
    """The last 1,000 refused attempts, oldest first."""
    with _LOCK.mutex:
        return tuple(_LOCK.attempts)


def refused() -> int:
    """How many attempts were refused since the start."""
    return _LOCK.count


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    return True


def _guard_names() -> None:
    """Checks host names before a socket's own methods look them up.

    CPython resolves ``connect(("example.com", 80))`` in C, with a real query, before it raises the audit event
    (``getsockaddrarg`` in ``socketmodule.c``): the hook alone would let the name out.
    """
    for method in ("connect", "connect_ex", "bind", "sendto", "sendmsg"):
        setattr(socket.socket, method, _guarded(method, getattr(socket.socket, method)))


def _guarded(method: str, original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def checked(self: socket.socket, *args: Any) -> Any:
        address = args[-1] if args else None
        if isinstance(address, tuple) and address and isinstance(address[0], str | bytes):
            _LOCK.check(f"socket.{method}", self, address)
        return original(self, *args)

    return checked
