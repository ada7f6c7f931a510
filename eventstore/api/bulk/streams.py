"""Bodies and answers that never stand in memory whole."""

from __future__ import annotations

import contextlib
import io
from typing import IO, TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import UnreadablePostError
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.text import compress_sequence
from rest_framework.parsers import BaseParser

from eventstore.api.parsers import check_charset
from eventstore.api.refusals import UnsupportedBody
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.transfer.files import Source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping

    from rest_framework.request import Request

MEDIA_TYPE = "application/x-ndjson"
_CODINGS = {"identity", "gzip", "zstd"}


class LinesParser(BaseParser):
    """JSON Lines, also packed by gzip or zstd; here nothing is read yet."""

    media_type = MEDIA_TYPE

    def parse(  # type: ignore[override]  # REST framework takes whatever it is given
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Source:
        """Return what the lines are read from.

        Raises:
            Refusal: they are packed in another way, or not in UTF-8.
        """
        request = (parser_context or {})["request"]
        coding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
        if coding not in _CODINGS:
            raise UnsupportedBody(
                f"Content-Encoding {coding} is not read: use gzip, zstd, or none."
            )
        check_charset(media_type or "")
        length = request.META.get("CONTENT_LENGTH") or ""
        size = int(length) if length.isdigit() else None
        return Source(io.BufferedReader(_Received(stream)), "The upload", size)


class LinesRenderer(ExactJSONRenderer):
    """One document is one line."""

    media_type = MEDIA_TYPE
    format = "ndjson"


def accepts_gzip(request: Request) -> bool:
    """Return whether the answer may be compressed, as Django's middleware judges it."""
    return bool(re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", "")))


def packed(parts: Generator[bytes]) -> Generator[bytes]:
    """Return ``parts`` compressed by gzip, padded against guesses by length (BREACH).

    All of it is one member: under ASGI Django's middleware makes one of each part, and
    of several many clients read the first alone.
    """
    with contextlib.closing(parts):
        yield from compress_sequence(
            parts, max_random_bytes=GZipMiddleware.max_random_bytes
        )


def streamed(
    parts: Generator[bytes], request: Request
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """Return ``parts`` in the form that the server of ``request`` streams.

    Django reads the other form to its end before it sends the first byte.
    """
    if isinstance(request._request, ASGIRequest):  # noqa: SLF001 - REST framework's name for Django's request
        return _stepped(parts)
    return parts


async def _stepped(parts: Generator[bytes]) -> AsyncIterator[bytes]:
    end: Any = object()
    step: Any = sync_to_async(next, thread_sensitive=True)
    try:
        while (part := await step(parts, end)) is not end:
            yield part
    finally:
        await sync_to_async(parts.close, thread_sensitive=True)()


class _Received(io.RawIOBase):
    """The body of a request as a file."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._stream.read(len(buffer))
        except UnreadablePostError as error:
            raise EOFError("the connection was lost") from error
        buffer[: len(found)] = found
        return len(found)
