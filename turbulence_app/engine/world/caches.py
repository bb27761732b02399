"""What libraries keep of the project's modules beyond a new import of them."""

from __future__ import annotations

import sys
from typing import Any


def forget() -> None:
    """The project's modules are about to be imported again: Django's resolver and connections would hold the old."""
    urls: Any = sys.modules.get("django.urls")
    if urls is not None:
        urls.clear_url_caches()
        urls.set_urlconf(None)
    database: Any = sys.modules.get("django.db")
    connections: Any = getattr(database, "connections", None)
    if connections is None:
        return
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            connection.connection.close()  # a database in memory stays open where Django itself is asked to close it
            connection.connection = None
        del connections[connection.alias]
