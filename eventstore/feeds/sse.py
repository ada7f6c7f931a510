"""The live feed as Server-Sent Events (WHATWG HTML, 9.2)."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncGenerator, Sequence

from asgiref.sync import SyncToAsync, sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connections
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.http.response import StreamingHttpResponse
from django.views.decorators.http import require_GET

from eventstore.feeds.access import Access
from eventstore.feeds.opening import open_stream
from eventstore.feeds.refusals import MEDIA_TYPE, Refusal
from eventstore.feeds.streams import Stream, StreamEnded, run
from eventstore.feeds.values import Shown

_NEEDS_ASGI = (
    "The live feed needs an ASGI server, as in: uvicorn eventstore_project.asgi:"
    "application. This one speaks WSGI and would hold a thread for each client."
)


@require_GET
async def feed(request: HttpRequest) -> HttpResponseBase:
    """Answer with the events as they come, until the client goes."""
    try:
        if not isinstance(request, ASGIRequest):
            raise Refusal(501, _NEEDS_ASGI)
        stream, access = await open_stream(request)
    except Refusal as refusal:
        return JsonResponse(
            refusal.body,
            status=refusal.status,
            headers=refusal.headers,
            content_type=MEDIA_TYPE,
        )
    return StreamingHttpResponse(
        _frames(stream, access),
        content_type="text/event-stream; charset=utf-8",
        # Proxies are asked to pass each event on at once.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _frames(stream: Stream, access: Access) -> AsyncGenerator[bytes, None]:
    await _release_thread()
    sent = stream.position
    # Not all at the same moment when a server comes back.
    retry = random.randint(1000, 4000)  # noqa: S311 - to spread
    yield b"retry: %d\nid: %d\n\n" % (retry, sent)
    try:
        async with contextlib.aclosing(run(stream, access)) as batches:
            async for items in batches:
                yield _frame(items) if items else _heartbeat(sent, stream.position)
                sent = stream.position
    except StreamEnded as ended:
        yield f": {ended}\n\n".encode()


def _frame(items: Sequence[Shown]) -> bytes:
    return b"".join(
        b"id: %d\ndata: %b\n\n" % (item.position, item.json) for item in items
    )


def _heartbeat(sent: int, position: int) -> bytes:
    """Say that the feed lives, and how far: a return then passes over less."""
    return b":\n\n" if position == sent else b":\nid: %d\n\n" % position


async def _release_thread() -> None:
    """Give back the thread and the connection that the middleware used.

    Django keeps a thread for the synchronous parts of a request until its response has
    ended, and whatever connection they have opened; a thousand feeds would hold a
    thousand of each.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    known = SyncToAsync.context_to_thread_executor
    if context is not None and context in known:
        await sync_to_async(connections.close_all)()
        known.pop(context).shutdown(wait=False)
