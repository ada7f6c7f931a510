"""What a list shows of an event, and where a page begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from audit_console.queries.conditions import Basis
from audit_console.queries.doors import ACTOR_ID, CAUSATION, CORRELATION
from eventstore.projections.projection import EVENT_REDACTED

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Closer times are one to a reader.
_APART = timedelta(minutes=1)
_CURSOR = re.compile(r"(-?\d{1,17})\.(\d{1,18})", re.ASCII)
_POSITION = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """An event in a list.

    Attributes:
        removal: of the record of a redaction, what it says it was removed from: the
            payload, which has names and numbers only, as JSON text.
        data: the payload as JSON text, where it was asked for.
        metadata: likewise.
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
    actor_id: str | None
    actor_kind: str | None
    actor_name: str | None
    correlation_id: str | None
    causation_id: str | None
    removal: str | None = None
    data: str | None = None
    metadata: str | None = None

    @property
    def is_late(self) -> bool:
        """Return whether its two times are so far apart that both must be told."""
        return abs(self.stored_at - self.occurred_at) >= _APART

    @property
    def actor(self) -> dict[str, str]:
        """Return who did it, as metadata have it; empty for nobody."""
        found = {
            "type": self.actor_kind,
            "id": self.actor_id,
            "name": self.actor_name,
        }
        return {name: text for name, text in found.items() if text is not None}

    def key(self, basis: Basis) -> Key:
        """Return its place in the order of the list."""
        return Key(self.occurred_at if basis == "occurred" else None, self.position)


COLUMNS = f"""e.position, e.event_id, e.tenant_id, e.aggregate_type, e.aggregate_id,
 e.aggregate_version, e.event_type, e.event_version, e.occurred_at, e.stored_at,
 e.is_redacted, {ACTOR_ID} AS actor_id, e.metadata -> 'actor' ->> 'type' AS actor_kind,
 e.metadata -> 'actor' ->> 'name' AS actor_name, {CORRELATION} AS correlation_id,
 {CAUSATION} AS causation_id,
 CASE WHEN e.event_type = '{EVENT_REDACTED}' THEN e.event_data::text END AS removal"""
DOCUMENT_COLUMNS = ", e.event_data::text AS data, e.metadata::text AS metadata"


class Key(NamedTuple):
    """A place in the order: the moment of events that are ordered by it, position."""

    moment: datetime | None
    position: int

    def __str__(self) -> str:
        if self.moment is None:
            return str(self.position)
        return f"{(self.moment - _EPOCH) // timedelta(microseconds=1)}.{self.position}"

    @classmethod
    def parse(cls, text: str, basis: Basis) -> Key | None:
        """Return the key that ``text`` writes for ``basis``, if it does."""
        if basis == "stored":
            return cls(None, int(text)) if _POSITION.fullmatch(text) else None
        found = _CURSOR.fullmatch(text)
        if found is None:
            return None
        try:
            moment = _EPOCH + timedelta(microseconds=int(found[1]))
        except OverflowError:
            return None
        return cls(moment, int(found[2]))


@dataclass(frozen=True, slots=True)
class RowPage:
    """One page, newest first.

    Attributes:
        rows: what is shown.
        newer: pass it as ``after`` for what is newer; ``None`` if nothing is.
        older: pass it as ``before`` for what is older; ``None`` if nothing is.
        is_cut: whether the search stopped before the page was full: it has looked at
            as many events as one page may, and ``older`` (or ``newer``) goes on.
        looked_at: how many events of each tenant it has looked at then.
    """

    rows: tuple[Row, ...]
    newer: Key | None
    older: Key | None
    is_cut: bool = False
    looked_at: int = 0
