"""Where an Ollama server is, and whether it may be spoken to: this machine, or a host that the user put on a list."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from turbulence_app.domain.errors import InputError
from turbulence_app.llm import errors
from turbulence_app.settings import preferences

PORT = 11434
DEFAULT_URL = f"http://127.0.0.1:{PORT}"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A server: ``scheme`` is http or https, ``host`` a name or an address without brackets, in lower case."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """``host:port`` as headers and URLs write it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether it is this machine."""
        return is_local(self.host)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


def server_url() -> str:
    """The server that the user named (``OLLAMA_URL``, else ``OLLAMA_HOST``, else the setting), else the usual one on
    this machine.

    ``OLLAMA_HOST`` is what the server listens on, in all the forms that Ollama takes: ``:8080``, ``0.0.0.0`` (every
    interface of this machine, so this machine), ``[::1]:11434``; without scheme and port, port 11434.
    """
    named = _named().strip().strip("\"'")
    if not named:
        return DEFAULT_URL
    scheme, separator, rest = named.rpartition("://")
    if rest.startswith(":") and not rest.startswith("::"):
        rest = "127.0.0.1" + rest
    rest = rest.rstrip("/")
    if not separator and not _has_port(rest):
        rest = f"[{rest}]:{PORT}" if rest.count(":") > 1 and not rest.startswith("[") else f"{rest}:{PORT}"
    for anywhere, here in (("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")):
        rest = here + rest.removeprefix(anywhere) if rest.startswith(anywhere) else rest
    return f"{scheme or 'http'}://{rest}"


def _named() -> str:
    environment = os.environ.get("OLLAMA_URL") or os.environ.get("OLLAMA_HOST")
    return environment or str(preferences().kept("ollama.url"))


def check_host(url: str, allowed: Iterable[str] = ()) -> Address:
    """The address, if it is on this machine or on the user's list.

    Raises ``InputError`` for what is no address of a server and :class:`ModelRefusedError` for another machine.
    """
    address = _parsed(url)
    if address is None:
        raise InputError(f"{url!r} is not the address of an Ollama server", f"write for example {DEFAULT_URL}")
    if not is_local(address.host) and address.host not in {name.strip().lower().rstrip(".") for name in allowed}:
        raise errors.ModelRefusedError(
            f"the Ollama server {address.host} is not this machine",
            f"use a local one, or write in turbulence.yaml: models: {{allow_hosts: [{address.host}]}}",
        )
    return address


def is_local(host: str) -> bool:
    """Whether a host is this machine, without asking any resolver."""
    if host == "localhost":
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def _parsed(url: str) -> Address | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").lower().rstrip(".")
    extra = parts.username or parts.password or parts.query or parts.fragment or parts.path not in ("", "/")
    if parts.scheme not in _PORTS or not host or extra or not host.isprintable() or port == 0:
        return None
    return Address(parts.scheme, host, port or _PORTS[parts.scheme])


def _has_port(rest: str) -> bool:
    if rest.startswith("["):
        return "]:" in rest
    return rest.count(":") == 1
