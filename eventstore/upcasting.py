"""Event migrations: old payloads lifted to the newest shape, one step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from eventstore.exceptions import MigrationError, MigrationRegistryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eventstore.types import StoredDomainEvent

    Payload = dict[str, Any]
    Migration = Callable[[Payload], Payload]

F = TypeVar("F")

#: What stands in the place of a payload, or of a value, that was redacted.
REDACTED = {"redacted": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """One step of a migration, done to the payload of one event.

    Attributes:
        from_version: the version that went in.
        to_version: the version that came out.
        migration: what lifted it.
        data: the payload that came out.
    """

    from_version: str
    to_version: str
    migration: Migration
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """The dotted name of the migration."""
        fn = self.migration
        name = getattr(fn, "__qualname__", type(fn).__qualname__)
        return f"{getattr(fn, '__module__', type(fn).__module__)}.{name}"


class EventMigrationHandler:
    """A registry of event migrations, and what applies them.

    Steps of one event type form chains: ``v1 -> v2 -> v3``. A wholly redacted payload
    passes as it is, with only its version raised; a partly redacted one meets
    ``{"redacted": true}`` where the value was.
    """

    def __init__(self) -> None:
        """Begin with no migrations."""
        self._steps: dict[str, dict[str, tuple[str, Migration]]] = {}

    def register_migration(
        self, event_type: str, from_version: str, to_version: str, fn: Migration
    ) -> None:
        """Lift payloads of ``event_type`` from one version to the next with ``fn``.

        Args:
            event_type: the type whose payloads change.
            from_version: the version that goes in.
            to_version: the version that comes out.
            fn: takes the old payload and returns the new one; it must not change the
                old one, and it gets the same result for the same payload, always.

        Raises:
            MigrationRegistryError: the version already has a step, or the chain would
                lead back to itself.
        """
        steps = self._steps.setdefault(event_type, {})
        if from_version in steps:
            raise MigrationRegistryError(
                f"{event_type} {from_version} already migrates to "
                f"{steps[from_version][0]}; it cannot go to {to_version} too."
            )
        if from_version in (to_version, *self._path(event_type, to_version)):
            raise MigrationRegistryError(
                f"{event_type} {from_version} -> {to_version} would lead back to "
                f"{from_version}: a chain must end."
            )
        steps[from_version] = (to_version, fn)

    def migration(
        self, event_type: str, from_version: str, to_version: str
    ) -> Callable[[F], F]:
        """Register the decorated function as a migration."""

        def register(fn: F) -> F:
            self.register_migration(event_type, from_version, to_version, fn)  # type: ignore[arg-type]  # any callable is let through unchanged
            return fn

        return register

    def migrate_if_needed(self, event: StoredDomainEvent) -> StoredDomainEvent:
        """Return ``event`` lifted to the newest version of its type.

        Raises:
            MigrationError: a step raised an error or returned no dictionary; it names
                event, type and versions, and the cause is chained.
        """
        steps = self._steps.get(event.event_type)
        if steps is None or event.event_version not in steps:
            return event
        version, data = event.event_version, event.data
        for lift in self.lifts(event):
            version, data = lift.to_version, lift.data
        return event.upcast_to(version, data)

    def lifts(self, event: StoredDomainEvent) -> Iterator[Lift]:
        """Yield the steps that lift ``event`` to the newest version, as each is done.

        Raises:
            MigrationError: as of ``migrate_if_needed()``, after the steps before it.
        """
        steps = self._steps.get(event.event_type, {})
        version, data = event.event_version, event.data
        is_blank = event.is_redacted and data == REDACTED
        while version in steps:
            newer, fn = steps[version]
            if not is_blank:
                data = _apply(fn, data, event, version, newer)
            yield Lift(
                from_version=version,
                to_version=newer,
                migration=fn,
                data=data,
            )
            version = newer

    def newest_version(self, event_type: str, event_version: str) -> str:
        """Return the version that ``event_version`` is lifted to."""
        return [event_version, *self._path(event_type, event_version)][-1]

    def chains(self) -> dict[str, list[tuple[str, str]]]:
        """Return the steps of every event type, each as (from, to)."""
        return {
            event_type: [(old, new) for old, (new, _) in steps.items()]
            for event_type, steps in sorted(self._steps.items())
        }

    def find_faults(self) -> list[str]:
        """Return what is wrong with the chains, a sentence each.

        A type whose steps do not all end in one version has a gap: some payloads would
        stay behind the others.
        """
        faults = []
        for event_type, steps in sorted(self._steps.items()):
            ends = {self.newest_version(event_type, version) for version in steps}
            if len(ends) > 1:
                faults.append(
                    f"The migrations of {event_type} end in different versions "
                    f"({', '.join(sorted(ends))}): a step between them is missing."
                )
        return faults

    def clear(self) -> None:
        """Forget every migration."""
        self._steps.clear()

    def _path(self, event_type: str, version: str) -> Iterator[str]:
        steps = self._steps.get(event_type, {})
        while version in steps:
            version = steps[version][0]
            yield version


def _apply(
    fn: Migration, data: Payload, event: StoredDomainEvent, old: str, new: str
) -> Payload:
    try:
        lifted = fn(data)
    except Exception as error:
        raise _failure(event, old, new, f"{type(error).__name__}: {error}") from error
    if not isinstance(lifted, dict):
        raise _failure(event, old, new, f"it returned {type(lifted).__name__}, no dict")
    return lifted


def _failure(
    event: StoredDomainEvent, old: str, new: str, cause: str
) -> MigrationError:
    return MigrationError(
        f"Migrating event {event.event_id} ({event.event_type}, position "
        f"{event.position}) from {old} to {new} failed: {cause}",
        event_id=event.event_id,
        event_type=event.event_type,
        from_version=old,
        to_version=new,
    )


#: The registry of the process; tests make one of their own.
event_migrations = EventMigrationHandler()
