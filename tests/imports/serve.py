"""The library in a process of its own: ``python -m tests.imports.serve`` prints its port."""

from __future__ import annotations

import socket

import uvicorn

from tests.imports.library_app import create_app


def main() -> None:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    server = uvicorn.Server(uvicorn.Config(create_app, factory=True, log_level="error", access_log=False))
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
