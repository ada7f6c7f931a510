"""What a request asks for: its query, and where it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from eventstore.feeds.refusals import Refusal

#: What the query may contain, and what of it as often as one likes.
KNOWN = ("after", "aggregate_id", "aggregate_type", "event_type", "tenant")
REPEATABLE = ("aggregate_type", "event_type")
_LARGEST = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Question:
    """A request, taken apart.

    Attributes:
        tenant: only this one; all that the caller may see by default.
        after: the position to go on after; from now on by default.
    """

    tenant: str | None
    event_types: frozenset[str] | None
    aggregate_types: frozenset[str] | None
    aggregate_id: str | None
    after: int | None


def question_of(request: HttpRequest) -> Question:
    """Return what ``request`` asks for.

    Raises:
        Refusal: a parameter is unknown or has an impossible value.
    """
    for name, values in request.GET.lists():
        _check(name, values)
    return Question(
        request.GET.get("tenant"),
        _names(request, "event_type"),
        _names(request, "aggregate_type"),
        request.GET.get("aggregate_id"),
        _after(request),
    )


def _check(name: str, values: list[str]) -> None:
    if name not in KNOWN:
        raise _refusal(name, f"Unknown parameter; known are {', '.join(KNOWN)}.")
    if len(values) > 1 and name not in REPEATABLE:
        raise _refusal(name, "Give it once.")
    if any(not value or "\0" in value for value in values):
        raise _refusal(name, "Give a value, or leave the parameter out.")


def _names(request: HttpRequest, parameter: str) -> frozenset[str] | None:
    return frozenset(request.GET.getlist(parameter)) or None


def _after(request: HttpRequest) -> int | None:
    """Return where a client was that comes back; its address says where it began."""
    for name, given in (
        ("Last-Event-ID", request.headers.get("Last-Event-ID")),
        ("after", request.GET.get("after")),
    ):
        if given:
            return _position(name, given)
    return None


def _position(name: str, given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(_LARGEST))):
        raise _refusal(name, "Give a position: the id of the last event that you have.")
    return min(int(given), _LARGEST)


def _refusal(name: str, sentence: str) -> Refusal:
    return Refusal(400, {name: [sentence]})
