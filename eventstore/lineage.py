"""Which stored versions of events can be lifted to the newest shape of their type."""

from __future__ import annotations

from dataclasses import dataclass

from eventstore import sql, tenancy
from eventstore.registry import event_types
from eventstore.upcasting import event_migrations


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
