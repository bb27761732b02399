"""Where an OpenTelemetry collector may be: on this computer. Known without the extra ``otel``."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from turbulence_app.domain.errors import InputError

USUAL = "http://127.0.0.1:4318"
VARIABLE = "TURBULENCE_OTEL"


@dataclass(frozen=True, slots=True)
class Collector:
    """The address of a collector that speaks OTLP over plain HTTP."""

    host: str
    port: int


def collector(url: str) -> Collector:
    """The address in a URL. Raises ``InputError`` for anything but ``http`` to this computer."""
    mend = f"{VARIABLE} takes a collector on this computer, usually {USUAL}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 4318
    except ValueError:
        raise InputError(f"{url!r} is not the address of a collector", mend) from None
    plain = not (parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"))
    if parts.scheme != "http" or not host or not plain:
        raise InputError(f"{url!r} is not the address of a collector", mend)
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise InputError(f"the collector {host} is not this computer: nothing is sent anywhere else", mend)
    return Collector(host, port)
