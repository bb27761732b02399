"""No network from the kernel: for processes that run native code, which an audit hook cannot see.

On Linux a seccomp filter (x86-64, aarch64) refuses ``socket`` and ``io_uring_setup``; where that is not to be had, a
network namespace of its own; then Landlock (Linux 6.7), which refuses TCP alone and has the audit hook beside it;
elsewhere the hook. Whatever was put in force is then tested.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from turbulence_app.privacy import egress

Level = Literal["seccomp", "netns", "landlock", "python", "none"]

# Facts from linux/audit.h, asm/unistd.h, linux/prctl.h, linux/filter.h, linux/seccomp.h, linux/landlock.h.
_ARCHES = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
_IO_URING_SETUP = 425
_X32_BIT = 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
_CREATE_RULESET, _RESTRICT_SELF, _VERSION = 444, 446, 1
_BIND_AND_CONNECT_TCP = 3
_LANDLOCK_WITH_NETWORK = 4
_PROBE = egress.NOBODY


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is in force: the level, and whether the test found it closed (``reason`` says why a better one is not)."""

    level: Level
    closed: bool
    reason: str = ""

    @property
    def kernel(self) -> bool:
        """Whether the kernel itself refuses everything, so that native code is covered too."""
        return self.level in ("seccomp", "netns") and self.closed

    @property
    def in_words(self) -> str:
        """How far it goes, for people."""
        return WORDS[self.level] if self.closed else WORDS["none"]


WORDS: dict[Level, str] = {
    "seccomp": "the kernel refuses every network socket (seccomp), to native code and child processes too",
    "netns": "the kernel shows the process an empty network (namespace), to native code and child processes too",
    "landlock": "the kernel refuses TCP (Landlock), to native code and children too; UDP is refused to Python only",
    "python": "Python's sockets are refused (audit hook); native code and child processes are not seen",
    "none": "nothing is in force",
}


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def confine() -> Confinement:
    """Takes the network away from this process and its children, for good, by the best means at hand."""
    reasons: list[str] = []
    if sys.platform == "linux":
        means: tuple[tuple[Level, Callable[[], str]], ...] = (("seccomp", _seccomp), ("netns", _namespace))
        for level, put_in_force in means:
            why = put_in_force()
            if not why and is_closed():
                return Confinement(level, closed=True, reason="; ".join(reasons))
            reasons.append(f"{level}: {why or 'no effect'}")
        why = _landlock()
        egress.lock_all()
        if not why and is_closed_to_native_tcp():
            return Confinement("landlock", egress.holds(), "; ".join(reasons))
        reasons.append(f"landlock: {why or 'no effect'}")
    else:
        reasons.append(f"no kernel filter on {sys.platform}")
    egress.lock_all()
    closed = egress.holds()
    return Confinement("python" if closed else "none", closed, "; ".join(reasons))


def is_closed() -> bool:
    """Asks the kernel for a way out (nothing is sent). True if none was given."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_PROBE)
    except OSError:
        return True
    return False


def is_closed_to_native_code() -> bool:
    """The same through libc, which no audit hook sees. Linux and macOS only; elsewhere False."""
    return _native_connect(int(socket.SOCK_DGRAM), _PROBE) != 0


def is_closed_to_native_tcp() -> bool:
    """Whether libc may not open a TCP connection, not even to this machine: refused, and not just unanswered."""
    return _native_connect(int(socket.SOCK_STREAM), ("127.0.0.1", 9)) in (errno.EACCES, errno.EPERM)


def is_closed_to_children() -> bool:
    """The same in a child process without this program's hook: what the kernel refuses is inherited."""
    code = f"import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect({_PROBE!r})"
    command = [sys.executable, "-I", "-S", "-c", code]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode != 0


def _native_connect(kind: int, to: tuple[str, int]) -> int:
    """The error number of ``connect`` in libc, or of ``socket``; 0 where it went."""
    if sys.platform == "win32":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.socket(int(socket.AF_INET), kind, 0)
    if descriptor < 0:
        return ctypes.get_errno() or errno.EACCES
    try:
        packed = socket.inet_aton(to[0])
        head = struct.pack("=H", socket.AF_INET) if sys.platform == "linux" else bytes((16, socket.AF_INET))
        address = head + struct.pack("!H4s8x", to[1], packed)
        return 0 if libc.connect(descriptor, address, len(address)) == 0 else ctypes.get_errno() or errno.EACCES
    finally:
        libc.close(descriptor)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _filter(arch: int, socket_number: int) -> bytes:
    """The BPF program: another architecture dies, ``socket`` and ``io_uring_setup`` are refused, the rest goes on."""
    return b"".join(
        (
            _instruction(_LOAD, 4),
            _instruction(_EQUAL, arch, 1, 0),
            _instruction(_RETURN, _KILL),
            _instruction(_LOAD, 0),
            _instruction(_AT_LEAST, _X32_BIT, 2, 0),
            _instruction(_EQUAL, socket_number, 1, 0),
            _instruction(_EQUAL, _IO_URING_SETUP, 0, 1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_RETURN, _ALLOW),
        )
    )


def _seccomp() -> str:
    """Installs the filter; ``""`` on success, else why not."""
    known = _ARCHES.get(platform.machine())
    if known is None or sys.byteorder != "little" or sys.maxsize < 2**32:
        return f"no filter for {platform.machine()}"
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(_filter(*known))
    program = _Program(len(code.raw) // 8, ctypes.addressof(code))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return errno.errorcode.get(ctypes.get_errno(), "refused")
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        return errno.errorcode.get(ctypes.get_errno(), "refused")
    return ""


def _namespace() -> str:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return errno.errorcode.get(ctypes.get_errno(), "refused")
    return ""


def _landlock() -> str:
    """Refuses TCP to this process and its children (Landlock's ABI 4 and later); ``""`` on success, else why not."""
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < _LANDLOCK_WITH_NETWORK:
        return "not in this kernel" if version < 0 else f"version {version} knows no network"
    handled = struct.pack("=QQ", 0, _BIND_AND_CONNECT_TCP)
    ruleset = libc.syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), ctypes.c_uint32(0))
    if ruleset < 0:
        return errno.errorcode.get(ctypes.get_errno(), "refused")
    try:
        if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
            return errno.errorcode.get(ctypes.get_errno(), "refused")
    finally:
        libc.close(ruleset)
    return ""
