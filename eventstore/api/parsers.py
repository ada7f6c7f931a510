"""Bodies as they were sent: bounded, and read without losing anything.

REST framework's own JSON parser makes floats of numbers, lets the last of two equal
keys win, and is bound by Django's limit for forms.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from django.http import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.utils.mediatypes import _MediaType

from eventstore import cloudevents, serialization
from eventstore.api.refusals import BodyTooLarge, LengthNeeded, UnsupportedBody
from eventstore.conf import store_settings
from eventstore.exceptions import InvalidEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent.

    Attributes:
        media_type: without parameters, in lower case.
        document: the JSON, numbers with a fraction as ``Decimal``.
        digest: SHA-256 of the bytes.
    """

    media_type: str
    document: Any
    digest: bytes


class ExactJSONParser(BaseParser):
    """JSON as RFC 8259 has it, in UTF-8 and no larger than ``API_MAX_BODY_BYTES``."""

    media_type = "application/json"

    def parse(  # type: ignore[override]  # REST framework takes whatever it is given
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Body:
        """Return the body.

        Raises:
            ParseError: it is no JSON, or ambiguous.
            Refusal: it is too large, compressed, or in another character set.
        """
        request = (parser_context or {})["request"]
        check_encoding(request, media_type or "")
        raw = _read(stream, request)
        return Body(self.media_type, _decode(raw), hashlib.sha256(raw).digest())


class CloudEventParser(ExactJSONParser):
    """One CloudEvent in structured mode."""

    media_type = cloudevents.MEDIA_TYPE


class CloudEventBatchParser(ExactJSONParser):
    """Some CloudEvents in batch mode."""

    media_type = cloudevents.BATCH_MEDIA_TYPE


def body_of(request: Request) -> Any:
    """Return the body of ``request`` as one of the API's own parsers gives it.

    Raises:
        APIException: it is not what is read.
    """
    parsed = request.data
    if not isinstance(parsed, dict):
        return parsed
    # REST framework takes a body whose length is not given for none at all.
    if is_chunked_wsgi(request):
        raise LengthNeeded
    media_type = request.content_type
    framework: Any = request
    parser = media_type and framework.negotiator.select_parser(
        request, framework.parsers
    )
    if not parser:
        raise UnsupportedBody(_("Say by Content-Type what the body is."))
    return parser.parse(framework._request, media_type, framework.parser_context)  # noqa: SLF001 - REST framework's name for Django's request


def check_encoding(request: Request, media_type: str) -> None:
    """Refuse what is compressed or not in UTF-8.

    Raises:
        UnsupportedBody: it is.
    """
    coding = request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedBody(
            _("Content-Encoding %s is not read: send the body as it is.") % coding
        )
    check_charset(media_type)


def check_charset(media_type: str) -> None:
    """Refuse what is not in UTF-8.

    Raises:
        UnsupportedBody: it says so.
    """
    charset = _MediaType(media_type).params.get("charset", "utf-8")
    if str(charset).strip("\"'").lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedBody(_("The charset %s is not read: send UTF-8.") % charset)


def is_chunked_wsgi(request: Request) -> bool:
    """Return whether the body has no length, and Django would read nothing of it."""
    return (
        "wsgi.input" in request.META
        and "HTTP_TRANSFER_ENCODING" in request.META
        and not request.META.get("CONTENT_LENGTH")
    )


def _read(stream: IO[bytes], request: Request) -> bytes:
    limit = store_settings().API_MAX_BODY_BYTES
    try:
        raw = stream.read(limit + 1)
    except UnreadablePostError:
        raise ParseError(_("The body ended before it was complete.")) from None
    if len(raw) > limit:
        raise BodyTooLarge(
            _(
                "The body has more than %(limit)d bytes. Send fewer events at once, or "
                "stream them to %(bulk)s."
            )
            % {"limit": limit, "bulk": "bulk/events/"},
            limit=limit,
        )
    length = request.META.get("CONTENT_LENGTH") or ""
    if length.isdigit() and int(length) != len(raw):
        raise ParseError(_("The body ended before it was complete."))
    return raw


def _decode(raw: bytes) -> Any:
    try:
        return serialization.decode_exactly(raw.decode())
    except UnicodeDecodeError as error:
        raise ParseError(
            _("The body is no UTF-8: %(reason)s at byte %(place)d.")
            % {"reason": error.reason, "place": error.start + 1}
        ) from None
    except InvalidEvent as error:
        raise ParseError(_("The body %s") % error.what) from None
