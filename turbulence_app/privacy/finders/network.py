"""Addresses of people and machines: e-mail, IPv4, IPv6, MAC, and names and passwords inside of URLs."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import Hit, whole

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}([^\W\d_]{2,24})(?![\w@-])")
_SPELLED = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?[\[({] ?(?:at|ät) ?[\])}] ?[\w-]{1,63}"
    r"(?:(?: ?[\[({] ?(?:dot|punkt) ?[\])}] ?|\.)[\w-]{1,63}){1,4}",
    re.IGNORECASE,
)
_FILES = frozenset("png jpg jpeg gif svg webp pdf css js json html xml yaml txt zip".split())
"""``logo@2x.png`` is a picture, not somebody's address."""
_REMOTES = frozenset({"git", "hg", "svn"})
"""``git@host:path`` is everybody's."""
_URL = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]{1,15}://([^\s/@:\[\]]{0,128}:[^\s/@\[\]]{1,256})@")
_IPV4 = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w-]|\.[0-9])")
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,8}(?:(?:\.[0-9]{1,3}){3})?(?![\w:.]*[\w:])")
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9A-Fa-f]{2}(?:(?::[0-9A-Fa-f]{2}){5}|(?:-[0-9A-Fa-f]{2}){5})|"
    r"[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![\w:-])"
)
_VERSIONED = re.compile(
    r"(?:\bv|version|release|build|firmware|driver|revision|section|chapter)[ :=]{0,2}$", re.IGNORECASE
)


def find(text: str) -> Iterator[Hit]:
    """Every address that stands in the text by itself."""
    if "@" in text:
        opened = [whole(m, "CREDENTIAL", 1) for m in _URL.finditer(text)]
        yield from opened
        yield from _emails(text, {hit.end for hit in opened})
    if any(sign in text for sign in "[({"):
        yield from (whole(m, "EMAIL") for m in _SPELLED.finditer(text))
    if "." in text:
        yield from (whole(m, "IP") for m in _IPV4.finditer(text) if _is_somebody_s(m[0]) and not _is_version(text, m))
    if ":" in text:
        yield from (whole(m, "IP") for m in _IPV6.finditer(text) if _is_ipv6(m[0]))
    if any(sign in text for sign in ":-."):
        yield from (whole(m, "MAC") for m in _MAC.finditer(text) if _is_a_device(m[0]))


def _emails(text: str, passwords: set[int]) -> Iterator[Hit]:
    """Addresses; what stands before the ``@`` of a URL is a password, and no address with its host."""
    for match in _EMAIL.finditer(text):
        local = match[0].partition("@")[0].lower()
        if match.start() + len(local) in passwords:
            continue
        remote = local in _REMOTES and text[match.end() : match.end() + 1] == ":"
        if match[1].lower() not in _FILES and not remote:
            yield whole(match, "EMAIL")


def _is_somebody_s(address: str) -> bool:
    """Loopback, 0.0.0.0 and network masks are nobody's."""
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    return not (found.is_loopback or found.is_unspecified or address.startswith("255."))


def _is_version(text: str, match: re.Match[str]) -> bool:
    return _VERSIONED.search(text, max(0, match.start() - 12), match.start()) is not None


def _is_ipv6(address: str) -> bool:
    """``12:30:45`` is a time and ``a::b`` may be source code: a digit and three groups at least."""
    if not any(c.isdigit() for c in address) or sum(1 for group in address.split(":") if group) < 3:
        return False
    try:
        return not ipaddress.IPv6Address(address).is_loopback
    except ValueError:
        return False


def _is_a_device(address: str) -> bool:
    plain = address.replace(":", "").replace("-", "").replace(".", "").lower()
    if "." in address and plain.isdigit():
        return False
    return plain not in ("0" * 12, "f" * 12)
