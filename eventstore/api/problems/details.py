"""Problem details for HTTP APIs (RFC 9457), written down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.encoding import escape_uri_path

from eventstore.api.problems.kinds import Kind
from eventstore.api.renderers import ExactJSONRenderer
from eventstore.request_ids import HEADER, request_id_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MEDIA_TYPE = "application/problem+json"
#: As many faults as are told: a batch may have a hundred thousand.
MAX_ERRORS = 100
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem.

    Attributes:
        kind: what it has in common with others.
        detail: what happened this time, for people.
        status: of the answer, where it is not the kind's.
        errors: a ``detail`` for each fault, and a ``pointer`` or ``parameter`` to it.
        extra: further members.
        headers: of the answer.
    """

    kind: Kind
    detail: str
    status: int | None = None
    errors: Sequence[Mapping[str, Any]] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status_code(self) -> int:
        """The status of the answer."""
        return self.status or self.kind.status

    def body(self, request: HttpRequest) -> dict[str, Any]:
        """Return the members, the standard ones last to win over ``extra``."""
        told = {"errors": list(self.errors)} if self.errors else {}
        return {
            **self.extra,
            "type": type_of(self.kind),
            "title": str(self.kind.title),
            "status": self.status_code,
            "detail": self.detail,
            "instance": escape_uri_path(request.path),
            "code": self.kind.code,
            "request_id": request_id_of(request),
            **told,
        }

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Return the answer outside of REST framework's views."""
        return HttpResponse(
            ProblemRenderer().render(self.body(request)),
            status=self.status_code,
            content_type=MEDIA_TYPE,
            headers={
                "Cache-Control": "no-store",
                HEADER: request_id_of(request),
                **self.headers,
            },
        )


class ProblemRenderer(ExactJSONRenderer):
    """Writes a problem whatever was to be accepted: an error needs no negotiation."""

    media_type = MEDIA_TYPE
    format = "problem"


def type_of(kind: Kind) -> str:
    """Return the address of the page that explains ``kind``.

    A reference relative to the server, with its full path (RFC 9457, 3.1.1): the same
    whatever name the server was called by.
    """
    try:
        return reverse("eventstore-api:problem", kwargs={"code": kind.code})
    except NoReverseMatch:  # mounted under a namespace of the host's
        return "about:blank"


def flatten(
    detail: Any, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each message of REST framework's nested errors with the path to it."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            own = () if key == "non_field_errors" else (str(key),)
            yield from flatten(inner, path + own)
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, inner in enumerate(detail):
            own = () if isinstance(inner, str) else (str(index),)
            yield from flatten(inner, path + own)
    else:
        yield path, str(detail)


def steps_of(where: str) -> tuple[str, ...]:
    """Return the steps of a place as the store writes it: ``data.items[0]``."""
    return tuple(name or index for name, index in _STEP.findall(where))


def pointer(path: Iterable[str]) -> str:
    """Return the JSON Pointer (RFC 6901) of ``path`` as a URI fragment."""
    steps = (step.replace("~", "~0").replace("/", "~1") for step in path)
    return "#" + "".join(f"/{escape_uri_path(step)}" for step in steps)
