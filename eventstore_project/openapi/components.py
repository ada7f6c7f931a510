"""What many operations share: problems, headers, credentials."""

from __future__ import annotations

from typing import Any

from eventstore.api.problems import KINDS, MEDIA_TYPE
from eventstore_project.openapi.operations import reference
from eventstore_project.openapi.prose import SECURITY_SCHEMES
from eventstore_project.openapi.schemas import SCHEMAS

_HEADERS: dict[str, Any] = {
    "RequestId": {
        "description": "Finds the request in the server's log.",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Which state of the resource this is.",
        "schema": {"type": "string"},
    },
    "Location": {
        "description": "Where the new event is.",
        "schema": {"type": "string", "format": "uri"},
    },
    "RetryAfter": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWWAuthenticate": {
        "description": "How to sign in.",
        "schema": {"type": "string"},
    },
    "Until": {
        "description": "Up to which position the log was final.",
        "schema": {"type": "integer"},
    },
    "Replayed": {
        "description": "`true` when the answer was given before, to the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}

_PARAMETERS: dict[str, Any] = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": (
            "Append only if the aggregate stands at this version, the ETag of its "
            'head: `"7"`; `*` for any that exists. Else 412.'
        ),
        "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,18}")$'},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*`: append only if the aggregate has no events yet. Else 412.",
        "schema": {"type": "string", "const": "*"},
    },
    "IfNoneMatchRead": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The ETag that you have; 304 when it is still the same.",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": (
            "A text of your own, new for each request and the same for its "
            "repetitions: what is repeated acts once and is answered the same."
        ),
        "schema": {"type": "string", "pattern": r"^[!#-\[\]-~]{1,255}$"},
    },
    "RequestId": {
        "name": "X-Request-ID",
        "in": "header",
        "description": (
            "An id of your own for the request: up to 200 letters, digits and `._:/-`. "
            "Any other is replaced."
        ),
        "schema": {"type": "string"},
        "example": "checkout-1",
    },
}

#: The problems that a response stands for: its statuses.
_RESPONSES: dict[str, tuple[str, tuple[int, ...]]] = {
    "InvalidRequest": ("The request cannot be understood.", (400,)),
    "NotAuthenticated": ("Nobody that is known.", (401,)),
    "Forbidden": ("Known, but not allowed.", (403,)),
    "NotFound": ("Not there, or not for the caller.", (404,)),
    "NotAcceptable": ("No such media type.", (406,)),
    "Conflict": ("Against what is there now.", (409,)),
    "PreconditionFailed": ("A condition of the headers does not hold.", (412,)),
    "BodyTooLarge": ("Too much at once.", (413,)),
    "UnsupportedMediaType": ("A body of an unknown type.", (415,)),
    "Invalid": ("Understood, and not valid.", (422,)),
    "Throttled": ("Too many requests.", (429,)),
    "Problem": ("Any other problem.", ()),
}
_EXTRA_HEADERS = {
    "NotAuthenticated": {"WWW-Authenticate": "WWWAuthenticate"},
    "Throttled": {"Retry-After": "RetryAfter"},
}


def complete(document: dict[str, Any]) -> None:
    """Add the components, and to each answer the header that all have."""
    parts = document.setdefault("components", {})
    parts["schemas"] = {**SCHEMAS, **parts.get("schemas", {})}
    parts["headers"] = _HEADERS
    parts["parameters"] = _PARAMETERS
    parts["responses"] = {name: _response(name) for name in _RESPONSES}
    parts["securitySchemes"] = SECURITY_SCHEMES
    document["security"] = [{name: []} for name in SECURITY_SCHEMES]
    # ``fields`` chooses among the members of a row.
    for row in ("Event", "Aggregate", "Snapshot"):
        parts["schemas"][row].pop("required", None)
    for path in document["paths"].values():
        for operation in path.values():
            for answer in operation["responses"].values():
                if "$ref" not in answer:
                    known = answer.setdefault("headers", {})
                    known["X-Request-ID"] = reference("headers", "RequestId")


def _response(name: str) -> dict[str, Any]:
    text, statuses = _RESPONSES[name]
    kinds = [kind for kind in KINDS.values() if kind.status in statuses]
    listed = "".join(f"\n- `{kind.code}`: {kind.title}." for kind in kinds)
    headers = {"X-Request-ID": "RequestId", **_EXTRA_HEADERS.get(name, {})}
    return {
        "description": f"{text}{listed}",
        "headers": {key: reference("headers", part) for key, part in headers.items()},
        "content": {
            MEDIA_TYPE: {"schema": reference("schemas", "Problem")},
        },
    }
