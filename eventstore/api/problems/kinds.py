"""Every kind of problem that the API answers with: one table, and a page for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class Kind:
    """What problems with one ``code`` have in common.

    Attributes:
        code: for programs; also the last part of the ``type``.
        status: of the answer.
        title: the same for each problem of the kind, as RFC 9457 wants it.
        remedy: what the caller can do.
    """

    code: str
    status: int
    title: _StrPromise
    remedy: _StrPromise


ROWS = (
    Kind(
        "bad_request",
        400,
        _("The request is not understood"),
        _("Send HTTP as the documentation shows it, to a host name that is served."),
    ),
    Kind(
        "parse_error",
        400,
        _("The body is not what its Content-Type says"),
        _("Send one well-formed document in UTF-8."),
    ),
    Kind(
        "invalid_parameter",
        400,
        _("A parameter is unknown or has an impossible value"),
        _("Correct the parameters that `errors` names."),
    ),
    Kind(
        "invalid_cursor",
        400,
        _("The cursor is not one that this list has given"),
        _("Begin without a cursor, and follow `next` as it stands."),
    ),
    Kind(
        "not_authenticated",
        401,
        _("Nobody is signed in"),
        _("Send credentials in the way that WWW-Authenticate names."),
    ),
    Kind(
        "authentication_failed",
        401,
        _("The credentials are not accepted"),
        _("They may be mistyped, expired, revoked, or bound to another network."),
    ),
    Kind(
        "permission_denied",
        403,
        _("You may not do that"),
        _("Ask an administrator for a grant whose role allows it."),
    ),
    Kind(
        "actor_not_permitted",
        403,
        _("The event names somebody else as its actor"),
        _("Leave `metadata.actor` out, or ask for a grant with `append_as`."),
    ),
    Kind(
        "csrf_failed",
        403,
        _("The CSRF token is missing or wrong"),
        _("With a session, send X-CSRFToken; programs use an API key instead."),
    ),
    Kind(
        "not_found",
        404,
        _("There is no such thing within your tenants"),
        _("Check the id and, with grants in several tenants, ?tenant=."),
    ),
    Kind(
        "unknown_address",
        404,
        _("The API has no such address"),
        _("Addresses end with a slash; the OpenAPI document lists them all."),
    ),
    Kind(
        "method_not_allowed",
        405,
        _("The address does not know the method"),
        _("Use one that Allow names."),
    ),
    Kind(
        "not_acceptable",
        406,
        _("No answer is of a type that Accept allows"),
        _("Accept application/json, or what the OpenAPI document names."),
    ),
    Kind(
        "concurrency_conflict",
        409,
        _("The aggregate has another version than expected"),
        _("Read it again from `current_version`, decide again, append again."),
    ),
    Kind(
        "duplicate_event",
        409,
        _("The event id is taken by a different event"),
        _("Use another id, or repeat the first call exactly."),
    ),
    Kind(
        "append_only",
        409,
        _("History cannot be changed"),
        _("Append a new event, or redact."),
    ),
    Kind(
        "ambiguous_aggregate",
        409,
        _("Several types use the aggregate id"),
        _("Name the type, one of `aggregate_types`."),
    ),
    Kind(
        "tenant_needed",
        409,
        _("Several of your tenants have this"),
        _("Choose one with ?tenant=."),
    ),
    Kind(
        "redaction_refused",
        409,
        _("The redaction is not possible as asked"),
        _("A redaction only removes what is there; correct the pointers."),
    ),
    Kind(
        "redaction_not_approved",
        409,
        _("The redaction lacks its approval"),
        _("Have a second person approve it."),
    ),
    Kind(
        "snapshot_outdated",
        409,
        _("The state was folded before a redaction"),
        _("Ask again: it is folded anew."),
    ),
    Kind(
        "idempotency_key_in_use",
        409,
        _("The first request with this Idempotency-Key is under way"),
        _("Repeat the request in a moment: it gets the first one's answer."),
    ),
    Kind(
        "length_required",
        411,
        _("The length of the body is not given"),
        _("Send Content-Length: this server reads no chunked bodies."),
    ),
    Kind(
        "precondition_failed",
        412,
        _("The precondition does not hold"),
        _("Read the resource again and send its new ETag."),
    ),
    Kind(
        "body_too_large",
        413,
        _("The body is too large"),
        _("Send smaller batches, or stream NDJSON."),
    ),
    Kind(
        "unsupported_media_type",
        415,
        _("The body has a type that this address does not read"),
        _("Use one that the OpenAPI document names, uncompressed."),
    ),
    Kind(
        "invalid_body",
        422,
        _("The body is well-formed but not valid"),
        _("Correct the places that `errors` points to."),
    ),
    Kind(
        "invalid_event",
        422,
        _("An event cannot be stored"),
        _("Correct the places that `errors` points to; nothing was written."),
    ),
    Kind(
        "idempotency_key_reused",
        422,
        _("The Idempotency-Key belongs to another request"),
        _("Give each request a key of its own; repeat one exactly as it was."),
    ),
    Kind(
        "throttled",
        429,
        _("Too many requests"),
        _("Wait for as many seconds as Retry-After says."),
    ),
    Kind(
        "internal_error",
        500,
        _("Something went wrong in the server"),
        _("Report `request_id` to those who run it; the fault is in their log."),
    ),
    Kind(
        "event_migration_failed",
        500,
        _("The event could not be lifted to the version asked for"),
        _("Read it as it is stored; those who run the server mend the migration."),
    ),
    Kind(
        "not_installed",
        503,
        _("The store is not ready"),
        _("Those who run the server have to migrate it, or its role lacks a right."),
    ),
    Kind(
        "unavailable",
        503,
        _("The store cannot be reached or did not answer in time"),
        _("Try again after Retry-After; ask for less if it happens again."),
    ),
    Kind(
        "upload_stopped",
        422,
        _("The upload has ended before its last line"),
        _("Correct the line `next_line`; send the rest, or all of it again."),
    ),
    Kind(
        "too_slow",
        503,
        _("Looking for it took too long"),
        _("Ask for less: one tenant, a type, an aggregate, a shorter range."),
    ),
    Kind(
        "aggregate_not_registered",
        409,
        _("No code is registered that folds aggregates of this type"),
        _("Have the project register the class with `@register_aggregate`."),
    ),
    Kind(
        "fold_failed",
        409,
        _("The code of this aggregate cannot fold its events"),
        _("Correct the class or the migration; ask for an earlier version meanwhile."),
    ),
    Kind(
        "too_many_events",
        409,
        _("Too many events lie between a snapshot and the version asked for"),
        _("Take a snapshot, or ask for a version that is near one."),
    ),
)

KINDS = {kind.code: kind for kind in ROWS}

#: The kind of an error that has a status and no code of ours.
BY_STATUS = {
    status: next(kind for kind in ROWS if kind.status == status)
    for status in sorted({kind.status for kind in ROWS})
} | {403: KINDS["permission_denied"], 404: KINDS["not_found"]}


def kind_of(code: object, status: int) -> Kind:
    """Return the kind with this code, else the general one of the status."""
    found = KINDS.get(code) if isinstance(code, str) else None
    if found is not None:
        return found
    general = "internal_error" if status >= 500 else "bad_request"  # noqa: PLR2004 - HTTP's own border
    return BY_STATUS.get(status, KINDS[general])
