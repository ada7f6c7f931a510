"""What a projection is: handlers by event type that write ordinary models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet

from eventstore.conf import store_settings
from eventstore.exceptions import SubscriptionError
from eventstore.subscriptions.declaration import (
    Start,
    Subscription,
    SubscriptionRegistry,
    subscriptions,
)
from eventstore.subscriptions.handlers import handlers_of
from eventstore.types import StoredDomainEvent

#: Reaches every projection: what it copied from a payload may have to go.
EVENT_REDACTED = "eventstore.EventRedacted"


class Projection:
    """A read model: its rows and its checkpoint are committed together, exactly once.

    ::

        class OpenRequirements(Projection):
            name = "open-requirements"
            models = (OpenRequirement,)
            copies_payload = False

            @handles("RequirementCreated")
            def created(self, event):
                OpenRequirement.objects.create(id=event.aggregate_id)

    In a module ``projections.py`` of an installed app, ``OpenRequirements.register()``
    has the worker run it. The handlers write to the store's database and nowhere else;
    what must happen outside goes through ``after_commit``, which a rebuild leaves out.
    """

    #: The key of the checkpoint.
    name: ClassVar[str] = ""
    #: The models whose rows are this projection's, and no one else's.
    models: ClassVar[tuple[type[Model], ...]] = ()
    #: Fields that a comparison of two builds leaves out, such as times of writing.
    volatile_fields: ClassVar[frozenset[str]] = frozenset()
    #: Whether rows hold values of payloads: then ``on_redacted`` is required.
    copies_payload: ClassVar[bool] = True
    #: Only events of these tenants; all by default.
    tenants: ClassVar[frozenset[str] | None] = None
    #: Where a new projection begins.
    start: ClassVar[Start] = "beginning"
    #: How many workers can share it, each with aggregates of its own.
    partitions: ClassVar[int] = 1
    #: Events a transaction.
    batch_size: ClassVar[int] = 1000

    _handlers: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        """Begin live."""
        self.is_rebuilding = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Collect the ``@handles`` methods."""
        super().__init_subclass__(**kwargs)
        cls._handlers = cls._handlers | handlers_of(cls)

    def project(self, event: StoredDomainEvent) -> None:
        """Give ``event`` to its handler."""
        if event.event_type == EVENT_REDACTED:
            self.on_redacted(event)
        elif (attribute := self._handlers.get(event.event_type)) is not None:
            getattr(self, attribute)(event)

    def project_batch(self, events: Sequence[StoredDomainEvent]) -> None:
        """Handle many events in one transaction; override it to write in bulk.

        When it raises an error, everything is undone and ``project_batch`` is called
        for each event alone: the one that fails is held back, the others go on.
        """
        for event in events:
            self.project(event)

    def on_redacted(self, event: StoredDomainEvent) -> None:
        """Remove what was copied from a payload that was redacted.

        ``event.data`` names the event (``event_id``, ``position``, ``event_type``, its
        aggregate) and the ``fields`` that were removed; no fields mean the payload.
        """

    @classmethod
    def rows(cls, model: type[Model]) -> QuerySet[Any]:
        """Return the rows of ``model`` that are this projection's; all by default."""
        return model._default_manager.all()  # noqa: SLF001 - Django's public API

    def after_commit(self, effect: Callable[[], object]) -> None:
        """Call ``effect`` after the commit, unless this is a rebuild."""
        if not self.is_rebuilding:
            transaction.on_commit(effect, using=store_settings().DATABASE)

    @classmethod
    def register(
        cls, registry: SubscriptionRegistry = subscriptions
    ) -> type[Projection]:
        """Have workers run this projection.

        Raises:
            SubscriptionError: it has no name or the name is taken, or it copies
                payloads and does not say what a redaction does to its rows.
        """
        projection = cls()
        registry.add(projection.subscription())
        registered[cls.name] = cls
        return cls

    def subscription(self) -> Subscription:
        """Return the subscription that keeps this projection.

        Raises:
            SubscriptionError: it copies payloads and has no ``on_redacted``.
        """
        if self.copies_payload and type(self).on_redacted is Projection.on_redacted:
            raise SubscriptionError(
                f"{type(self).__name__} copies payloads and has no on_redacted(): a "
                "redacted value would live on in its rows. Write one, or set "
                "copies_payload = False if no row holds a value of a payload."
            )
        handled = self.handled_types()
        return Subscription(
            name=self.name,
            handle=self.project,
            handle_batch=self.project_batch,
            event_types=None if handled is None else handled | {EVENT_REDACTED},
            tenants=self.tenants,
            start=self.start,
            partitions=self.partitions,
            batch_size=self.batch_size,
            is_transactional=True,
        )

    def handled_types(self) -> frozenset[str] | None:
        """Return the event types that it wants, ``None`` for all."""
        return frozenset(self._handlers) or None


#: The registered projections, by name.
registered: dict[str, type[Projection]] = {}
