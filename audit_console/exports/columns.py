"""What an event gives to a file, as far as its requester may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_console.presenters import documents
from audit_console.queries import Row
from eventstore import serialization
from eventstore.disclosure import disclose
from eventstore.roles import Permission

#: Every column that a file may have, in its order, and what it is called.
COLUMNS: dict[str, str | Promise] = {
    "position": _("Position"),
    "occurred_at": _("Occurred"),
    "stored_at": _("Stored"),
    "tenant_id": _("Tenant"),
    "aggregate_type": _("Aggregate type"),
    "aggregate_id": _("Aggregate id"),
    "aggregate_version": _("Aggregate version"),
    "event_type": _("Event type"),
    "event_version": _("Event version"),
    "event_id": _("Event id"),
    "actor_id": _("Actor"),
    "actor_kind": _("Kind of actor"),
    "actor_name": _("Name of actor"),
    "correlation_id": _("Correlation"),
    "causation_id": _("Causation"),
    "is_redacted": _("Redacted"),
    "data": _("Payload"),
    "metadata": _("Metadata"),
}
#: Columns that are JSON documents.
DOCUMENTS = ("data", "metadata")
_OF_ACTOR = {"actor_id": "id", "actor_kind": "type", "actor_name": "name"}


@dataclass(frozen=True, slots=True)
class Exported:
    """One event as it leaves.

    Attributes:
        values: by column; times are UTC, documents are JSON text, ``None`` is nothing.
        hidden: RFC 6901 pointers to what was taken out.
    """

    values: Mapping[str, Any]
    hidden: tuple[str, ...]


def exported(
    row: Row, columns: Collection[str], permissions: Collection[Permission]
) -> Exported:
    """Return what ``permissions`` let leave of ``row``.

    A document of which nothing is hidden is the very text that is stored: no number of
    it passes through a float.
    """
    data, metadata = row.data or "{}", row.metadata or "{}"
    shown, hidden = disclose(
        {
            "data": serialization.decode(data, decimals=True),
            "metadata": serialization.decode(metadata, decimals=True),
        },
        permissions,
    )
    texts = {
        name: text if not _is_touched(name, hidden) else documents.dump(shown[name])
        for name, text in (("data", data), ("metadata", metadata))
    }
    known = shown["metadata"] if isinstance(shown["metadata"], dict) else {}
    values = {name: _value(row, name, texts, known) for name in columns}
    return Exported(values, tuple(hidden))


def utc(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _value(
    row: Row, name: str, texts: Mapping[str, str], metadata: Mapping[str, Any]
) -> Any:
    if name in texts:
        return texts[name]
    if name in _OF_ACTOR:
        # From what is shown of the metadata, not from the row: it may be hidden there.
        actor = metadata.get("actor")
        return actor.get(_OF_ACTOR[name]) if isinstance(actor, dict) else None
    if name in {"correlation_id", "causation_id"}:
        return metadata.get(name)
    found = getattr(row, name)
    return utc(found) if isinstance(found, datetime) else found


def _is_touched(name: str, hidden: Collection[str]) -> bool:
    return any(place == f"/{name}" or place.startswith(f"/{name}/") for place in hidden)
