"""Where services are, and whether they may be asked: this machine always, other hosts only from the person's list."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.engine.live.client import Server

LOOPBACK = ("127.0.0.1", "::1")


def server_of(service: str, base_url: str, allowed: Iterable[str]) -> Server:
    """The server of a service, its name looked up once.

    Nothing is asked about a host that is neither this machine nor in ``allowed``, not even its address. Raises
    :class:`InputError` for an address that cannot be used, :class:`MachineError` for a listed name that has none.
    """
    url = _split(service, base_url)
    host = (url.hostname or "").lower()
    tls = url.scheme == "https"
    port = url.port or (443 if tls else 80)
    addresses = _addresses(service, host, port, {name.strip().lower() for name in allowed})
    header = _host_header(host, url.port, tls)
    return Server(addresses, port, header, host if tls else None, url.path.rstrip("/"))


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _split(service: str, base_url: str) -> SplitResult:
    mend = "write it as http://127.0.0.1:8080"
    if not base_url:
        raise InputError(f"service {service!r} has no base_url", "write it into the workflow, or use --sut")
    try:
        url = urlsplit(base_url)
        _ = url.port
    except ValueError as error:
        raise InputError(f"service {service!r}: base_url {base_url!r} is no address", mend) from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise InputError(f"service {service!r}: base_url {base_url!r} is no address", mend)
    if url.username is not None:
        raise InputError(f"service {service!r}: base_url has a user in it", "put the credentials into headers")
    if url.query or url.fragment:
        raise InputError(f"service {service!r}: base_url has a query", "put it into the steps' query")
    return url


def _addresses(service: str, host: str, port: int, allowed: set[str]) -> tuple[str, ...]:
    if host == "localhost" or host.endswith(".localhost"):
        return LOOPBACK
    if is_loopback(host):
        return (host,)
    if host in allowed:
        return _looked_up(service, host, port)
    own = _own_names().get(host, ())
    if own and all(is_loopback(address) for address in own):
        return own
    raise InputError(
        f"service {service!r} is at {host}, which is neither this machine nor on the list of hosts",
        f"allow it with --allow-host {host}, or in turbulence.yaml: http: {{allow_hosts: [{host}]}}",
    )


def _looked_up(service: str, host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        message = f"service {service!r}: {host} has no address here ({error.strerror or error})"
        raise MachineError(message, "check the name and the network") from error
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def _own_names() -> dict[str, tuple[str, ...]]:
    """Names that this machine's own table gives an address, so that nobody else has to be asked."""
    windows = os.environ.get("SYSTEMROOT")
    path = Path(windows) / "System32/drivers/etc/hosts" if windows else Path("/etc/hosts")
    found: dict[str, tuple[str, ...]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in lines:
        address, *names = line.partition("#")[0].split() or [""]
        for name in names:
            found[name.lower()] = (*found.get(name.lower(), ()), address)
    return found


def _host_header(host: str, port: int | None, tls: bool) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port in (None, 443 if tls else 80) else f"{name}:{port}"
