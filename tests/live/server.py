"""A small service in a process of its own, that can misbehave on the wire in every way: ``python server.py [HOST]``.

It prints its port. ``/count`` tells what it saw; the paths below say what each does.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import zlib
from collections import Counter
from urllib.parse import parse_qs, urlsplit

SEEN: Counter[str] = Counter()
CHARGES: Counter[str] = Counter()
HELD: list[str] = []


def answer(status: int, body: bytes, *headers: str, length: bool = True) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", "Server: tests", *headers]
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def as_json(status: int, value: object, *headers: str) -> bytes:
    return answer(status, json.dumps(value).encode(), "Content-Type: application/json", *headers)


class Service:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def serve(self) -> None:
        SEEN["connections"] += 1
        try:
            while await self.one():
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            SEEN["torn"] += 1
        finally:
            self.writer.close()

    async def one(self) -> bool:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        SEEN["requests"] += 1
        url = urlsplit(target)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        SEEN[f"{method} {url.path}"] += 1
        return await self.respond(method, url.path, query, headers, body)

    async def send(self, data: bytes) -> bool:
        self.writer.write(data)
        await self.writer.drain()
        return True

    async def respond(self, method: str, path: str, query: dict, headers: dict, body: bytes) -> bool:
        name, _, rest = path.removeprefix("/").partition("/")
        act = getattr(self, f"on_{name.replace('-', '_')}", None)
        if act is None:
            return await self.send(as_json(404, {"error": "no such page"}))
        return await act(method, rest, query, headers, body)

    # ---- the shop -----------------------------------------------------------------------------------------------

    async def on_products(self, method, rest, query, headers, body):
        return await self.send(as_json(200, {"items": [{"id": "A-1", "price": 5}], "q": query}))

    async def on_charges(self, method, rest, query, headers, body):
        value = json.loads(body)
        CHARGES[str(value.get("who"))] += 1
        await asyncio.sleep(float(query.get("ms", 0)) / 1000)
        return await self.send(
            as_json(201, {"paid": True, "who": value.get("who"), "n": CHARGES[str(value.get("who"))]})
        )

    async def on_charged(self, method, rest, query, headers, body):
        return await self.send(as_json(200, {"most": max(CHARGES.values(), default=0), "all": sum(CHARGES.values())}))

    async def on_echo(self, method, rest, query, headers, body):
        value = {"method": method, "path": rest, "query": query, "headers": headers, "body": body.decode()}
        return await self.send(as_json(200, value))

    async def on_count(self, method, rest, query, headers, body):
        return await self.send(as_json(200, dict(SEEN)))

    async def on_login(self, method, rest, query, headers, body):
        cookies = ["Set-Cookie: sid=s1; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "Set-Cookie: theme=dark"]
        return await self.send(as_json(200, {}, *cookies))

    async def on_logout(self, method, rest, query, headers, body):
        return await self.send(as_json(200, {}, "Set-Cookie: sid=; Max-Age=0"))

    async def on_counter(self, method, rest, query, headers, body):
        SEEN["counter"] += 1
        return await self.send(as_json(200, {"n": SEEN["counter"]}))

    async def on_carts(self, method, rest, query, headers, body):
        if rest.endswith("/pay"):
            SEEN["paid carts"] += 1
            return await self.send(as_json(201, {"id": "order", "paid": json.loads(body)["method"]}))
        return await self.send(as_json(201, {"id": f"cart-{json.loads(body)['quantity']}"}))

    async def on_orders(self, method, rest, query, headers, body):
        SEEN["asked for orders"] += 1
        status = "shipped" if SEEN["asked for orders"] % 3 == 0 else "packed"
        return await self.send(as_json(200, {"id": "order", "status": status}))

    async def on_feedback(self, method, rest, query, headers, body):
        return await self.send(as_json(200, {"id": "note"}))

    # ---- the wire -----------------------------------------------------------------------------------------------

    async def on_status(self, method, rest, query, headers, body):
        status = int(rest)
        if status in (204, 304):
            return await self.send(f"HTTP/1.1 {status} No\r\nContent-Length: 9\r\n\r\n".encode())
        return await self.send(as_json(status, {"status": status}, "Location: /elsewhere"))

    async def on_head(self, method, rest, query, headers, body):
        data = answer(200, b"x" * 1000)
        return await self.send(data.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if method == "HEAD" else data)

    async def on_chunked(self, method, rest, query, headers, body):
        await self.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for part in (b"one ", b"two ", b"three"):
            await self.send(f"{len(part):x};ext=1\r\n".encode() + part + b"\r\n")
            await asyncio.sleep(0.002)
        return await self.send(b"0\r\nTrailer: yes\r\n\r\n")

    async def on_big(self, method, rest, query, headers, body):
        return await self.send(answer(200, b"b" * int(query["n"])))

    async def on_slow(self, method, rest, query, headers, body):
        await asyncio.sleep(float(query["ms"]) / 1000)
        return await self.send(as_json(200, {"slow": True}))

    async def on_drip(self, method, rest, query, headers, body):
        for byte in answer(200, b"drip"):
            await self.send(bytes([byte]))
        return True

    async def on_continue(self, method, rest, query, headers, body):
        await self.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n")
        return await self.send(as_json(200, {"after": 100}))

    async def on_close(self, method, rest, query, headers, body):
        await self.send(answer(200, b"bye", "Connection: close"))
        return False

    async def on_to_the_end(self, method, rest, query, headers, body):
        await self.send(answer(200, b"until the end", length=False))
        return False

    async def on_gzip(self, method, rest, query, headers, body):
        return await self.send(answer(200, gzip.compress(b'{"packed": true}'), "Content-Encoding: gzip"))

    async def on_deflate(self, method, rest, query, headers, body):
        raw = zlib.compressobj(wbits=-15)
        data = {"zlib": zlib.compress(b"zlib"), "raw": raw.compress(b"raw") + raw.flush()}[rest]
        return await self.send(answer(200, data, "Content-Encoding: deflate"))

    async def on_bomb(self, method, rest, query, headers, body):
        return await self.send(answer(200, gzip.compress(b"0" * 50_000_000), "Content-Encoding: gzip"))

    async def on_bad_gzip(self, method, rest, query, headers, body):
        return await self.send(answer(200, b"this is not gzip", "Content-Encoding: gzip"))

    async def on_cut_gzip(self, method, rest, query, headers, body):
        return await self.send(answer(200, gzip.compress(b"x" * 1000)[:-12], "Content-Encoding: gzip"))

    async def on_die(self, method, rest, query, headers, body):
        await self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        return False

    async def on_die_first(self, method, rest, query, headers, body):
        return False

    async def on_reset(self, method, rest, query, headers, body):
        self.writer.transport.abort()
        return False

    async def on_garbage(self, method, rest, query, headers, body):
        await self.send(b"\x00\x01 220 smtp ready\r\n\r\n")
        return False

    async def on_two(self, method, rest, query, headers, body):
        return await self.send(as_json(200, {"n": 1}) + as_json(200, {"n": 2}))

    async def on_upgrade(self, method, rest, query, headers, body):
        return await self.send(b"HTTP/1.1 101 Switching\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n")

    async def on_endless_header(self, method, rest, query, headers, body):
        await self.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            await self.send(b"a" * 65_536)

    async def on_endless_body(self, method, rest, query, headers, body):
        await self.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await self.send(b"10000\r\n" + b"b" * 65_536 + b"\r\n")

    async def on_hang(self, method, rest, query, headers, body):
        await asyncio.sleep(3600)
        return False

    async def on_late_charge(self, method, rest, query, headers, body):
        await asyncio.sleep(float(query["ms"]) / 1000)
        CHARGES[str(query.get("who"))] += 1
        return await self.send(as_json(201, {"paid": True}))

    async def on_exit(self, method, rest, query, headers, body):
        sys.exit(0)


async def main() -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await Service(reader, writer).serve()
        except asyncio.CancelledError:
            writer.close()

    host = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
    server = await asyncio.start_server(connected, host, 0, limit=1 << 20, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
