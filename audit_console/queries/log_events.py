"""An event as the console reads it: documents as the exact text that is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from audit_console.reading import Reading
from eventstore import serialization
from eventstore.conf import store_settings
from eventstore.models import StoredEvent
from eventstore.types import StoredDomainEvent

_COLUMNS = (
    "position",
    "event_id",
    "tenant_id",
    "aggregate_type",
    "aggregate_id",
    "aggregate_version",
    "event_type",
    "event_version",
    "occurred_at",
    "stored_at",
    "is_redacted",
    "metadata_text",
)


@dataclass(frozen=True, kw_only=True)
class LogEvent:
    """One event.

    Attributes:
        metadata_text: as stored.
        data_text: as stored; ``None`` when it was not asked for.
    """

    position: int
    event_id: str
    tenant_id: str
    aggregate_type: str
    aggregate_id: str
    aggregate_version: int
    event_type: str
    event_version: str
    occurred_at: datetime
    stored_at: datetime
    is_redacted: bool
    metadata_text: str
    data_text: str | None = None

    @cached_property
    def metadata(self) -> dict[str, Any]:
        """Who and why, every number with all its digits."""
        found = serialization.decode(self.metadata_text, decimals=True)
        return found if isinstance(found, dict) else {}

    @cached_property
    def data(self) -> dict[str, Any]:
        """The payload, every number with all its digits."""
        found = serialization.decode(self.data_text or "{}", decimals=True)
        return found if isinstance(found, dict) else {}

    @property
    def actor(self) -> dict[str, Any]:
        """Who caused it; empty when nobody is named."""
        found = self.metadata.get("actor")
        return found if isinstance(found, dict) else {}

    @property
    def actor_id(self) -> str:
        """The id of who caused it, "" when nobody is named."""
        return self._text_of(self.actor, "id")

    @property
    def actor_name(self) -> str:
        """What to call who caused it."""
        return self._text_of(self.actor, "name") or self.actor_id

    @property
    def correlation_id(self) -> str | None:
        """The conversation that it belongs to."""
        return self._text_of(self.metadata, "correlation_id") or None

    @property
    def causation_id(self) -> str | None:
        """What it says caused it."""
        return self._text_of(self.metadata, "causation_id") or None

    def as_code_meets_it(self, data: dict[str, Any] | None = None) -> StoredDomainEvent:
        """Return the event as the host's own code gets it from the store.

        Args:
            data: a payload to put in the place of the stored one.
        """
        decimals = store_settings().DECIMAL_NUMBERS
        return StoredDomainEvent(
            position=self.position,
            event_id=self.event_id,
            tenant_id=self.tenant_id,
            aggregate_type=self.aggregate_type,
            aggregate_id=self.aggregate_id,
            aggregate_version=self.aggregate_version,
            event_type=self.event_type,
            event_version=self.event_version,
            occurred_at=self.occurred_at.astimezone(UTC),
            stored_at=self.stored_at.astimezone(UTC),
            data=serialization.decode(self.data_text or "{}", decimals=decimals)
            if data is None
            else data,
            metadata=serialization.decode(self.metadata_text, decimals=decimals),
            is_redacted=self.is_redacted,
        )

    @staticmethod
    def _text_of(document: dict[str, Any], key: str) -> str:
        found = document.get(key)
        return found if isinstance(found, str) else ""


def events(reading: Reading) -> QuerySet[StoredEvent]:
    """Return the log up to the page's horizon; the caller scopes and bounds it."""
    log = StoredEvent.objects.using(reading.database)
    return log.filter(position__lte=reading.horizon)


def fetch(rows: QuerySet[StoredEvent], *, with_payload: bool) -> list[LogEvent]:
    """Run a query and return its events.

    Args:
        rows: scoped, ordered and bounded.
        with_payload: whether the reader may see payloads; else none is even read.
    """
    texts = {"metadata_text": Cast("metadata", TextField())}
    if with_payload:
        texts["data_text"] = Cast("event_data", TextField())
    found = rows.annotate(**texts).values(*_COLUMNS, *(texts if with_payload else ()))
    return [LogEvent(**row) for row in found]


def fetch_one(rows: QuerySet[StoredEvent], *, with_payload: bool) -> LogEvent | None:
    """Run a query for one event and return it, if there is one."""
    found = fetch(rows[:1], with_payload=with_payload)
    return found[0] if found else None
