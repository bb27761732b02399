"""Asks the kernel for a way out through the C library, as native code would: what no hook of Python can see."""

from __future__ import annotations

import ctypes
import errno
import socket
import struct
import sys

_NOWHERE = ("192.0.2.1", 53)
"""TEST-NET-1 (RFC 5737): connecting a datagram socket to it sends nothing, but asks the kernel for a route."""
_NEXT_DOOR = ("127.0.0.1", 9)
"""A stream to the discard port of this very computer: refused if there is a network, and nothing leaves it."""


def native_network() -> str:
    """``closed`` or ``open``; ``unknown`` where there is no C library to ask."""
    if sys.platform == "win32":
        return "unknown"
    libc = ctypes.CDLL(None, use_errno=True)
    datagram = _connect(libc, socket.SOCK_DGRAM, _NOWHERE)
    stream = _connect(libc, socket.SOCK_STREAM, _NEXT_DOOR)
    return "open" if datagram == 0 or stream in (0, errno.ECONNREFUSED) else "closed"


def _connect(libc: ctypes.CDLL, kind: int, address: tuple[str, int]) -> int:
    """The error number of a native connect; 0 when it was granted."""
    descriptor = libc.socket(int(socket.AF_INET), int(kind), 0)
    if descriptor < 0:
        return ctypes.get_errno() or errno.EACCES
    try:
        family = int(socket.AF_INET)
        head = struct.pack("=H", family) if sys.platform == "linux" else bytes((16, family))
        packed = head + struct.pack("!H4s8x", address[1], socket.inet_aton(address[0]))
        return 0 if libc.connect(descriptor, packed, len(packed)) == 0 else ctypes.get_errno() or errno.EACCES
    finally:
        libc.close(descriptor)
