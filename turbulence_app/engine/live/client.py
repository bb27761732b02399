"""A client for many people at once: keep-alive connections to the servers of a run, as many as are needed at a time.

People share the connections of a server: who asks takes one that is free. A connection that has been idle for longer
than servers usually keep one is not used again, because a request on a connection that the server is just closing is
lost; a request is put on another connection only where none of its bytes was sent. Redirects are answers like others.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass, field

from turbulence_app.engine.live.connection import Connection
from turbulence_app.engine.live.exchange import CONNECTION, Exchange

IDLE_S = 4.0
"""A connection that was idle for longer is closed: common servers keep one for five seconds."""
MAX_CONNECTIONS = 10_000
"""Open connections to all servers together; more requests than that wait (which counts as the driver's lag)."""
CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where a service is: addresses to try in order, and the name that its certificate must bear (None: no TLS).

    ``prefix`` is the path of its base URL, without a slash at the end.
    """

    addresses: tuple[str, ...]
    port: int
    host: str
    """What the ``host`` header says."""
    tls: str | None = None
    prefix: str = ""


@dataclass(slots=True)
class _Pool:
    """The connections to one server; ``idle`` last used last."""

    server: Server
    idle: list[Connection] = field(default_factory=list)
    waiting: deque[Exchange] = field(default_factory=deque)


class _Owner:
    """Tells a client of the connections of one pool."""

    __slots__ = ("client", "pool")

    def __init__(self, client: Client, pool: _Pool) -> None:
        self.client, self.pool = client, pool

    def freed(self, connection: Connection) -> None:
        self.client.freed(self.pool, connection)

    def gone(self, connection: Connection) -> None:
        self.client.gone(self.pool, connection)


class Client:
    """Sends requests. Use as an asynchronous context manager: leaving it closes every connection."""

    def __init__(self, *, most: int = MAX_CONNECTIONS, context: ssl.SSLContext | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._pools: dict[Server, _Pool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._all: set[Connection] = set()
        self._most, self._opening = most, 0
        self._context = context

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return len(self._all)

    def send(self, server: Server, data: bytes, *, head_only: bool = False, reset_on_answer: bool = False) -> Exchange:
        """Send a request, on a free connection or on a new one; returns at once.

        ``data`` is the whole request; ``head_only`` says that its answer has no body. With ``reset_on_answer`` the
        connection is torn down when the answer begins.
        """
        exchange = Exchange(data, self._loop.create_future(), head_only=head_only)
        exchange.reset_on_answer, exchange.asked = reset_on_answer, self._loop.time()
        pool = self._pool(server)
        connection = self._free(pool)
        if connection is not None:
            connection.send(exchange)
        else:
            self._enqueue(pool, exchange)
        return exchange

    async def reach(self, server: Server) -> str:
        """Open a connection and keep it for later; returns what went wrong, or nothing."""
        pool = self._pool(server)
        try:
            connection = await self._connect(pool)
        except (OSError, TimeoutError) as error:
            return reason(error)
        connection.last_used = self._loop.time()
        pool.idle.append(connection)
        return ""

    async def open(self, server: Server) -> Connection:
        """A connection that carries nothing else; the caller closes it. Raises ``OSError`` or ``TimeoutError``."""
        return await self._connect(self._pool(server))

    async def close(self) -> None:
        """Close everything; what is still on its way has failed."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for pool in self._pools.values():
            while pool.waiting:
                pool.waiting.popleft().fail(CONNECTION, "the client was closed", self._loop.time())
            pool.idle.clear()
        for connection in tuple(self._all):
            connection.abort()
        while self._all:
            await asyncio.sleep(0)

    # ---- connections --------------------------------------------------------------------------------------------

    def freed(self, pool: _Pool, connection: Connection) -> None:
        """A connection is free: for who waits, else for who comes."""
        following = _next(pool)
        if following is not None:
            connection.send(following)
        else:
            pool.idle.append(connection)

    def gone(self, pool: _Pool, connection: Connection) -> None:
        """A connection is closed; whoever waited for a place gets it."""
        self._all.discard(connection)
        if connection in pool.idle:
            pool.idle.remove(connection)
        for other in (pool, *self._pools.values()):
            following = _next(other)
            if following is not None:
                self._enqueue(other, following)
                return

    def _pool(self, server: Server) -> _Pool:
        pool = self._pools.get(server)
        if pool is None:
            pool = self._pools[server] = _Pool(server)
        return pool

    def _free(self, pool: _Pool) -> Connection | None:
        """The connection that was used last, if it is still good."""
        now = self._loop.time()
        while pool.idle:
            connection = pool.idle.pop()
            bound = IDLE_S if connection.idle_s is None else min(IDLE_S, connection.idle_s - 0.5)
            if connection.open and now - connection.last_used < bound:
                return connection
            connection.abort()
        return None

    def _enqueue(self, pool: _Pool, exchange: Exchange) -> None:
        """Open a connection for a request, or let it wait for one."""
        if len(self._all) + self._opening >= self._most:
            exchange.queued = True
            pool.waiting.append(exchange)
            return
        self._opening += 1
        task = self._loop.create_task(self._carry(pool, exchange))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, pool: _Pool, exchange: Exchange) -> None:
        """Open a connection and send a request on it."""
        try:
            connection = await self._connect(pool)
        except (OSError, TimeoutError) as error:
            exchange.fail(CONNECTION, reason(error), self._loop.time())
            return
        except asyncio.CancelledError:
            exchange.fail(CONNECTION, "the client was closed", self._loop.time())
            raise
        finally:
            self._opening -= 1
        if exchange.dropped:
            connection.last_used = self._loop.time()
            self.freed(pool, connection)
        else:
            connection.send(exchange)

    async def _connect(self, pool: _Pool) -> Connection:
        server, failed = pool.server, OSError("no address")
        owner = _Owner(self, pool)
        for address in server.addresses:
            try:
                async with asyncio.timeout(CONNECT_S):
                    _, connection = await self._loop.create_connection(
                        lambda: Connection(owner, self._loop),
                        address,
                        server.port,
                        ssl=self._tls() if server.tls is not None else None,
                        server_hostname=server.tls,
                    )
            except TimeoutError:
                failed = OSError(f"no connection to {address}:{server.port} within {CONNECT_S:g} s")
            except OSError as error:
                failed = error
            else:
                if not connection.open:
                    failed = OSError(f"{address}:{server.port} closed the connection at once")
                    continue
                self._all.add(connection)
                return connection
        raise failed

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context


def _next(pool: _Pool) -> Exchange | None:
    """The request that has waited longest, if somebody still waits for its answer."""
    while pool.waiting:
        exchange = pool.waiting.popleft()
        if not exchange.dropped:
            return exchange
    return None


def reason(error: Exception) -> str:
    """What a socket says went wrong, in a few words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate cannot be trusted: {error.verify_message}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
