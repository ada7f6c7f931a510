"""A receiver as somebody else would write it: real HTTP, own verification."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed_with(self, secret: str) -> bool:
        """Verify as the specification tells receivers to."""
        content = b".".join(
            (
                self.headers["webhook-id"].encode(),
                self.headers["webhook-timestamp"].encode(),
                self.body,
            )
        )
        key = base64.b64decode(secret.split("_", 1)[1])
        digest = hmac.new(key, content, hashlib.sha256).digest()
        mine = "v1," + base64.b64encode(digest).decode()
        fresh = abs(time.time() - int(self.headers["webhook-timestamp"])) < 300
        signatures = self.headers["webhook-signature"].split(" ")
        return fresh and any(hmac.compare_digest(mine, one) for one in signatures)


Answer = tuple[int, dict[str, str], bytes]
OK: Answer = (200, {}, b"")


@dataclass
class Receiver:
    """Keeps what it gets; ``answer`` says what it answers."""

    answer: Callable[[Request], Answer | None] = lambda request: OK
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [request.headers["webhook-id"] for request in self.requests]


@contextlib.contextmanager
def receiving(
    answer: Callable[[Request], Answer | None] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    raw: Callable[[Any, Request], Any] | None = None,
) -> Iterator[Receiver]:
    """Serve on a free port of the loopback until the block ends.

    Args:
        answer: what to answer, ``None`` for nothing at all.
        tls: for https.
        raw: answers on the handler itself, past what is decent.
    """
    receiver = Receiver(answer or (lambda request: OK))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            receiver.connections += 1

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            headers = {key.lower(): value for key, value in self.headers.items()}
            request = Request(self.path, headers, self.rfile.read(length))
            receiver.requests.append(request)
            if raw is not None:
                with contextlib.suppress(OSError):
                    raw(self, request)
                self.close_connection = True
                return
            found = receiver.answer(request)
            if found is None:
                self.close_connection = True
                return
            status, more, body = found
            self.send_response(status)
            for key, value in more.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Expect clients that hang up."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
