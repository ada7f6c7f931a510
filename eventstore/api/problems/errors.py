"""Which error becomes which problem: the store's, Django's and REST framework's."""

from __future__ import annotations

import itertools
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf

from eventstore import exceptions as store
from eventstore.api.problems.details import (
    MAX_ERRORS,
    Problem,
    flatten,
    pointer,
    steps_of,
)
from eventstore.api.problems.kinds import KINDS, kind_of

#: Seconds after which a client may try again what failed for reasons that pass.
RETRY_AFTER = 5

#: Errors of the store and of Django: the code, and the attributes that are told, by the
#: name they get. The nearest class in the order of inheritance counts.
TABLE: dict[type[Exception], tuple[str, dict[str, str]]] = {
    store.InvalidEvent: ("invalid_event", {"limit": "limit"}),
    store.ConcurrencyError: (
        "concurrency_conflict",
        {
            "aggregate_type": "aggregate_type",
            "aggregate_id": "aggregate_id",
            "expected": "expected_version",
            "actual": "current_version",
            "retryable": "retryable",
        },
    ),
    store.DuplicateEventError: ("duplicate_event", {"event_id": "event_id"}),
    store.AppendOnlyViolation: ("append_only", {}),
    store.EventNotFound: ("not_found", {}),
    store.AmbiguousAggregate: (
        "ambiguous_aggregate",
        {"aggregate_id": "aggregate_id", "aggregate_types": "aggregate_types"},
    ),
    store.MigrationError: (
        "event_migration_failed",
        {
            "event_id": "event_id",
            "event_type": "event_type",
            "from_version": "from_version",
            "to_version": "to_version",
        },
    ),
    store.FoldError: (
        "fold_failed",
        {"event_id": "event_id", "aggregate_version": "aggregate_version"},
    ),
    store.FoldTooLong: ("too_many_events", {"events": "events", "limit": "limit"}),
    store.RedactionNotApproved: ("redaction_not_approved", {}),
    store.RedactionRefused: ("redaction_refused", {}),
    store.SnapshotOutdated: ("snapshot_outdated", {}),
    store.InvalidCursor: ("invalid_cursor", {}),
    store.PositionNotReached: (
        "unavailable",
        {"position": "position", "stable_position": "stable_position"},
    ),
    store.NotPermitted: ("not_installed", {}),
    store.NotInstalled: ("not_installed", {}),
    store.EventStoreError: ("internal_error", {}),
    RequestDataTooBig: ("body_too_large", {}),
    SuspiciousOperation: ("bad_request", {}),
    BadRequest: ("bad_request", {}),
    MultiPartParserError: ("parse_error", {}),
    UnreadablePostError: ("bad_request", {}),
    Http404: ("not_found", {}),
    PermissionDenied: ("permission_denied", {}),
    OperationalError: ("unavailable", {}),
    InterfaceError: ("unavailable", {}),
}
#: Those whose words are for the caller; of the rest only the title is told.
_FOR_CALLERS = (
    store.InvalidEvent,
    store.ConcurrencyError,
    store.DuplicateEventError,
    store.AppendOnlyViolation,
    store.AmbiguousAggregate,
    store.FoldError,
    store.FoldTooLong,
    store.RedactionRefused,
    store.SnapshotOutdated,
    store.InvalidCursor,
    store.PositionNotReached,
)


def problem_of(error: Exception, *, reads: bool) -> Problem:
    """Return what to tell about ``error``.

    Args:
        error: raised by a view, or on the way to it.
        reads: whether the request only reads: what is invalid is then a parameter.
    """
    if isinstance(error, drf.APIException):
        return _of_framework(error, reads=reads)
    code, told = next(
        (TABLE[kind] for kind in type(error).__mro__ if kind in TABLE),
        ("internal_error", {}),
    )
    kind = KINDS[code]
    known = {name: getattr(error, key) for key, name in told.items()}
    return Problem(
        kind=kind,
        detail=str(error) if isinstance(error, _FOR_CALLERS) else str(kind.title),
        errors=_places(error),
        extra={name: value for name, value in known.items() if value is not None},
        headers={"Retry-After": str(RETRY_AFTER)} if kind.status == 503 else {},  # noqa: PLR2004 - HTTP's number
    )


def _places(error: Exception) -> list[dict[str, Any]]:
    if isinstance(error, store.InvalidEvent):
        return [{"detail": error.what, "pointer": pointer(steps_of(error.where))}]
    if isinstance(error, store.InvalidCursor):
        return [{"detail": str(error), "parameter": "cursor"}]
    return []


def _of_framework(error: drf.APIException, *, reads: bool) -> Problem:
    extra = dict(getattr(error, "extra", {}))
    headers = {**_headers(error), **getattr(error, "headers", {})}
    if isinstance(error.detail, str):
        kind = kind_of(_code(error), error.status_code)
        # A row of another tenant's and none at all must read the same.
        plain = error.detail == drf.NotFound.default_detail
        return Problem(
            kind=kind,
            status=error.status_code,
            detail=str(kind.title if plain else error.detail),
            extra=extra,
            headers=headers,
        )
    in_query = getattr(error, "in_query", reads)
    general = "invalid_parameter" if in_query else "invalid_body"
    code = general if isinstance(error, drf.ValidationError) else _code(error)
    kind = kind_of(code, error.status_code)
    faults = list(itertools.islice(flatten(error.detail), MAX_ERRORS))
    is_general = error.status_code == drf.ValidationError.status_code
    return Problem(
        kind=kind,
        status=None if is_general else error.status_code,
        detail="; ".join(": ".join([*path, text]) for path, text in faults[:3]),
        errors=[
            {"detail": text, **_place(path, in_query=in_query)} for path, text in faults
        ],
        extra=extra,
        headers=headers,
    )


def _place(path: tuple[str, ...], *, in_query: bool) -> dict[str, str]:
    return {"parameter": ".".join(path)} if in_query else {"pointer": pointer(path)}


def _code(error: drf.APIException) -> Any:
    if str(error.detail).startswith("CSRF Failed"):
        return "csrf_failed"
    given = error.get_codes()
    return given if isinstance(given, str) and given in KINDS else error.default_code


def _headers(error: drf.APIException) -> dict[str, str]:
    """The headers that REST framework's own handler sets."""
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]  # set by the view
    if getattr(error, "wait", None):
        headers["Retry-After"] = f"{error.wait:.0f}"  # type: ignore[attr-defined]  # Throttled's
    return headers
