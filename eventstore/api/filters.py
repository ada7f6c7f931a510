"""What the lists can be filtered by: each filter walks an index of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef
from django.db.models.lookups import Exact
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError

from eventstore.models import (
    AggregateHead,
    EventRedaction,
    EventSnapshot,
    StoredEvent,
)
from eventstore.models.event import metadata_text

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.views import APIView

_LARGEST = (1 << 63) - 1


class MomentField(forms.Field):
    """A date and time with its offset from UTC; without one nobody knows when it is."""

    default_error_messages = {
        "invalid": _("Give date, time and offset, as in 2026-01-31T12:00:00Z."),
    }

    def to_python(self, value: str | None) -> datetime | None:
        """Return the moment.

        Raises:
            ValidationError: it is none, or has no offset.
        """
        if not value:
            return None
        try:
            # In a query a plus that was not encoded arrives as a space.
            moment = parse_datetime(value.strip().replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise forms.ValidationError(self.error_messages["invalid"], "invalid")
        return moment


class MomentFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """One end of a range of time."""

    field_class = MomentField


class PositionFilter(django_filters.Filter):  # type: ignore[misc]  # untyped base
    """One end of a range of positions or versions."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Refuse what no bigint holds."""
        super().__init__(*args, min_value=0, max_value=_LARGEST, **kwargs)


class MetadataFilter(django_filters.CharFilter):  # type: ignore[misc]  # untyped base
    """A text inside the metadata, in the form that its index answers."""

    def __init__(self, *keys: str) -> None:
        """Take the keys that lead to the text."""
        super().__init__()
        self.keys = keys

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep the events whose metadata hold ``value`` there."""
        return qs.filter(Exact(metadata_text(*self.keys), value)) if value else qs


class AggregateEventFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """Events of one aggregate."""

    event_type = django_filters.CharFilter()
    version_from = PositionFilter(field_name="aggregate_version", lookup_expr="gte")
    version_up_to = PositionFilter(field_name="aggregate_version", lookup_expr="lte")

    class Meta:
        """Only what is declared."""

        model = StoredEvent
        fields = ()


class EventFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """Events across aggregates. Ranges of time begin at their start and end before."""

    event_type = django_filters.CharFilter()
    aggregate_type = django_filters.CharFilter()
    aggregate_id = django_filters.CharFilter()
    actor_id = MetadataFilter("actor", "id")
    correlation_id = MetadataFilter("correlation_id")
    causation_id = MetadataFilter("causation_id")
    occurred_from = MomentFilter(field_name="occurred_at", lookup_expr="gte")
    occurred_before = MomentFilter(field_name="occurred_at", lookup_expr="lt")
    stored_from = MomentFilter(field_name="stored_at", lookup_expr="gte")
    stored_before = MomentFilter(field_name="stored_at", lookup_expr="lt")
    position_after = PositionFilter(field_name="position", lookup_expr="gt")
    position_up_to = PositionFilter(field_name="position", lookup_expr="lte")
    is_redacted = django_filters.BooleanFilter(method="filter_redacted")

    class Meta:
        """Only what is declared."""

        model = StoredEvent
        fields = ()

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


class AggregateFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # untyped base
    """Aggregates."""

    aggregate_type = django_filters.CharFilter()
    aggregate_id = django_filters.CharFilter()

    class Meta:
        """Only what is declared."""

        model = AggregateHead
        fields = ()


class SnapshotFilterSet(AggregateFilterSet):
    """Snapshots, of one aggregate as a rule."""

    class Meta:
        """Only what is declared."""

        model = EventSnapshot
        fields = ()


class StrictFilterBackend(DjangoFilterBackend):  # type: ignore[misc]  # untyped base
    """Refuse what is no parameter: a misspelt filter must not return everything."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: APIView
    ) -> QuerySet[Any]:
        """Return ``queryset`` filtered.

        Raises:
            ValidationError: a parameter is unknown or has an impossible value.
        """
        filterset = self.get_filterset_class(view, queryset)
        known = [*(filterset.base_filters if filterset else ()), *_common(view)]
        unknown = sorted(set(request.query_params) - set(known))
        if unknown:
            refusal = _("Unknown parameter; known are %(known)s.") % {
                "known": ", ".join(sorted(known))
            }
            raise ValidationError({name: [refusal] for name in unknown})
        filtered: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return filtered


def _common(view: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = ("tenant", *view.pagination_class.parameters)
    return names
