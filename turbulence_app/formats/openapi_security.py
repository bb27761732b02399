"""Documented security as templates of the environment: the files never hold a secret."""

from __future__ import annotations

from typing import Any

from turbulence_app.formats.names import clean, snake
from turbulence_app.formats.openapi_read import Operation, Reader


class Security:
    """Headers and query values that operations need to be let in."""

    def __init__(self, reader: Reader, prefix: str) -> None:
        self.reader, self.prefix = reader, prefix
        components, _ = reader.follow(reader.root.get("components"))
        schemes = components.get("securitySchemes")
        self.schemes: dict[str, Any] = schemes if isinstance(schemes, dict) else {}
        given = reader.root.get("security")
        self.everywhere = tuple(s for s in given if isinstance(s, dict)) if isinstance(given, list) else ()

    def of(self, operation: Operation) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and query values of the first way in; none where the operation is open to all."""
        ways = operation.security if operation.security is not None else self.everywhere
        headers: dict[str, str] = {}
        query: dict[str, str] = {}
        if not ways or {} in ways:
            return headers, query
        for name in ways[0]:
            self._scheme(name, headers, query)
        return headers, query

    def _scheme(self, name: str, headers: dict[str, str], query: dict[str, str]) -> None:
        scheme, _ = self.reader.follow(self.schemes.get(name))
        variable = f"{self.prefix}_{snake(name, 'key')}".upper()
        secret = "{{env." + variable + "}}"
        kind, where = scheme.get("type"), scheme.get("in")
        field = clean(scheme.get("name"))
        if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
            headers["Authorization"] = f"Basic {secret}"
            self._say(name, variable, "user:password in Base64")
        elif kind in ("http", "oauth2", "openIdConnect"):
            headers["Authorization"] = f"Bearer {secret}"
            self._say(name, variable, "the token")
        elif kind == "apiKey" and where == "header" and field:
            headers[field] = secret
            self._say(name, variable, "the key")
        elif kind == "apiKey" and where == "query" and field:
            query[field] = secret
            self._say(name, variable, "the key")
        elif kind == "apiKey" and where == "cookie" and field:
            headers["Cookie"] = f"{field}={secret}"
            self._say(name, variable, "the cookie's value")
        else:
            self.reader.note(f"The security scheme {clean(name)[:60]!r} is not understood; add its headers by hand.")

    def _say(self, name: str, variable: str, what: str) -> None:
        self.reader.note(
            f"The security scheme {clean(name)[:60]!r} reads {what} from the environment variable {variable} (of the "
            "shell on the http target, of `app: env` in turbulence.yaml on the app target); no secret is in the files."
        )
