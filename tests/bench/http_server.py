"""The service that every driver of ``bench_http`` asks: five steps of a shop, as little work as possible per answer.

``python http_server.py`` prints its port. ``GET /cpu`` answers with the processor time used so far, in seconds.
"""

from __future__ import annotations

import asyncio
import time

BODY = b'{"ok": true, "order": "A-00017", "items": [1, 2, 3]}'
FINE = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


class Shop(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.waiting = transport, b""

    def data_received(self, data):
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.waiting) < end + 4 + size:
                return
            self.waiting = self.waiting[end + 4 + size :]
            self.transport.write(self.used() if head.startswith(b"get /cpu") else FINE)

    def used(self):
        body = str(time.process_time()).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def main():
    server = await asyncio.get_running_loop().create_server(Shop, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        import uvloop as loops
    except ImportError:
        loops = asyncio
    loops.run(main())
