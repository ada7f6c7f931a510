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
        schema: of the body; ``row`` and ``rows`` stand for the view's serializer.
    """

    description: str
    schema: Any = None
    media_types: Sequence[str] = (JSON,)
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


def _page(tag: str, summary: str, description: str, **more: Any) -> Operation:
    answer = Answer(description="One page.", schema="rows", links=more.pop("links", {}))
    return Operation(
        tag=tag, summary=summary, description=description, answers={200: answer}, **more
    )


def _row(tag: str, summary: str, description: str, **more: Any) -> Operation:
    answer = Answer(
        description="The row.",
        schema="row",
        headers=more.pop("headers", {}),
        links=more.pop("links", {}),
    )
    conflict = {**_READING, 409: "Conflict"}
    return Operation(
        tag=tag,
        summary=summary,
        description=description,
        answers={200: answer},
        problems=conflict,
        query=("tenant",),
        **more,
    )


_ETAG = {"ETag": reference("headers", "ETag")}
_CONDITIONS = [
    reference("parameters", name) for name in ("IfMatch", "IfNoneMatch", "IdempotencyKey")
]


def _append(summary: str, description: str, prefix: str = "") -> Operation:
    one, many = (reference("schemas", f"{prefix}{name}") for name in ("Draft", "Batch"))
    cloudevent = reference("schemas", "CloudEvent")
    bodies = {
        JSON: {"oneOf": [one, many]},
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
            )
        },
        problems=dict(_WRITING),
        query=("tenant",),
        parameters=_CONDITIONS,
    )


OPERATIONS: dict[str, Operation] = {
    "events_list": _page(
        "events",
        "List events",
        "In the order of their positions, up to where the log is final: an event that is "
        "not yet listed has a higher position than all that are.",
    ),
    "events_create": _append(
        "Append events",
        "One, or some that are stored together or not at all. A CloudEvent may also come "
        "in binary mode, its attributes in `ce-` headers and its data as the body.",
    ),
    "events_retrieve": _row(
        "events",
        "Get an event",
        "By its id, which is unique within a tenant.",
    ),
    "aggregates_list": _page(
        "aggregates", "List aggregates", "In no order of meaning, each with its version."
    ),
    "aggregates_retrieve": _row(
        "aggregates",
        "Get the head of an aggregate",
        "Where it stands. Its version is what an append expects.",
    ),
    "aggregates_events": _page(
        "aggregates",
        "List the events of an aggregate",
        "By version, all that is committed, also where the log is not final yet.",
    ),
    "aggregates_events_append": _append(
        "Append to an aggregate",
        "As to the log; the address says the type and the id, and the aggregate need not "
        "exist yet.",
        "Aggregate",
    ),
    "snapshots_list": _page(
        "snapshots", "List snapshots", "In the order in which they were recorded."
    ),
    "snapshots_retrieve": _row("snapshots", "Get a snapshot", "By its id."),
    "schema_get": Operation(
        tag="contract",
        summary="Get this document",
        description="OpenAPI 3.1, for where the API is mounted.",
        answers={
            200: Answer(
                description="The document.",
                schema={"type": "object"},
                media_types=(JSON, "application/vnd.oai.openapi+json"),
                headers={"ETag": reference("headers", "ETag")},
            )
        },
    ),
}
