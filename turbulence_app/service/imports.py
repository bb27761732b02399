"""Bringing in what other tools wrote: OpenAPI documents, browser recordings, the original's files."""

from __future__ import annotations

import http.client
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from turbulence_app.domain.errors import InputError, Location, MachineError
from turbulence_app.formats.documents import MAX_JSON_BYTES, decode_document
from turbulence_app.formats.har import import_har
from turbulence_app.formats.imported import Imported, write_imported
from turbulence_app.formats.openapi import import_openapi, of_document
from turbulence_app.formats.original import import_original

FETCH_S = 15.0
"""How long a service may take to hand out its document."""


@dataclass(frozen=True, slots=True)
class Written:
    """Files that an import made, what it could not carry over, and the workflow (by its id) that it is about."""

    files: tuple[Path, ...]
    notes: tuple[str, ...]
    workflow: str = ""


def turbulence(root: Path, source: Path) -> Written:
    """Bring files of the original Turbulence into a project; nothing that is there is overwritten."""
    return _written(import_original(source), root)


def openapi(root: Path, source: str, *, name: str | None = None, app: str | None = None) -> Written:
    """Bring an OpenAPI document into a project: a file, or where a service on this computer hands it out.

    Raises:
        InputError: no such file, not OpenAPI 3, or an address that is not on this computer.
        MachineError: nothing answers there, or the project cannot be written.
    """
    if "://" not in source:
        return _written(import_openapi(Path(source), name, app), root)
    document = decode_document(_fetched(source), source)
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(source))
    return _written(of_document(document, name, app, origin), root)


def har(root: Path, sources: Sequence[Path], *, name: str | None = None, hosts: Sequence[str] = ()) -> Written:
    """Bring browser recordings of one journey into a project; ``hosts`` are those of the service."""
    return _written(import_har(sources, name, hosts), root)


def _written(imported: Imported, root: Path) -> Written:
    return Written(tuple(write_imported(imported, root)), imported.notes, imported.workflow.id)


def _fetched(address: str) -> bytes:
    """What a service on this computer answers to a GET."""
    where = Location(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InputError("this is no address", "write http://127.0.0.1:8000/openapi.json", where) from None
    if parts.scheme != "http":
        raise InputError("only http:// is fetched", "save the document into a file and name that", where)
    if not _here(host):
        raise InputError(f"{host!r} is not this computer", "save the document into a file and name that", where)
    connection = http.client.HTTPConnection(host, port or 80, timeout=FETCH_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"Accept": "application/json, application/yaml, */*"})
        answer = connection.getresponse()
        data = answer.read(MAX_JSON_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise MachineError(f"nothing answers there: {said}", "start the service first", where) from None
    finally:
        connection.close()
    if answer.status != 200:
        raise InputError(f"the service answers {answer.status}", "name the address of its OpenAPI document", where)
    return data


def _here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
