"""The visit of ``bench_http`` on aiohttp: ``python http_aiohttp.py PORT PEOPLE SECONDS`` prints one JSON line."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp

STEPS = ("browse", "product", "cart", "payment", "confirm")


async def person(session, base, end, waits):
    while time.perf_counter() < end:
        for step in STEPS:
            asked = time.perf_counter()
            async with session.post(f"{base}/step/{step}", json={"k": 0}) as answer:
                assert (await answer.json())["ok"]
            waits.append(time.perf_counter() - asked)


async def main(port, people, seconds):
    waits = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began, cpu = time.perf_counter(), time.process_time()
        end, base = began + seconds, f"http://127.0.0.1:{port}"
        await asyncio.gather(*(person(session, base, end, waits) for _ in range(people)))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    waits.sort()
    found = {
        "requests_s": round(len(waits) / wall), "p50_ms": round(1e3 * waits[len(waits) // 2], 2),
        "p95_ms": round(1e3 * waits[int(len(waits) * 0.95)], 2), "cpu_ms_per_visit": round(5e3 * cpu / len(waits), 3),
    }  # fmt: skip
    print("RESULT " + json.dumps(found))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
