"""Which stored versions of events can be lifted to the newest shape of their type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eventstore import sql, tenancy
from eventstore.registry import event_types
from eventstore.upcasting import event_migrations

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVersion:
    """A version of an event type that the log holds.

    Attributes:
        event_type: the type.
        event_version: the version as stored.
        count: how many events of all tenants are stored so.
        lifted_to: the version that reads give.
        newest: the newest version that the code knows; ``None`` when it knows of none.
    """

    event_type: str
    event_version: str
    count: int
    lifted_to: str
    newest: str | None

    @property
    def is_stuck(self) -> bool:
        """Return whether no path leads from here to the newest version."""
        return self.newest is not None and self.lifted_to != self.newest


def stored_versions() -> list[StoredVersion]:
    """Return each stored version of each event type; it counts the whole log.

    Raises:
        NotPermitted: row-level security would leave events out.
    """
    tenancy.require_all_tenants("This count")
    return [
        StoredVersion(
            event_type=event_type,
            event_version=event_version,
            count=count,
            lifted_to=event_migrations.newest_version(event_type, event_version),
            newest=newest_version(event_type),
        )
        for event_type, event_version, count in sql.fetch_all("stored_versions")
    ]


@dataclass(frozen=True, slots=True)
class Sighting:
    """The first or the last event of a type."""

    position: int
    event_version: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class SeenType:
    """A type of events that a tenant has.

    Attributes:
        newest_version: the newest version that the code knows; ``None`` when it knows
            of none.
    """

    tenant_id: str
    event_type: str
    first: Sighting
    last: Sighting
    newest_version: str | None


def seen_event_types(
    tenants: Collection[str],
    *,
    up_to: int,
    after: tuple[str, str] | None = None,
    limit: int = 1_000,
) -> list[SeenType]:
    """Return the types that ``tenants`` have, by tenant and name; it counts nothing.

    Args:
        tenants: whose types.
        up_to: the position up to which to look.
        after: the tenant and the type after which to go on.
        limit: how many at most.
    """
    tenant, event_type = after or ("", "")
    rows = sql.fetch_all(
        "seen_event_types",
        {
            "tenants": sorted(tenants),
            "after_tenant": tenant,
            "after_type": event_type,
            "up_to": up_to,
            "limit": limit,
        },
    )
    return [
        SeenType(
            tenant_id=row[0],
            event_type=row[1],
            first=Sighting(*row[2:5]),
            last=Sighting(*row[5:8]),
            newest_version=newest_version(row[1]),
        )
        for row in rows
    ]


def newest_version(event_type: str) -> str | None:
    """Return the newest version that the code knows of ``event_type``, if it does.

    That is where the version leads that its class writes; without a class, where all
    of its migrations lead.
    """
    written = event_types.version_of(event_type)
    if written is not None:
        return event_migrations.newest_version(event_type, written)
    steps = event_migrations.chains().get(event_type, [])
    ends = {event_migrations.newest_version(event_type, old) for old, _ in steps}
    return ends.pop() if len(ends) == 1 else None
