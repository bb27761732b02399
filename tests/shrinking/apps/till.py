"""A till in a process of its own: ``python till.py [mended|forgetful]`` prints its port; it counts charges per person.

Mended, a repeated charge of one person is answered, but not made again; forgetful, a look around makes a new day.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MENDED, FORGETFUL = "mended" in sys.argv, "forgetful" in sys.argv
CHARGES: Counter[str] = Counter()


class Till(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if FORGETFUL:
            CHARGES.clear()
        self.answer(200, {"items": [{"id": "mug"}], "token": self.headers.get("authorization", "")[:6]})

    def do_POST(self) -> None:
        who = str(json.loads(self.rfile.read(int(self.headers["content-length"])))["who"])
        CHARGES[who] += not (MENDED and CHARGES[who])
        self.answer(201, {"n": CHARGES[who]})

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is said."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Till)
    print(server.server_address[1], flush=True)
    server.serve_forever()
