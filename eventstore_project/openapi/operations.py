"""What we say of each operation: texts, bodies, answers, problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
CLOUDEVENT = "application/cloudevents+json"
CLOUDEVENTS = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"


def reference(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A success.

    Attributes:
        schema: of the body; ``row``, ``rows`` (a page) and ``all`` stand for the view's
            serializer.
        others: schemas of other media types.
    """

    description: str
    schema: Any = None
    media_types: Sequence[str] = (JSON,)
    others: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, Any] = field(default_factory=dict)


#: What can go wrong with each: the name of a response in the components, by status.
_READING = {
    400: "InvalidRequest",
    401: "NotAuthenticated",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    429: "Throttled",
    "default": "Problem",
}
_WRITING = {
    **_READING,
    409: "Conflict",
    412: "PreconditionFailed",
    413: "BodyTooLarge",
    415: "UnsupportedMediaType",
    422: "Invalid",
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation.

    Attributes:
        query: parameters of the query beside those of a list, by name.
        parameters: those that no other operation has, in full.
        request: the body.
        problems: the name of a response in the components, by status.
    """

    tag: str
    summary: str
    description: str
    answers: Mapping[int, Answer]
    problems: Mapping[Any, str] = field(default_factory=lambda: dict(_READING))
    request: dict[str, Any] | None = None
    query: Sequence[str] = ()
    parameters: Sequence[Mapping[str, Any]] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)


_ETAG = {"ETag": reference("headers", "ETag")}
_SAME = {304: Answer(description="What you have is still so.", headers=_ETAG)}
_IF_NONE_MATCH = reference("parameters", "IfNoneMatchRead")
_CLOUDEVENT = reference("schemas", "CloudEvent")
_AS_CLOUDEVENT = {CLOUDEVENT: _CLOUDEVENT}
_AS_CLOUDEVENTS = {CLOUDEVENTS: {"type": "array", "items": _CLOUDEVENT}}


def _page(
    tag: str, summary: str, description: str, *, schema: Any = "rows", **more: Any
) -> Operation:
    answer = Answer(
        description="The rows.",
        schema=schema,
        others=more.pop("others", {}),
        links=more.pop("links", {}),
    )
    problems = {**_READING, 409: "Conflict"}
    return Operation(
        tag=tag,
        summary=summary,
        description=description,
        answers={200: answer},
        problems=problems,
        **more,
    )


def _one(
    tag: str, summary: str, description: str, *, schema: Any = "row", **more: Any
) -> Operation:
    answer = Answer(
        description="It.",
        schema=schema,
        headers=_ETAG,
        others=more.pop("others", {}),
        links=more.pop("links", {}),
    )
    return Operation(
        tag=tag,
        summary=summary,
        description=description,
        answers={200: answer, **_SAME},
        problems={**_READING, 409: "Conflict"},
        parameters=[*more.pop("parameters", ()), _IF_NONE_MATCH],
        **more,
    )


def _link(operation: str, description: str, **parameters: str) -> dict[str, Any]:
    return {
        "operationId": operation,
        "description": description,
        "parameters": {
            name: f"$response.body#/{member}" for name, member in parameters.items()
        },
    }


_TO_AGGREGATE = {
    "aggregate_type": "aggregate_type",
    "aggregate_id": "aggregate_id",
    "tenant": "tenant_id",
}
_TO_EVENT = {"event_id": "event_id", "tenant": "tenant_id"}
_RECEIPT_LINKS = {
    "event": _link("events_retrieve", "The event.", **_TO_EVENT),
    "effects": _link("events_effects", "What it has led to.", **_TO_EVENT),
    "aggregate": _link("aggregates_retrieve", "Where it stands.", **_TO_AGGREGATE),
    "history": _link("aggregates_events", "Its history.", **_TO_AGGREGATE),
    "snapshots": _link("aggregates_snapshots", "Its snapshots.", **_TO_AGGREGATE),
    "cause": _link("events_cause", "What has led to it.", **_TO_EVENT),
    "redactions": _link("events_redactions_list", "What it lost.", **_TO_EVENT),
    "redact": _link("events_redactions_create", "Remove values.", **_TO_EVENT),
    "state": _link("aggregates_state", "What it says so far.", **_TO_AGGREGATE),
    "differences": _link("aggregates_diff", "What it changed.", **_TO_AGGREGATE),
    "more": _link("aggregates_events_append", "Append more.", **_TO_AGGREGATE),
}


_CONDITIONS = [
    reference("parameters", name)
    for name in ("IfMatch", "IfNoneMatch", "IdempotencyKey")
]


def _append(summary: str, description: str, prefix: str = "") -> Operation:
    forms = [
        reference("schemas", f"{prefix}{name}") for name in ("Draft", "Batch", "Drafts")
    ]
    cloudevent = reference("schemas", "CloudEvent")
    bodies = {
        JSON: {"oneOf": forms},
        CLOUDEVENT: cloudevent,
        CLOUDEVENTS: {"type": "array", "minItems": 1, "items": cloudevent},
    }
    receipt, receipts = (reference("schemas", name) for name in ("Receipt", "Receipts"))
    return Operation(
        tag="events" if not prefix else "aggregates",
        summary=summary,
        description=description,
        request={
            "required": True,
            "content": {kind: {"schema": schema} for kind, schema in bodies.items()},
        },
        answers={
            201: Answer(
                description="Where the events are now.",
                schema={"oneOf": [receipt, receipts]},
                headers={
                    **_ETAG,
                    "Location": reference("headers", "Location"),
                    "Idempotency-Replayed": reference("headers", "Replayed"),
                },
                links=_RECEIPT_LINKS,
            )
        },
        problems=dict(_WRITING),
        query=("tenant",),
        parameters=_CONDITIONS,
    )


_VERSIONED = ("tenant", "fields", "version")

OPERATIONS: dict[str, Operation] = {
    "events_list": _page(
        "events",
        "List events",
        "In the order of their positions, up to where the log is final: what is not "
        "listed yet has a higher position than all that is.",
        others=_AS_CLOUDEVENTS,
    ),
    "events_create": _append(
        "Append events",
        "One, or some that are stored together or not at all. A CloudEvent may also "
        "come in binary mode, its attributes in `ce-` headers, its data as the body.",
    ),
    "events_retrieve": _one(
        "events",
        "Get an event",
        "By its id, which is unique within a tenant.",
        query=_VERSIONED,
        others=_AS_CLOUDEVENT,
    ),
    "events_cause": _one(
        "events",
        "Get the cause of an event",
        "The event that its `causation_id` names.",
        query=_VERSIONED,
        others=_AS_CLOUDEVENT,
    ),
    "events_effects": _page(
        "events",
        "List the effects of an event",
        "The events that name it as their cause.",
        others=_AS_CLOUDEVENTS,
    ),
    "events_redactions_list": _page(
        "events",
        "List the redactions of an event",
        "Who had what removed, when and why; never what it was.",
        schema=[reference("schemas", "Redaction")],
        query=("tenant",),
    ),
    "events_redactions_create": Operation(
        tag="events",
        summary="Redact an event",
        description="Remove the payload, or values of it, for good. What is gone "
        "already stays gone, and its record is the answer.",
        request={
            "required": True,
            "content": {JSON: {"schema": reference("schemas", "RedactionOrder")}},
        },
        answers={
            201: Answer(
                description="The record of the removal.",
                schema=reference("schemas", "Redaction"),
            )
        },
        problems=dict(_WRITING),
        query=("tenant",),
    ),
    "bulk_events_download": Operation(
        tag="bulk",
        summary="Download events",
        description="As JSON Lines, in position order, up to where the log was final "
        "when the download began. A line is an event as `eventstore_export` writes it.",
        answers={
            200: Answer(
                description="One event a line.",
                schema={"type": "string"},
                media_types=(NDJSON,),
                headers={"Eventstore-Until-Position": reference("headers", "Until")},
            )
        },
    ),
    "bulk_events_upload": Operation(
        tag="bulk",
        summary="Upload events",
        description="JSON Lines, stored chunk by chunk. What is stored is not stored "
        "twice: after an interruption, send all of it again.",
        request={
            "required": True,
            "content": {NDJSON: {"schema": {"description": "One event a line."}}},
        },
        answers={
            200: Answer(
                description="What became of the lines.",
                schema=reference("schemas", "Upload"),
            )
        },
        problems={**_WRITING, 411: "Problem"},
        query=("tenant", "on_error"),
    ),
    "aggregates_list": _page(
        "aggregates",
        "List aggregates",
        "Each with its version, in no order of meaning.",
    ),
    "aggregates_retrieve": _one(
        "aggregates",
        "Get the head of an aggregate",
        "Where it stands. Its ETag is what `If-Match` of an append compares.",
        query=("tenant", "fields"),
    ),
    "aggregates_events": _page(
        "aggregates",
        "List the events of an aggregate",
        "By version, all that is committed, also where the log is not final yet.",
        others=_AS_CLOUDEVENTS,
    ),
    "aggregates_events_append": _append(
        "Append to an aggregate",
        "As to the log; the address says the type and the id, and the aggregate need "
        "not exist yet.",
        "Aggregate",
    ),
    "aggregates_snapshots": _page(
        "aggregates", "List the snapshots of an aggregate", "As they were recorded."
    ),
    "aggregates_state": _one(
        "aggregates",
        "Get a state of an aggregate",
        "The current one, that at a version, or as of a moment; folded by today's code "
        "of the events as they are today. The type needs a registered class.",
        schema=reference("schemas", "State"),
        query=("tenant", "at_version", "as_of", "basis"),
    ),
    "aggregates_diff": _one(
        "aggregates",
        "Compare two states of an aggregate",
        "What differs between the state at one version and at another.",
        schema=reference("schemas", "Differences"),
        query=("tenant", "from", "to"),
    ),
    "snapshots_list": _page(
        "snapshots",
        "List snapshots",
        "In the order in which they were recorded.",
        links={
            "first": _link(
                "snapshots_retrieve",
                "The first of them.",
                snapshot_id="results/0/snapshot_id",
                tenant="results/0/tenant_id",
            )
        },
    ),
    "snapshots_retrieve": _one(
        "snapshots", "Get a snapshot", "By its id.", query=("tenant", "fields")
    ),
    "event_types_list": _page(
        "catalogue",
        "List the types of events",
        "Those that are in the log, with the first and the last event of each.",
    ),
    "migrations_list": _page(
        "catalogue",
        "List the event migrations",
        "The steps by which old payloads are lifted, as the code registers them.",
        schema="all",
    ),
    "subscriptions_list": _page(
        "operation",
        "List the subscriptions",
        "How far each partition is, and whether it runs.",
        schema="all",
        query=("tenant",),
    ),
    "schema_get": _one(
        "contract",
        "Get this document",
        "OpenAPI 3.1, for where the API is mounted.",
        schema={"type": "object"},
        others={"application/vnd.oai.openapi+json": {"type": "object"}},
    ),
}
