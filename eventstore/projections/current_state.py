"""The current state of every aggregate of a type: a materialised read model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django.core.cache import cache
from django.db.models import Model, QuerySet

from eventstore.aggregates import Aggregate
from eventstore.models import AggregateState
from eventstore.projections.projection import EVENT_REDACTED, Projection
from eventstore.types import StoredDomainEvent

#: Seconds for which a state that was read is kept in Django's cache.
CACHED = 300


class CurrentState(Projection):
    """Folds with an ``Aggregate`` class and keeps each state as a row.

    ::

        class Requirements(CurrentState):
            name = "requirements"
            aggregate = Requirement

        Requirements.register()
        Requirements.get("R-17", "acme")     # {"status": "approved", ...} or None
    """

    aggregate: ClassVar[type[Aggregate]] = Aggregate
    models = (AggregateState,)
    volatile_fields = frozenset({"written_at"})

    def handled_types(self) -> frozenset[str]:
        """Return the types that the aggregate folds."""
        return frozenset(self.aggregate._appliers)  # noqa: SLF001 - the same house

    def project_batch(self, events: Sequence[StoredDomainEvent]) -> None:
        """Fold the events of each aggregate and write each row once."""
        wanted = [
            event
            for event in events
            if event.aggregate_type == self.aggregate.aggregate_type
        ]
        states = self._load({(event.tenant_id, event.aggregate_id) for event in wanted})
        for event in wanted:
            state = states[event.tenant_id, event.aggregate_id]
            state.apply_event(event)
            state.version = event.aggregate_version
        self._write(states)
        for event in events:
            if event.event_type == EVENT_REDACTED:
                self.on_redacted(event)

    def on_redacted(self, event: StoredDomainEvent) -> None:
        """Fold the aggregate anew: what was removed is no longer in its history."""
        if event.data["aggregate_type"] != self.aggregate.aggregate_type:
            return
        key = (event.tenant_id, event.data["aggregate_id"])
        row = self.rows().filter(tenant_id=key[0], aggregate_id=key[1]).first()
        if row is not None:
            again = self.aggregate.load(key[1], key[0], up_to_version=row.version)
            self._write({key: again})

    @classmethod
    def get(cls, aggregate_id: str, tenant_id: str) -> dict[str, Any] | None:
        """Return the state of an aggregate as far as the projection has come.

        The row's version is read each time, its state comes from the cache while the
        version is the same.
        """
        rows = cls.rows().filter(tenant_id=tenant_id, aggregate_id=aggregate_id)
        stamp = rows.values_list("version", "written_at").first()
        if stamp is None:
            return None
        place = json.dumps([tenant_id, cls.name, aggregate_id, *map(str, stamp)])
        key = f"eventstore:{hashlib.sha256(place.encode()).hexdigest()}"
        state: dict[str, Any] | None = cache.get(key)
        if state is None:
            state = rows.values_list("state", flat=True).get()
            cache.set(key, state, CACHED)
        return state

    @classmethod
    def rows(cls, model: type[Model] = AggregateState) -> QuerySet[Any]:
        """Return this projection's rows: the table is shared."""
        return model._default_manager.filter(  # noqa: SLF001 - Django's public API
            projection=cls.name, aggregate_type=cls.aggregate.aggregate_type
        )

    def _load(self, keys: set[tuple[str, str]]) -> dict[tuple[str, str], Aggregate]:
        rows = self.rows().filter(
            tenant_id__in={tenant_id for tenant_id, _ in keys},
            aggregate_id__in={aggregate_id for _, aggregate_id in keys},
        )
        known = {(row.tenant_id, row.aggregate_id): row for row in rows}
        states = {}
        for key in keys:
            states[key] = self.aggregate(key[1])
            if key in known:
                states[key].set_state(known[key].state)
                states[key].version = known[key].version
        return states

    def _write(self, states: dict[tuple[str, str], Aggregate]) -> None:
        AggregateState.objects.bulk_create(
            [
                AggregateState(
                    tenant_id=tenant_id,
                    projection=self.name,
                    aggregate_type=self.aggregate.aggregate_type,
                    aggregate_id=aggregate_id,
                    version=state.version,
                    state=state.get_state(),
                )
                for (tenant_id, aggregate_id), state in states.items()
            ],
            update_conflicts=True,
            unique_fields=["tenant_id", "projection", "aggregate_type", "aggregate_id"],
            update_fields=["version", "state", "written_at"],
        )
