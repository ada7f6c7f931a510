"""Typed events: a dataclass for an event type, beside plain ``DomainEvent``s."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

from eventstore.exceptions import MigrationRegistryError
from eventstore.types import DomainEvent

if TYPE_CHECKING:
    from collections.abc import Callable

    from eventstore.types import StoredDomainEvent

T = TypeVar("T")


class EventTypeRegistry:
    """Which class stands for which event type, and in which version it is written."""

    def __init__(self) -> None:
        """Begin with no types."""
        self._classes: dict[str, tuple[type[Any], str]] = {}
        self._names: dict[type[Any], str] = {}

    def event_type(
        self, name: str | None = None, *, version: str = "v1"
    ) -> Callable[[type[T]], type[T]]:
        """Register the decorated dataclass as the payload of an event type.

        Args:
            name: the event type; the class's name by default.
            version: the version of the payload that the class describes.

        Raises:
            MigrationRegistryError: the class is no dataclass, or the name is taken.
        """

        def register(cls: type[T]) -> type[T]:
            event_type = name or cls.__name__
            if not dataclasses.is_dataclass(cls):
                raise MigrationRegistryError(f"{cls.__name__} must be a dataclass.")
            known = self._classes.get(event_type)
            if known is not None and known[0].__qualname__ != cls.__qualname__:
                raise MigrationRegistryError(
                    f"Event type {event_type} is {known[0].__qualname__} already."
                )
            self._classes[event_type] = (cls, version)
            self._names[cls] = event_type
            return cls

        return register

    def to_event(
        self, payload: Any, *, aggregate_type: str, aggregate_id: str, **more: Any
    ) -> DomainEvent:
        """Return the event that carries ``payload``, an object of a registered class.

        Args:
            payload: what becomes the event's ``data``.
            aggregate_type: as of ``DomainEvent``.
            aggregate_id: as of ``DomainEvent``.
            more: further fields of ``DomainEvent``.

        Raises:
            KeyError: the class is not registered.
        """
        event_type = self._names[type(payload)]
        return DomainEvent(
            event_type=event_type,
            event_version=self._classes[event_type][1],
            aggregate_type=aggregate_type,
            aggregate_id=aggregate_id,
            data=dataclasses.asdict(payload),
            **more,
        )

    def to_payload(self, event: DomainEvent | StoredDomainEvent) -> Any:
        """Return the payload of an upcast ``event`` as an object of its class.

        Fields that the class does not know are left out.

        Raises:
            KeyError: the event type is not registered.
            TypeError: a field without a default is missing, as in a redacted payload.
        """
        cls, _ = self._classes[event.event_type]
        known = {item.name for item in dataclasses.fields(cls)}
        return cls(**{key: item for key, item in event.data.items() if key in known})

    def version_of(self, event_type: str) -> str | None:
        """Return the version that is written for ``event_type``, if registered."""
        known = self._classes.get(event_type)
        return known[1] if known else None


#: The registry of the process.
event_types = EventTypeRegistry()
event_type = event_types.event_type
