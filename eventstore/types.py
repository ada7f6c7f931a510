"""The values of the store: an event before and after the log has accepted it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self


def new_event_id() -> str:
    """Return a time-ordered UUID as text: ids made later sort after earlier ones.

    Version 7 with the sub-millisecond part in the 12 bits of ``rand_a``
    (RFC 9562, 5.7 and 6.2 method 3), so that ids of one process rarely tie.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = nanoseconds * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    number = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random
    # Written out: str(UUID(int=...)) takes three times as long.
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Something that happened in the domain, not stored yet.

    The values are checked when the event is appended, where a fault is reported as
    ``InvalidEvent`` with its place; making an event never fails.
    """

    #: What happened, as a past-tense name: ``RequirementApproved``.
    event_type: str
    #: The kind of thing it happened to: ``Requirement``.
    aggregate_type: str
    #: Which one, as text, unique within tenant and aggregate type.
    aggregate_id: str
    #: The payload, a JSON object.
    data: dict[str, Any] = field(default_factory=dict)
    #: Who and why: ``actor``, ``correlation_id``, ``causation_id``, ``ip``, and more.
    metadata: dict[str, Any] = field(default_factory=dict)
    #: The version of the payload's shape.
    event_version: str = "v1"
    #: Unique within the tenant; retrying with the same id stores the event once.
    event_id: str = field(default_factory=new_event_id)
    #: When it happened, as claimed by the caller; timezone-aware.
    occurred_at: datetime = field(default_factory=_now)

    def __hash__(self) -> int:
        """Hash by id: payloads are dictionaries, which have no hash."""
        return hash(self.event_id)


@dataclass(frozen=True, kw_only=True)
class StoredDomainEvent:
    """An event that the log has accepted. It never changes, but for redactions."""

    #: Ordinal in the whole log; rises, with gaps.
    position: int
    event_id: str
    tenant_id: str
    aggregate_type: str
    aggregate_id: str
    #: Ordinal within the aggregate: 1, 2, 3 ...
    aggregate_version: int
    event_type: str
    #: The version of ``data`` as it is here: the newest one after upcasting.
    event_version: str
    #: Business time, as claimed; UTC.
    occurred_at: datetime
    #: Recorded time, by the database's clock; UTC.
    stored_at: datetime
    data: dict[str, Any]
    metadata: dict[str, Any]
    #: Whether anything was removed from ``data`` or ``metadata``.
    is_redacted: bool = False
    #: The newest snapshot whose last event is this one.
    snapshot_id: str | None = None
    #: The version in which the event was stored, when ``data`` has been upcast.
    upcast_from: str | None = None

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Make an event of a complete dictionary of its fields.

        A read makes thousands of these: setting the dictionary at once takes a
        sixth of the time of the generated ``__init__`` of a frozen dataclass.
        """
        event = object.__new__(cls)
        _set_fields(event, fields)
        return event

    def upcast_to(self, event_version: str, data: dict[str, Any]) -> Self:
        """Return this event with its payload lifted to ``event_version``."""
        return self.from_fields(
            {
                **self.__dict__,
                "event_version": event_version,
                "data": data,
                "upcast_from": self.upcast_from or self.event_version,
            }
        )

    @property
    def aggregate(self) -> AggregateKey:
        """Whose event this is, within its tenant."""
        return AggregateKey(self.aggregate_type, self.aggregate_id)

    @property
    def actor_id(self) -> str | None:
        """Who caused the event, if its metadata name an actor that was not removed."""
        actor = self.metadata.get("actor")
        found = actor.get("id") if isinstance(actor, dict) else None
        return found if isinstance(found, str) else None

    def __hash__(self) -> int:
        """Hash by tenant and id: payloads are dictionaries, which have no hash."""
        return hash((self.tenant_id, self.event_id))


#: What ``event.__dict__ = ...`` would do, which a frozen dataclass refuses.
_set_fields = vars(StoredDomainEvent)["__dict__"].__set__


class AggregateKey(NamedTuple):
    """The identity of an aggregate within a tenant."""

    aggregate_type: str
    aggregate_id: str


class Page(list[StoredDomainEvent]):
    """One page of events, and where the next one begins.

    Attributes:
        next_cursor: pass it as ``cursor=`` for the page that follows;
            ``None`` when this page was the last for now.
    """

    def __init__(
        self,
        events: list[StoredDomainEvent] | None = None,
        next_cursor: str | None = None,
    ) -> None:
        """Hold ``events`` and the cursor."""
        super().__init__(events or ())
        self.next_cursor = next_cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A disposable short cut to the state of an aggregate.

    Attributes:
        snapshot_id: unique within the tenant.
        aggregate_version: the version of the last event that ``state`` contains.
        last_event_id: that event.
        state: what folding gave, a JSON object; ``None`` for a mere mark.
        fold_version: the version of the code that folded; another code ignores it.
        created_at: when it was recorded; UTC.
    """

    snapshot_id: str
    tenant_id: str
    aggregate_type: str
    aggregate_id: str
    aggregate_version: int
    last_event_id: str
    state: dict[str, Any] | None
    fold_version: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """The record of one removal: who, when, why, what; never the value itself.

    Attributes:
        redaction_id: unique; also the aggregate id of ``eventstore.EventRedacted``.
        fields: RFC 6901 pointers (``/data/email``); empty for the whole payload.
        kind: ``redacted`` here, or ``imported`` with a log that came so.
    """

    redaction_id: str
    tenant_id: str
    event_id: str
    position: int
    fields: tuple[str, ...]
    reason: str
    actor: dict[str, Any]
    request_id: str | None
    kind: str
    recorded_at: datetime
