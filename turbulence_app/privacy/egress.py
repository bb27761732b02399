"""The egress lock: an audit hook that refuses every socket to anything but this machine.

The hook sees what Python's own socket module does (and everything built on it). Native code and child processes are
outside its sight: those are confined by :mod:`turbulence_app.privacy.sandbox`. Once added, a hook cannot be removed.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_WITH_SOCKET = ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg")
_WITH_HOST = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
_LOCAL_FAMILIES = frozenset(
    getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK", "AF_ALG") if hasattr(socket, name)
)

NOBODY = ("192.0.2.1", 53)
"""TEST-NET-1 (RFC 5737): connecting a UDP socket to it sends nothing, but asks the kernel."""
_NEAR = frozenset({"127.0.0.1", "::1", "localhost"})
"""This machine, as nearly everybody writes it."""


class EgressRefusedError(PermissionError):
    """A socket wanted to leave this machine. An ``OSError``: libraries then see a network that is not there."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One refused attempt: when (UTC, ISO 8601), by which call, and where it wanted to go."""

    at: str
    event: str
    target: str


Act = Callable[[str, tuple[Any, ...]], None]
"""What is done on an audit event: its name and its arguments."""


class _Lock:
    """State of the one hook of this process."""

    def __init__(self) -> None:
        self.acts: dict[str, Act] = {
            **dict.fromkeys(_WITH_SOCKET, self._socket),
            **dict.fromkeys(_WITH_HOST, self._looked_up),
            "socket.getnameinfo": self._named,
        }
        self.tell: Callable[[str, str, bool], None] | None = None
        self.mutex = threading.RLock()
        self.installed = False
        self.loopback = True
        self.names: set[str] = set()
        self.addresses: set[str] = set()
        self.attempts: deque[Attempt] = deque(maxlen=1000)
        self.count = 0
        self.resolving = threading.local()
        self.trying = threading.local()

    def hook(self) -> Act:
        """The hook itself: most events of an interpreter are nobody's here, and cost one look into a table."""
        acts = self.acts

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event in acts:
                acts[event](event, args)

        return hook

    def _socket(self, event: str, args: tuple[Any, ...]) -> None:
        address = args[1]
        self.check(event, args[0], address)
        if self.tell is not None and address is not None and not _is_of_the_kernel(address):
            self.tell(event, _target(address), True)

    def _looked_up(self, event: str, args: tuple[Any, ...]) -> None:
        self._host(event, args[0])

    def _named(self, event: str, args: tuple[Any, ...]) -> None:
        self._host(event, args[0][0] if args and args[0] else None)

    def check(self, event: str, sock: Any, address: Any) -> None:
        """Refuses an address that is neither here nor on the list."""
        if self.loopback and type(address) is tuple and address and address[0] in _NEAR:
            return  # nearly every call; no other family's addresses begin like this
        if address is None or sock.family in _LOCAL_FAMILIES:
            return
        if sock.family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, tuple) or not address:
            self._refuse(event, f"{sock.family!r} {address!r}"[:200])
        if not self._permitted(str(address[0])):
            self._refuse(event, _target(address))

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
        if getattr(self.trying, "now", False):
            raise EgressRefusedError("refused, as it should be")
        with self.mutex:
            self.count += 1
            self.attempts.append(Attempt(datetime.now(UTC).isoformat(timespec="milliseconds"), event, target))
        if self.tell is not None:
            self.tell(event, target, False)
        raise EgressRefusedError(f"refused by the egress lock: {event} to {target}; allow the host in the settings")


_LOCK = _Lock()


def lock(allow: Iterable[str] = ()) -> None:
    """Puts the lock on (once; further calls only add to the list). ``allow``: host names or addresses of the user's."""
    with _LOCK.mutex:
        _LOCK.names.update(name.strip().lower() for name in allow if name.strip())
        if not _LOCK.installed:
            _LOCK.installed = True
            sys.addaudithook(_LOCK.hook())
            _guard_names()


def listed() -> tuple[str, ...]:
    """The hosts that the environment lists (``TURBULENCE_ALLOW_HOSTS``): for programs that import this one."""
    return tuple(name.strip() for name in os.environ.get("TURBULENCE_ALLOW_HOSTS", "").split(",") if name.strip())


def lock_all() -> None:
    """Puts the lock on without even loopback: for processes that need no network at all."""
    with _LOCK.mutex:
        _LOCK.loopback = False
    lock()


def watch(acts: Mapping[str, Act], tell: Callable[[str, str, bool], None]) -> None:
    """Lets somebody else see what this one hook sees: more audit events, and every socket's event, target, permission.

    A second hook would cost every event of the interpreter a second call.
    """
    _LOCK.acts.update(acts)
    _LOCK.tell = tell


def holds() -> bool:
    """Tries the lock: a connection to an address that nobody has (RFC 5737) must be refused; it is not recorded."""
    _LOCK.trying.now = True
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(NOBODY)
    except OSError:
        return True
    finally:
        _LOCK.trying.now = False
    return False


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


def _is_of_the_kernel(address: Any) -> bool:
    """Netlink's addresses are two numbers: answers about this machine itself, nothing to tell."""
    return isinstance(address, tuple) and bool(address) and isinstance(address[0], int)


def _target(address: Any) -> str:
    """An address in words: host and port, or the path of a socket of this machine."""
    if isinstance(address, tuple) and address:
        host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
        return f"{host}:{address[1] if len(address) > 1 else ''}"
    return "unix:" + (address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address))[:200]


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
