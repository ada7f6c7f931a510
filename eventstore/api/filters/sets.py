"""What the lists can be filtered by: each filter walks an index of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.db.models import Exists, OuterRef

from eventstore import reading
from eventstore.api.filters.fields import (
    FlagFilter,
    MetadataFilter,
    MomentFilter,
    PositionFilter,
    TextFilter,
    TextsFilter,
)
from eventstore.api.filters.payload import PayloadFilter
from eventstore.disclosure import is_personal
from eventstore.models import (
    AggregateHead,
    EventRedaction,
    EventSnapshot,
    StoredEvent,
)
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from eventstore.api.filters.payload import Contained


class Filters(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """The filters of a list, and what they mean for reading a page of it."""

    #: Filters for whose rows no index has the order of the page.
    unordered: ClassVar[frozenset[str]] = frozenset()

    @property
    def given(self) -> dict[str, Any]:
        """The filters that are given, with their values."""
        cleaned: dict[str, Any] = self.form.cleaned_data
        return {
            name: value
            for name, value in cleaned.items()
            if value is not None and value not in ("", [])
        }

    @property
    def walks(self) -> bool:
        """Whether an index has the rows in the order of the page."""
        return not self.unordered & self.given.keys()

    @property
    def each(self) -> tuple[str, list[str]] | None:
        """A column and the values of it that are read one by one."""
        return None

    @property
    def contained(self) -> Contained | None:
        """What the payloads must contain."""
        return None

    @property
    def discloses(self) -> frozenset[Permission]:
        """The permissions without which filtering would tell what is hidden."""
        return frozenset()


class AggregateEventFilterSet(Filters):
    """Events of one aggregate."""

    event_type = TextsFilter()
    version_from = PositionFilter(field_name="aggregate_version", lookup_expr="gte")
    version_up_to = PositionFilter(field_name="aggregate_version", lookup_expr="lte")

    class Meta:
        """Only what is declared."""

        model = StoredEvent
        fields = ()


class EventFilterSet(Filters):
    """Events across aggregates. Ranges of time begin at their start and end before."""

    unordered = frozenset(
        {"aggregate_id", "occurred_from", "occurred_before", "is_redacted"}
    )
    #: Filters that leave few events, so that these are what is walked.
    narrow: ClassVar[frozenset[str]] = frozenset(
        {"aggregate_id", "actor_id", "correlation_id", "causation_id"}
    )

    event_type = TextsFilter()
    aggregate_type = TextFilter()
    aggregate_id = TextFilter()
    actor_id = MetadataFilter("actor", "id")
    correlation_id = MetadataFilter("correlation_id")
    causation_id = MetadataFilter("causation_id")
    occurred_from = MomentFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = MomentFilter(field_name="occurred_at", lookup_expr="lt")
    stored_from = MomentFilter(field_name="stored_at", lookup_expr="gte")
    stored_before = MomentFilter(field_name="stored_at", lookup_expr="lt")
    position_after = PositionFilter(field_name="position", lookup_expr="gt")
    position_up_to = PositionFilter(field_name="position", lookup_expr="lte")
    is_redacted = FlagFilter(method="filter_redacted")
    payload = PayloadFilter()

    class Meta:
        """Only what is declared."""

        model = StoredEvent
        fields = ()

    @property
    def each(self) -> tuple[str, list[str]] | None:
        """The types, each of which has its part of an index."""
        types: list[str] = self.given.get("event_type", [])
        if not types or (self.unordered | self.narrow) & self.given.keys():
            return None
        return "event_type", types

    @property
    def contained(self) -> Contained | None:
        """What the payloads must contain."""
        found: Contained | None = self.given.get("payload")
        return found

    @property
    def discloses(self) -> frozenset[Permission]:
        """To filter by a value is to learn it."""
        return frozenset(self._disclosed())

    def filter_queryset(self, queryset: QuerySet[StoredEvent]) -> QuerySet[StoredEvent]:
        """Return the events; a range of stored time becomes one of positions too.

        ``stored_at`` has no index. It rises with the position, but for what an append
        waits between taking its time and its position: hence the tolerance.
        """
        found: QuerySet[StoredEvent] = super().filter_queryset(queryset)
        moments = [self.given.get(name) for name in ("stored_from", "stored_before")]
        if any(moments):
            after, up_to = reading.stored_bounds(*moments)
            bounds = {"position__gt": after, "position__lte": up_to}
            found = found.filter(
                **{name: value for name, value in bounds.items() if value is not None}
            )
        return found

    def filter_redacted(
        self,
        events: QuerySet[StoredEvent],
        _name: str,
        value: bool | None,  # noqa: FBT001 - django-filter's call
    ) -> QuerySet[StoredEvent]:
        """Ask the records of redactions: they are few, and the flag has no index."""
        if value is None:
            return events
        if not value:
            return events.filter(is_redacted=False)
        records = EventRedaction.objects.filter(
            tenant_id=OuterRef("tenant_id"), position=OuterRef("position")
        )
        return events.filter(Exists(records), is_redacted=True)

    def _disclosed(self) -> Iterator[Permission]:
        contained = self.contained
        if contained is not None:
            yield Permission.VIEW_PAYLOAD
        paths = [("data", *path) for path in contained.paths] if contained else []
        paths += [
            ("metadata", *item.keys)
            for name, item in self.filters.items()
            if isinstance(item, MetadataFilter) and name in self.given
        ]
        if any(map(is_personal, paths)):
            yield Permission.VIEW_PII


class AggregateFilterSet(Filters):
    """Aggregates."""

    aggregate_type = TextFilter()
    aggregate_id = TextFilter()

    class Meta:
        """Only what is declared."""

        model = AggregateHead
        fields = ()


class AggregateSnapshotFilterSet(Filters):
    """Snapshots of one aggregate, which no index has in the order of the page."""

    @property
    def walks(self) -> bool:
        """Return false: they are few, and sorted."""
        return False

    class Meta:
        """Only what is declared."""

        model = EventSnapshot
        fields = ()


class SnapshotFilterSet(AggregateFilterSet):
    """Snapshots, of one aggregate as a rule."""

    unordered = frozenset({"aggregate_id", "aggregate_type"})

    class Meta:
        """Only what is declared."""

        model = EventSnapshot
        fields = ()
