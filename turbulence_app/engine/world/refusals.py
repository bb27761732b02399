"""What a world's loop refuses: the network, processes and signals. There is nothing outside of a world."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

from turbulence_app.engine.world.guards import refuse

_ADVICE = "give the application a stand-in for it, for example by a factory that reads a setting"


def _refused(what: str) -> Any:
    def method(*_args: Any, **_named: Any) -> NoReturn:
        raise refuse(what, _ADVICE)

    method.__doc__ = f"Refused: {what}."
    return method


class Refusals(asyncio.AbstractEventLoop):
    """Every method of a loop that would reach beyond the process."""

    getaddrinfo = getnameinfo = _refused("looks up a host name")
    create_connection = sock_connect = start_tls = _refused("opens a connection to another service")
    create_unix_connection = sock_sendall = sock_recv = sock_recv_into = sock_sendfile = _refused("uses a real socket")
    sock_recvfrom = sock_recvfrom_into = sock_sendto = sock_accept = _refused("uses a real socket")
    create_server = create_unix_server = connect_accepted_socket = _refused("opens a server socket")
    create_datagram_endpoint = sendfile = _refused("uses a real socket")
    add_reader = remove_reader = add_writer = remove_writer = _refused("waits for a real file or socket")
    connect_read_pipe = connect_write_pipe = _refused("uses a pipe")
    subprocess_shell = subprocess_exec = _refused("starts another program")

    def add_signal_handler(self, _sig: int, _callback: Any, /, *_args: Any) -> None:  # type: ignore[override]
        """Nothing: no signal ever reaches a world."""

    def remove_signal_handler(self, _sig: int, /) -> bool:
        """There is none."""
        return False
