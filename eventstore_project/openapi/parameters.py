"""The parameters of an operation: of its path, of its filters and pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from eventstore_project.openapi.operations import reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eventstore_project.openapi.operations import Operation

_POSITION = {"type": "integer", "minimum": 0, "maximum": (1 << 63) - 1}
_MOMENT = {"type": "string", "format": "date-time"}
#: PostgreSQL's text holds no NUL.
_TEXT = {"type": "string", "minLength": 1, "pattern": r"^[^\u0000]+$"}

#: What each parameter of a query means: its text, an example and its schema.
QUERY: dict[str, tuple[str, Any, Mapping[str, Any]]] = {
    "tenant": ("One of your tenants; without it, all of them.", "acme", _TEXT),
    "cursor": (
        "Where to go on, from `next`; it serves the list and order that gave it.",
        None,
        _TEXT,
    ),
    "page_size": (
        "How many rows a page has at most; more than 1000 count as 1000.",
        2,
        {"type": "integer", "minimum": 1, "default": 100},
    ),
    "order": (
        "In which direction.",
        "desc",
        {"type": "string", "enum": ["asc", "desc"], "default": "asc"},
    ),
    "event_type": (
        "Events of this type; given several times, of one of them.",
        ["OrderPaid"],
        {"type": "array", "items": _TEXT, "maxItems": 50},
    ),
    "aggregate_type": ("Of aggregates of this type.", "Order", _TEXT),
    "aggregate_id": ("Of the aggregates with this id.", "1001", _TEXT),
    "actor_id": ("Whose `metadata.actor.id` this is.", "7", _TEXT),
    "correlation_id": ("Of this conversation.", "c-1", _TEXT),
    "causation_id": ("Caused by this event.", "e-1", _TEXT),
    "occurred_from": ("That happened then or later.", "2026-01-31T12:00:00Z", _MOMENT),
    "occurred_before": ("That happened earlier.", "2026-02-01T00:00:00Z", _MOMENT),
    "stored_from": ("Stored then or later.", "2026-01-31T12:00:00Z", _MOMENT),
    "stored_before": ("Stored earlier.", "2036-01-01T00:00:00Z", _MOMENT),
    "position_after": ("Behind this position.", 0, _POSITION),
    "position_up_to": ("Up to this position, inclusive.", 10_000, _POSITION),
    "version_from": ("From this version of the aggregate on.", 1, _POSITION),
    "version_up_to": ("Up to this version, inclusive.", 3, _POSITION),
    "is_redacted": (
        "Only redacted events, or only others.",
        False,
        {"type": "boolean"},
    ),
}

_POINTED = r'^(/[^/=~"\u0000]+)+=("[a-z]*"|-?[1-9][0-9]{0,8}|true|false)$'

QUERY |= {
    "payload": (
        (
            "What payloads contain: a JSON pointer, `=`, a JSON value. Needs the index "
            "of `eventstore_index payload`, or a type, an aggregate or a range."
        ),
        None,
        {
            "type": "array",
            "maxItems": 20,
            "items": {
                "type": "string",
                "pattern": _POINTED,
            },
        },
    ),
    "fields": (
        "The members to answer with, separated by commas; all by default.",
        None,
        {"type": "array", "items": _TEXT, "minItems": 1},
    ),
    "version": (
        "`latest`: events in the newest shape of their type.",
        "latest",
        {"type": "string", "enum": ["stored", "latest"], "default": "stored"},
    ),
    "at_version": ("The state after this version.", 1, _POSITION),
    "as_of": ("The state at this moment.", None, _MOMENT),
    "basis": (
        "With `as_of`: by the time of storing, or of happening.",
        None,
        {"type": "string", "enum": ["stored", "occurred"], "default": "stored"},
    ),
    "from": ("The version before.", 0, _POSITION),
    "to": ("The version after; the current one by default.", 1, _POSITION),
    "on_error": (
        "Whether lines that are refused end the upload.",
        "skip",
        {"type": "string", "enum": ["stop", "skip"], "default": "stop"},
    ),
}
#: Parameters that are called the same and are something else.
_CALLED = {"at_version": "version"}
_REQUIRED = {"from"}

#: What each part of a path means, and an example.
PATH = {
    "event_id": ("The id of the event.", "e-1"),
    "aggregate_type": ("The type of the aggregate.", "Order"),
    "aggregate_id": ("The id of the aggregate.", "1001"),
    "snapshot_id": ("The id of the snapshot.", "s-1"),
}


def of(path: str, view: Any, told: Operation) -> list[dict[str, Any]]:
    """Return all parameters, by what the view understands."""
    found = [_in_path(name) for name in re.findall(r"{(\w+)}", path)]
    for name in [*_of_list(view, told), *told.query]:
        parameter = _in_query(name)
        if name == "fields":
            members = list(view.get_serializer_class()().fields)
            parameter["schema"]["items"] = {"enum": members}
            parameter |= {"style": "form", "explode": False}
        found.append(parameter)
    return [*found, *map(dict, told.parameters), reference("parameters", "RequestId")]


def _of_list(view: Any, told: Operation) -> list[str]:
    """Return what ``StrictFilterBackend`` takes, and the views that ask for less."""
    match told.tag, told.answers[min(told.answers)].schema:
        case "catalogue", "rows":
            return ["tenant", "cursor", "page_size"]
        case "bulk", {"type": "string"}:
            return [*view.filterset_class.base_filters, "tenant"]
        case _, "rows":
            filters = getattr(view.filterset_class, "base_filters", ())
            return [*filters, *view.pagination_class.parameters, *view.parameters]
    return []


def _in_path(name: str) -> dict[str, Any]:
    text, example = PATH[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "schema": {"type": "string", "minLength": 1},
        "example": example,
    }


def _in_query(name: str) -> dict[str, Any]:
    text, example, schema = QUERY[name]
    found = {
        "name": _CALLED.get(name, name),
        "in": "query",
        **({"required": True} if name in _REQUIRED else {}),
        "description": text,
        "schema": dict(schema),
    }
    return found if example is None else {**found, "example": example}
