"""The bodies that no serializer describes, since the API reads them itself."""

from __future__ import annotations

from typing import Any

from eventstore.api.problems import KINDS
from eventstore_project.openapi.operations import reference


def _name(text: str, most: int = 200, **more: Any) -> dict[str, Any]:
    # A character has four bytes at most, and bytes are what is counted.
    bounds = {"minLength": 1, "maxLength": most // 4, "pattern": r"^[^\u0000]+$"}
    return {"type": "string", "description": text, **bounds, **more}


#: Anything but white space, as Python knows it: ``\s`` lacks the separators of ASCII.
_SAYING = r"^[^\u0000]*[^\s\u0000-\u001f\u0085][^\u0000]*$"
_VERSION = {
    "type": "integer",
    "minimum": 0,
    "maximum": (1 << 62) - 1,
    "description": "Where the aggregate must stand before the request; 0: not begun.",
}
_MOMENT = {
    "type": "string",
    "format": "date-time",
    "description": "When it happened, with an offset; at most five minutes ahead.",
}
_EVENT = {
    "event_id": _name("Unique within the tenant; made by the server if left out."),
    "event_type": _name("What happened, as `OrderPaid`."),
    "event_version": _name("The version of its payload.", default="v1"),
    "aggregate_type": _name("What it happened to."),
    "aggregate_id": _name("Which one of them.", 800),
    "occurred_at": _MOMENT,
    "data": {"type": "object", "description": "The payload."},
    "metadata": {
        "type": "object",
        "description": (
            "`correlation_id` and `causation_id` are indexed. `actor` is the caller "
            "unless they may append in the name of others."
        ),
        "properties": {
            "correlation_id": _name("The conversation."),
            "causation_id": _name("The event that led to it."),
            "actor": {
                "type": "object",
                "required": ["type", "id"],
                "properties": {"type": _name("As `user`."), "id": _name("Which one.")},
            },
        },
    },
    "expected_version": _VERSION,
}
_NAMED = ["event_type", "aggregate_type", "aggregate_id"]


def _draft(required: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {**_EVENT, **more},
    }


def _list(item: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": 10_000,
        "items": reference("schemas", item),
    }


def _batch(item: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["events"],
        "additionalProperties": False,
        "properties": {
            "events": _list(item),
            "expected_version": _VERSION,
            "tenant_id": _name("One of your tenants."),
        },
    }


_TEXT = {"type": "string"}
_RECEIPT = {
    "url": {"type": "string", "format": "uri"},
    "position": {"type": "integer", "minimum": 1},
    "event_id": _TEXT,
    "tenant_id": _TEXT,
    "aggregate_type": _TEXT,
    "aggregate_id": _TEXT,
    "aggregate_version": {"type": "integer", "minimum": 1},
    "stored_at": {"type": "string", "format": "date-time"},
}

_AGGREGATE = {
    "tenant_id": _TEXT,
    "aggregate_type": _TEXT,
    "aggregate_id": _TEXT,
    "current_version": {"type": "integer"},
}
_HIDDEN = {
    "hidden": {
        "type": "array",
        "items": _TEXT,
        "description": "JSON pointers to what is there and not shown to you.",
    }
}
_COUNT = {"type": "integer", "minimum": 0}


def _whole(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


SCHEMAS: dict[str, Any] = {
    "RedactionOrder": {
        "type": "object",
        "required": ["reason"],
        "additionalProperties": False,
        "properties": {
            "reason": _name("Why, for the record.", 10_000, pattern=_SAYING),
            "fields": {
                "type": "array",
                "minItems": 1,
                "items": {"type": "string", "pattern": "^(/([^~/]|~[01])*)+$"},
                "description": "JSON pointers; without them, the whole payload.",
            },
        },
    },
    "Redaction": _whole(
        redaction_id=_TEXT,
        event_id=_TEXT,
        tenant_id=_TEXT,
        position={"type": "integer"},
        fields={"type": "array", "items": _TEXT},
        reason=_TEXT,
        actor={"type": ["object", "null"]},
        request_id={"type": ["string", "null"]},
        kind=_TEXT,
        recorded_at={"type": "string", "format": "date-time"},
    ),
    "Upload": _whole(
        lines=_COUNT,
        stored=_COUNT,
        known=_COUNT,
        refused=_COUNT,
        next_line={"type": ["integer", "null"]},
        last_position={"type": ["integer", "null"]},
        errors={"type": "array", "items": {"type": "object"}},
    ),
    "State": _whole(
        **_AGGREGATE,
        version=_COUNT,
        basis={"type": "string", "enum": ["version", "stored", "occurred"]},
        as_of={"type": ["string", "null"], "format": "date-time"},
        state={"description": "As the aggregate's class folds it."},
        fold_version=_TEXT,
        events_folded=_COUNT,
        snapshot_version={"type": ["integer", "null"]},
    ),
    "Differences": _whole(
        **_AGGREGATE,
        **{"from": _COUNT, "to": _COUNT},
        differences={
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "kind"],
                "properties": {
                    "pointer": _TEXT,
                    "kind": {"enum": ["added", "removed", "changed", "type_changed"]},
                    "before": {},
                    "after": {},
                },
            },
        },
        is_complete={"type": "boolean"},
    ),
    "Next": {
        "type": ["string", "null"],
        "format": "uri",
        "description": "The address of the next page; null on the last one.",
    },
    "Draft": _draft(_NAMED, tenant_id=_name("One of your tenants.")),
    "BatchDraft": _draft(_NAMED),
    "AggregateDraft": _draft(["event_type"], tenant_id=_name("One of your tenants.")),
    "AggregateBatchDraft": _draft(["event_type"]),
    "Batch": _batch("BatchDraft"),
    "AggregateBatch": _batch("AggregateBatchDraft"),
    "Drafts": _list("BatchDraft"),
    "AggregateDrafts": _list("AggregateBatchDraft"),
    "CloudEvent": {
        "type": "object",
        "description": (
            "CloudEvents 1.0. Extensions beside those named become metadata."
        ),
        "required": ["specversion", "id", "source", "type", "aggregatetype"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": _name("The event's id."),
            "source": _name("Where it comes from.", format="uri-reference"),
            "type": _name("The event's type."),
            "subject": _name("The aggregate's id, if `aggregateid` is missing.", 800),
            "time": _MOMENT,
            "datacontenttype": {"type": "string", "const": "application/json"},
            "aggregatetype": _name("The aggregate's type."),
            "aggregateid": _name("The aggregate's id.", 800),
            "eventversion": _name("The version of the payload."),
            "correlationid": _name("The conversation."),
            "causationid": _name("The event that led to it."),
            "tenantid": _name("One of your tenants."),
            "data": {"type": "object", "description": "The payload."},
        },
    },
    "Receipt": {
        "type": "object",
        "required": list(_RECEIPT),
        "properties": _RECEIPT,
    },
    "Receipts": {
        "type": "object",
        "required": ["events"],
        "properties": {
            "events": {
                "type": "array",
                "minItems": 1,
                "items": reference("schemas", "Receipt"),
            }
        },
    },
    "Fault": {
        "type": "object",
        "required": ["detail"],
        "properties": {
            "detail": {"type": "string"},
            "pointer": {
                "type": "string",
                "description": "Where in the body: a JSON Pointer (RFC 6901).",
            },
            "parameter": {"type": "string", "description": "Which one of the query."},
            "header": {"type": "string", "description": "Which one of the request."},
        },
    },
    "Problem": {
        "type": "object",
        "description": "Problem details (RFC 9457). Further members depend on `code`.",
        "required": [
            "type",
            "title",
            "status",
            "detail",
            "instance",
            "code",
            "request_id",
        ],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "The page that explains this kind of problem.",
            },
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "For people."},
            "instance": {
                "type": "string",
                "format": "uri-reference",
                "description": "The path that was asked for.",
            },
            "code": {
                "type": "string",
                "enum": list(KINDS),
                "description": "For programs.",
            },
            "request_id": {"type": "string"},
            "errors": {"type": "array", "items": reference("schemas", "Fault")},
            "current_version": {
                "type": "integer",
                "description": "Where the aggregate stands, after a conflict.",
            },
        },
    },
}
for _name_of in ("State", "Differences"):
    SCHEMAS[_name_of]["properties"] |= _HIDDEN
