"""The texts of the document that belong to no operation."""

from __future__ import annotations

INTRODUCTION = """\
Append events, read them in an order that never changes, and follow what an aggregate
was.

**Who may what.** An API key (`Authorization: Bearer ...`), a session, or what else the
server authenticates with. Grants say what a caller may do in which tenant. What lies
outside of them looks exactly like what does not exist.

**Pages.** Lists are walked with `next`, which holds an opaque, signed cursor. Pages are
stable under appends: each row is on exactly one of them.

**Times** are RFC 3339 in UTC. In a query an offset is required.

**Ids in addresses** may hold any text: write `~` as `~0`, `/` as `~1`, the dot of the
ids `.` and `..` as `~2`, then percent-encode as usual. Rows name their own `url`.

**Errors** are problem details (RFC 9457), `application/problem+json`. Programs decide
by `code`; the page at `type` says what to do; `request_id` finds the request in the
server's log. It is the `X-Request-ID` that was sent, else a new one.

**Versions.** The first part of the path is the version. Within one, members,
parameters, codes and operations are added and nothing is taken away or changed: ignore
members that you do not know. What is going to end says so for six months at least, with
`Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
"""

TAGS = {
    "events": "The log: read it, append to it, redact it.",
    "bulk": "Many events at once, streamed as NDJSON in constant memory.",
    "aggregates": "What the events are about: versions, history, states, differences.",
    "snapshots": "Short cuts to states.",
    "catalogue": "Which types of events there are, and how old ones are lifted.",
    "operation": (
        "How the subscriptions stand. Health and metrics lie where the server mounts "
        "them: `/health/live`, `/health/ready`, `/metrics`."
    ),
    "contract": "This document. `docs/` and `redoc/` show it in a browser.",
}

SECURITY_SCHEMES = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, as `eventstore_keys create` shows it once.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": (
            "Whoever has logged in on the server with a browser. Writing needs the "
            "header `X-CSRFToken` as well."
        ),
    },
}
