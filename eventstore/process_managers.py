"""Process managers (sagas): what must happen next, remembered over events and time.

The state of each process is kept as events of its own. What it decides, its state, the
events that it publishes and its time-outs are committed together with the checkpoint of
its subscription: each is done exactly once, whatever crashes.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import transaction

from eventstore import context, sql
from eventstore.aggregates import Aggregate
from eventstore.conf import store_settings
from eventstore.event_store import store
from eventstore.exceptions import SubscriptionError
from eventstore.subscriptions.declaration import (
    Start,
    Subscription,
    SubscriptionRegistry,
    subscriptions,
)
from eventstore.subscriptions.handlers import handlers_of
from eventstore.types import DomainEvent, StoredDomainEvent

logger = logging.getLogger(__name__)

#: Seconds after which a time-out that failed is tried again.
_TIMEOUT_RETRY = 30.0
#: The process's own events for what undoes its steps.
COMPENSATION_REGISTERED = "ProcessCompensationRegistered"
COMPENSATED = "ProcessCompensated"
#: For ids that are the same whenever the same decision is made again.
_NAMESPACE = uuid.UUID("5f0c8f0e-2f4e-4c58-9a0f-7d8a8f6f9d11")


class ProcessManager(Aggregate):
    """One process, for one correlation id.

    ::

        class ReleaseReadiness(ProcessManager):
            aggregate_type = "ReleaseReadiness"

            @handles("ReleasePlanned")
            def planned(self, event):
                self.record("ReadinessAwaited", {"requirements": [...]})
                self.set_timeout("escalate", due)

            def on_timeout(self, name):
                self.publish(DomainEvent(...))

    ``@applies`` methods fold the process's own events into its state, as in every
    aggregate; ``@handles`` methods decide on the events of others. A handler that
    raises an error leaves nothing behind and is retried like every subscription's.
    """

    #: Where a new process manager begins.
    start: ClassVar[Start] = "beginning"
    #: Only events of these tenants; all by default.
    tenants: ClassVar[frozenset[str] | None] = None

    _handlers: ClassVar[dict[str, str]] = {}

    def __init__(self, aggregate_id: str) -> None:
        """Begin without history; the aggregate id is the correlation id."""
        super().__init__(aggregate_id)
        #: Whose process it is, and what it decides on: an event id, or a time-out.
        self.tenant_id = ""
        self.cause = ""
        self._published: list[DomainEvent] = []
        self._compensations: list[dict[str, Any]] = []
        self._decided: set[str] = set()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the ``@handles`` methods."""
        super().__init_subclass__(**kwargs)
        cls._handlers = cls._handlers | handlers_of(cls)

    @classmethod
    def correlate(cls, event: StoredDomainEvent) -> str | None:
        """Return which process ``event`` belongs to, ``None`` for none of them.

        By default the event's correlation id.
        """
        found = event.metadata.get("correlation_id")
        return found if isinstance(found, str) else None

    def on_timeout(self, name: str) -> None:
        """Decide what to do when the time-out ``name`` has come."""

    def publish(self, event: DomainEvent, *, undo: DomainEvent | None = None) -> None:
        """Append ``event`` with this decision, once however often it is repeated.

        This is how a process commands: what has to act subscribes to such events, and
        finds in their ids a key against doing it twice.

        Args:
            event: what is to happen, or has been decided.
            undo: what ``compensate()`` publishes if the process fails later.
        """
        self._published.append(self._with_own_id(event))
        if undo is not None:
            self.record(
                COMPENSATION_REGISTERED,
                {
                    "event_type": undo.event_type,
                    "aggregate_type": undo.aggregate_type,
                    "aggregate_id": undo.aggregate_id,
                    "event_version": undo.event_version,
                    "data": undo.data,
                },
            )

    def compensate(self) -> None:
        """Publish what undoes the steps so far, the latest first."""
        steps = list(reversed(self._compensations))
        self.record(COMPENSATED, {"steps": len(steps)})
        for step in steps:
            self._published.append(self._with_own_id(DomainEvent(**step)))

    def apply_event(self, event: DomainEvent | StoredDomainEvent) -> None:
        """Fold the process's own events, the registered compensations among them."""
        cause = event.metadata.get("causation_id")
        if isinstance(cause, str):
            self._decided.add(cause)
        if event.event_type == COMPENSATION_REGISTERED:
            self._compensations.append(event.data)
        elif event.event_type == COMPENSATED:
            self._compensations.clear()
        else:
            super().apply_event(event)

    def set_timeout(self, name: str, due: datetime) -> None:
        """Call ``on_timeout(name)`` at ``due``; a new time replaces an older one."""
        sql.fetch_all(
            "timeout_set",
            (self.tenant_id, self.aggregate_type, self.aggregate_id, name, due),
        )

    def cancel_timeout(self, name: str) -> None:
        """Do not call ``on_timeout(name)``."""
        sql.fetch_all(
            "timeout_cancel",
            (self.tenant_id, self.aggregate_type, self.aggregate_id, name),
        )

    @classmethod
    def register(cls, registry: SubscriptionRegistry = subscriptions) -> type[Self]:
        """Have workers run this process manager.

        Raises:
            SubscriptionError: it has no aggregate type, or the name is taken.
        """
        if not cls.aggregate_type:
            raise SubscriptionError(f"{cls.__name__} needs an aggregate_type.")
        registry.add(
            Subscription(
                name=f"process:{cls.aggregate_type}",
                handle=cls.handle,
                event_types=frozenset(cls._handlers),
                tenants=cls.tenants,
                start=cls.start,
                is_transactional=True,
                on_tick=cls.fire_timeouts,
            )
        )
        return cls

    @classmethod
    def handle(cls, event: StoredDomainEvent) -> None:
        """Let the process that ``event`` belongs to decide."""
        correlation_id = cls.correlate(event)
        if correlation_id is None:
            return
        process = cls._of(correlation_id, event.tenant_id, event.event_id)
        if not process.has_decided(event):
            getattr(process, cls._handlers[event.event_type])(event)
            process.commit()

    @classmethod
    def fire_timeouts(cls) -> bool:
        """Let the process whose time-out came first decide; return whether one did.

        Runs in a transaction of its own, which holds the time-out: it fires once. One
        that fails is put off, so that it keeps no other process waiting.
        """
        row = sql.fetch_one("timeout_due", (cls.aggregate_type,))
        if row is None:
            return False
        tenant_id, correlation_id, name, due = row
        try:
            with transaction.atomic(using=store_settings().DATABASE):
                cls._time_out(tenant_id, correlation_id, name, due)
        except Exception:
            logger.exception(
                "A process could not decide on a time-out.",
                extra={"manager": cls.aggregate_type, "correlation_id": correlation_id},
            )
            place = (tenant_id, cls.aggregate_type, correlation_id, name)
            sql.fetch_all("timeout_put_off", (_TIMEOUT_RETRY, *place))
        return True

    @classmethod
    def _time_out(
        cls, tenant_id: str, correlation_id: str, name: str, due: datetime
    ) -> None:
        process = cls._of(
            correlation_id, tenant_id, f"timeout:{name}:{due.isoformat()}"
        )
        with context.event_context(correlation_id=correlation_id):
            process.cancel_timeout(name)
            process.on_timeout(name)
            process.commit()

    @classmethod
    def _of(cls, correlation_id: str, tenant_id: str, cause: str) -> Self:
        process = cls.load(correlation_id, tenant_id)
        process.tenant_id = tenant_id
        process.cause = cause
        return process

    def _with_own_id(self, event: DomainEvent) -> DomainEvent:
        number = len(self._published)
        place = (self.tenant_id, self.aggregate_type, self.aggregate_id, self.cause)
        name = json.dumps([*place, number])
        return replace(event, event_id=str(uuid.uuid5(_NAMESPACE, name)))

    def has_decided(self, event: StoredDomainEvent) -> bool:
        """Return whether the process's history says that it has seen ``event``.

        Only when a checkpoint was set back, since a decision and its checkpoint are
        committed together.
        """
        return event.event_id in self._decided

    def commit(self) -> None:
        """Append the process's own events and what it publishes, all or none."""
        own = self.get_domain_events()
        if own or self._published:
            key = (self.aggregate_type, self.aggregate_id)
            expected = {key: self.version} if own else None
            store.append_events(
                [*own, *self._published], self.tenant_id, expected_version=expected
            )
        self.clear_domain_events()
