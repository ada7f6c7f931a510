"""The front door: an append-only, multi-tenant event store for Django on PostgreSQL.

Importing it needs no settings and no apps: each name is fetched when it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventstore.aggregates import Aggregate, applies, register_aggregate
    from eventstore.context import event_context
    from eventstore.event_publisher import EventStorePublisher, on_event, publisher
    from eventstore.event_store import EventStoreService, store
    from eventstore.exceptions import (
        AmbiguousAggregate,
        AppendOnlyViolation,
        ConcurrencyError,
        DuplicateEventError,
        EventNotFound,
        EventStoreError,
        FoldError,
        FoldTooLong,
        InvalidCursor,
        InvalidEvent,
        IsolationLevelError,
        MigrationError,
        MigrationRegistryError,
        NotInstalled,
        NotPermitted,
        PositionNotReached,
        RedactionNotApproved,
        RedactionRefused,
        SnapshotOutdated,
        SubscriptionError,
    )
    from eventstore.grants import may, permissions_of, roles_in, tenants_of
    from eventstore.process_managers import ProcessManager
    from eventstore.projections.current_state import CurrentState
    from eventstore.projections.projection import Projection
    from eventstore.publishing import DomainEventPublisher, DomainEventSubscriber
    from eventstore.registry import event_type, event_types
    from eventstore.roles import Permission, Role
    from eventstore.subscriptions.declaration import Subscription, subscribe
    from eventstore.subscriptions.handlers import handles
    from eventstore.types import (
        AggregateKey,
        DomainEvent,
        Page,
        Redaction,
        Snapshot,
        StoredDomainEvent,
        new_event_id,
    )
    from eventstore.upcasting import EventMigrationHandler, event_migrations

_HOMES = {
    "aggregates": ("Aggregate", "applies", "register_aggregate"),
    "context": ("event_context",),
    "exceptions": (
        "AmbiguousAggregate",
        "AppendOnlyViolation",
        "ConcurrencyError",
        "DuplicateEventError",
        "EventNotFound",
        "EventStoreError",
        "FoldError",
        "FoldTooLong",
        "InvalidCursor",
        "InvalidEvent",
        "IsolationLevelError",
        "MigrationError",
        "MigrationRegistryError",
        "NotInstalled",
        "NotPermitted",
        "PositionNotReached",
        "RedactionNotApproved",
        "RedactionRefused",
        "SnapshotOutdated",
        "SubscriptionError",
    ),
    "event_publisher": ("EventStorePublisher", "on_event", "publisher"),
    "grants": ("may", "permissions_of", "roles_in", "tenants_of"),
    "process_managers": ("ProcessManager",),
    "projections.current_state": ("CurrentState",),
    "projections.projection": ("Projection",),
    "publishing": ("DomainEventPublisher", "DomainEventSubscriber"),
    "registry": ("event_type", "event_types"),
    "roles": ("Permission", "Role"),
    "event_store": ("EventStoreService", "store"),
    "subscriptions.declaration": ("Subscription", "subscribe"),
    "subscriptions.handlers": ("handles",),
    "types": (
        "AggregateKey",
        "DomainEvent",
        "Page",
        "Redaction",
        "Snapshot",
        "StoredDomainEvent",
        "new_event_id",
    ),
    "upcasting": ("EventMigrationHandler", "event_migrations"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

# Written out, since type checkers read no expression; a test holds it to _HOMES.
__all__ = [
    "Aggregate",
    "AggregateKey",
    "AmbiguousAggregate",
    "AppendOnlyViolation",
    "ConcurrencyError",
    "CurrentState",
    "DomainEvent",
    "DomainEventPublisher",
    "DomainEventSubscriber",
    "DuplicateEventError",
    "EventMigrationHandler",
    "EventNotFound",
    "EventStoreError",
    "EventStorePublisher",
    "EventStoreService",
    "FoldError",
    "FoldTooLong",
    "InvalidCursor",
    "InvalidEvent",
    "IsolationLevelError",
    "MigrationError",
    "MigrationRegistryError",
    "NotInstalled",
    "NotPermitted",
    "Page",
    "Permission",
    "PositionNotReached",
    "ProcessManager",
    "Projection",
    "Redaction",
    "RedactionNotApproved",
    "RedactionRefused",
    "Role",
    "Snapshot",
    "SnapshotOutdated",
    "StoredDomainEvent",
    "Subscription",
    "SubscriptionError",
    "applies",
    "event_context",
    "event_migrations",
    "event_type",
    "event_types",
    "handles",
    "may",
    "new_event_id",
    "on_event",
    "permissions_of",
    "publisher",
    "register_aggregate",
    "roles_in",
    "store",
    "subscribe",
    "tenants_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"eventstore.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(_HOME_OF)
