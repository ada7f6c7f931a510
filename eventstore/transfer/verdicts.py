"""Why a line was not stored, in words."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """What the database says of a line that it did not store.

    Attributes:
        line: its number.
        outcome: ``known``, ``duplicate``, ``unredacted``, ``version``, ``limit`` or
            ``refused``.
        version: the version that comes next, or that of the stored event.
        detail: the database's own words.
    """

    line: int
    outcome: str
    version: int | None = None
    detail: str = ""


def reason_of(verdict: Verdict, given: int | None) -> str:
    """Return the reason for people.

    Args:
        verdict: any but ``known``.
        given: the version that the line names.
    """
    match verdict.outcome:
        case "version":
            return (
                f"aggregate_version: is {given}, but {verdict.version} comes next in "
                "this aggregate. Import the missing events first, or use --renumber."
            )
        case "duplicate":
            return "event_id: belongs to another event."
        case "unredacted":
            return (
                "is_redacted: is true, but the stored event still holds what was "
                "removed here. Redact it with redact_event()."
            )
        case "limit":
            return "line: is beyond the database's limits for an event."
    return f"line: the database cannot hold it: {verdict.detail}"
