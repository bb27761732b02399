"""Whether there is a screen that can be reached: Qt ends the process where there is none. No Qt is loaded."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Mapping

CHECKED = ("xcb", "wayland", "")
"""Platforms of Qt that need a server; all others (offscreen, vnc, the system's own) are left to Qt."""
WAIT_S = 1.0


def why_none(environment: Mapping[str, str] = os.environ) -> str:
    """One line that says why no window can open here; '' where one can, as far as can be told."""
    if not sys.platform.startswith(("linux", "freebsd")):
        return ""
    chosen = environment.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0].strip().lower()
    if chosen not in CHECKED and not chosen.startswith("wayland"):
        return ""
    tries = []
    if chosen != "xcb" and environment.get("WAYLAND_DISPLAY"):
        tries.append(_wayland(environment))
    if not chosen.startswith("wayland") and environment.get("DISPLAY"):
        tries.append(_x11(environment["DISPLAY"]))
    if not tries:
        return "there is no screen here"
    return "" if "" in tries else tries[-1]


def _wayland(environment: Mapping[str, str]) -> str:
    name = environment["WAYLAND_DISPLAY"]
    path = name if name.startswith("/") else os.path.join(environment.get("XDG_RUNTIME_DIR", ""), name)  # noqa: PTH118
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(WAIT_S)
            probe.connect(path)
    except (OSError, ValueError):
        return f"the screen {name} cannot be reached (WAYLAND_DISPLAY)"
    return ""


def _x11(name: str) -> str:
    """Asks the library that Qt will ask, with the same permissions; where it is not there, Qt says what is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return ""
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(name.encode("utf-8", "surrogateescape"), None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"the screen {name} cannot be reached (DISPLAY)" if failed else ""
