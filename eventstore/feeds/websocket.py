"""The live feed as WebSocket, with Django Channels: the extra ``websocket``.

It needs no channel layer and no middleware: it asks who the client is as the
Server-Sent Events do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

from eventstore.feeds.access import Access
from eventstore.feeds.opening import open_stream
from eventstore.feeds.refusals import MEDIA_TYPE, Refusal
from eventstore.feeds.streams import Stream, StreamEnded, run

#: The close code of IANA's registry for "try again later".
_TRY_AGAIN = 1013
_SCHEMES = {"ws": "http", "wss": "https"}


class FeedConsumer(AsyncConsumer):  # type: ignore[misc]  # ships no types
    """Sends each event as a text message; what the client says is not listened to.

    Messages are ``{"type": "event", "event": {...}}``, and now and then
    ``{"type": "position", "position": n}``, after which the client can come back with
    ``?after=n``.
    """

    _sending: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._sending is not None:
                self._sending.cancel()

    async def websocket_connect(self, _message: Any) -> None:
        """Let the client in, or say why not."""
        request = _request_of(self.scope)
        try:
            _check_origin(request)
            stream, access = await open_stream(request)
        except Refusal as refusal:
            await self._refuse(refusal)
            return
        await self.send({"type": "websocket.accept"})
        self._sending = asyncio.create_task(self._send_all(stream, access))

    async def websocket_receive(self, _message: Any) -> None:
        """Do nothing: the feed has one direction."""

    async def websocket_disconnect(self, _message: Any) -> None:
        """End with the connection.

        Raises:
            StopConsumer: always.
        """
        raise StopConsumer

    async def _send_all(self, stream: Stream, access: Access) -> None:
        await self._send_position(stream)
        try:
            async with contextlib.aclosing(run(stream, access)) as batches:
                async for items in batches:
                    for item in items:
                        await self._send(
                            '{"type":"event","event":' + item.json.decode() + "}"
                        )
                    if not items:
                        await self._send_position(stream)
        except StreamEnded as ended:
            await self.send(
                {"type": "websocket.close", "code": _TRY_AGAIN, "reason": f"{ended}"}
            )

    async def _send_position(self, stream: Stream) -> None:
        await self._send(f'{{"type":"position","position":{stream.position}}}')

    async def _send(self, text: str) -> None:
        await self.send({"type": "websocket.send", "text": text})

    async def _refuse(self, refusal: Refusal) -> None:
        """Answer the handshake with the reason, where the server can."""
        if "websocket.http.response" not in self.scope.get("extensions", {}):
            await self.send({"type": "websocket.close"})
            return
        headers = {**refusal.headers, "Content-Type": MEDIA_TYPE}
        await self.send(
            {
                "type": "websocket.http.response.start",
                "status": refusal.status,
                "headers": [
                    (name.lower().encode("latin-1"), value.encode("latin-1"))
                    for name, value in headers.items()
                ],
            }
        )
        await self.send(
            {
                "type": "websocket.http.response.body",
                "body": json.dumps(refusal.body).encode(),
            }
        )


def _request_of(scope: dict[str, Any]) -> HttpRequest:
    """Return the handshake as the request that it is."""
    scheme = _SCHEMES.get(scope.get("scheme", "ws"), "http")
    as_http = {**scope, "type": "http", "method": "GET", "scheme": scheme}
    return ASGIRequest(as_http, BytesIO())


def _check_origin(request: HttpRequest) -> None:
    """Let pages of this site in, and those that ``CSRF_TRUSTED_ORIGINS`` names.

    Browsers send the cookie of the session with a WebSocket from any site. What is no
    browser names no origin.
    """
    origin = request.headers.get("Origin")
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        raise Refusal(400, "This host is not one of ALLOWED_HOSTS.") from None
    if origin in {None, own} or any(
        _is_of(str(origin), trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS
    ):
        return
    raise Refusal(403, "Pages of this origin are not trusted with the feed.")


def _is_of(origin: str, trusted: str) -> bool:
    if "//*." not in trusted:
        return origin == trusted
    asked, known = urlsplit(origin), urlsplit(trusted)
    return asked.scheme == known.scheme and asked.netloc.endswith(known.netloc[1:])
