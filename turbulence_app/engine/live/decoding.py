"""Bodies as they were before a server compressed them, never larger than a bound."""

from __future__ import annotations

import zlib

GZIP = 16 + zlib.MAX_WBITS
ZLIB = zlib.MAX_WBITS
RAW = -zlib.MAX_WBITS
IDENTITY = frozenset({"", "identity"})


class DecodingError(ValueError):
    """A body that is not what its ``content-encoding`` says, or one that grows beyond the bound."""


def decoded(body: bytes, encoding: str, most: int) -> bytes:
    """``body`` without its ``content-encoding`` (gzip, deflate; several are undone from the last).

    Raises :class:`DecodingError` for an unknown encoding, a broken body, and one of more than ``most`` bytes.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in IDENTITY or not body:
            continue
        if name in ("gzip", "x-gzip"):
            body = _inflated(body, GZIP, most)
        elif name == "deflate":
            # RFC 9110 says zlib; some servers send the raw stream
            try:
                body = _inflated(body, ZLIB, most)
            except zlib.error:
                body = _inflated(body, RAW, most)
        else:
            raise DecodingError(f"content-encoding {name} is not known")
    return body


def _inflated(body: bytes, bits: int, most: int) -> bytes:
    machine = zlib.decompressobj(bits)
    try:
        found = machine.decompress(body, most + 1)
    except zlib.error as error:
        if bits == ZLIB:
            raise
        raise DecodingError(f"the compressed body is broken: {error}") from error
    if len(found) > most:
        raise DecodingError(f"the body is larger than {most} bytes when unpacked")
    if not machine.eof:
        raise DecodingError("the compressed body is cut short")
    return found
