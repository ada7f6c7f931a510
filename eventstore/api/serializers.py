"""Rows as JSON: times in UTC (RFC 3339), positions and versions as numbers."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.reverse import reverse

from eventstore import serialization
from eventstore.api.lifting import lift
from eventstore.api.segments import to_segment
from eventstore.disclosure import disclose


class MomentField(serializers.DateTimeField):
    """Always UTC, whatever time zone the host has activated."""

    def __init__(self, **kwargs: Any) -> None:
        """Fix the time zone and the format."""
        super().__init__(default_timezone=UTC, format="iso-8601", **kwargs)


def written(moment: datetime) -> str:
    """Return ``moment`` as every answer has it: RFC 3339, in UTC."""
    return str(MomentField().to_representation(moment))


class ExactJSONField(serializers.JSONField):
    """The JSON text of the database, decoded without floats."""

    def to_representation(self, value: Any) -> Any:
        """Return the document, with ``Decimal`` for numbers that have a fraction."""
        return None if value is None else serialization.decode(value, decimals=True)


if TYPE_CHECKING:
    from datetime import datetime

#: What of an event tells how it was lifted.
_LIFTED = frozenset({"event_version", "upcast_from"})


class _Linked(serializers.Serializer[Any]):
    """A row with its own address, which names its tenant."""

    url = serializers.SerializerMethodField()

    def get_fields(self) -> dict[str, Any]:
        """Return the fields that ``?fields=`` chooses, all of them without it.

        Raises:
            ValidationError: it chooses one that is none.
        """
        fields: dict[str, Any] = super().get_fields()
        chosen = getattr(self.context.get("view"), "chosen", None)
        if chosen is None:
            return fields
        unknown = sorted(chosen - fields.keys())
        if unknown:
            raise serializers.ValidationError(
                {
                    "fields": [
                        _("There is no field %(name)s; there are %(known)s.")
                        % {"name": name, "known": ", ".join(fields)}
                        for name in unknown
                    ]
                }
            )
        return {name: field for name, field in fields.items() if name in chosen}

    def get_url(self, row: Any) -> str:
        """Return where this row is."""
        view, key = self.place(row)
        address = reverse(
            f"eventstore-api:{view}-detail",
            kwargs={"key": key},
            request=self.context["request"],
        )
        return f"{address}?{urlencode({'tenant': row.tenant_id})}"

    def place(self, row: Any) -> tuple[str, str]:
        """Return the name of the view and the key of ``row`` in it."""
        raise NotImplementedError


class _Disclosed(_Linked):
    """A row with documents, of which the caller sees what their grants show.

    Attributes:
        documents: the fields that may have to be hidden.
    """

    documents: ClassVar[tuple[str, ...]]

    hidden = serializers.ListField(
        child=serializers.CharField(),
        default=list,
        read_only=True,
        help_text="JSON pointers to what is there and not shown to you.",
    )

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return the fields; what is hidden is null and named in ``hidden``."""
        fields = super().to_representation(row)
        documents = {name: fields[name] for name in self.documents if name in fields}
        allowed = self.context["view"].grants[row.tenant_id]
        shown, hidden = disclose(documents, allowed)
        # Named even where the caller did not select it: null must not be taken for it.
        return {**fields, **shown} | ({"hidden": hidden} if hidden else {})


class EventSerializer(_Disclosed):
    """One event as it is stored."""

    documents = ("data", "metadata")

    position = serializers.IntegerField()
    event_id = serializers.CharField()
    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    aggregate_version = serializers.IntegerField()
    event_type = serializers.CharField()
    event_version = serializers.CharField()
    occurred_at = MomentField()
    stored_at = MomentField()
    data = ExactJSONField(source="data_text")  # type: ignore[assignment]  # a field: Serializer.data stays
    metadata = ExactJSONField(source="metadata_text")
    is_redacted = serializers.BooleanField()
    snapshot_id = serializers.CharField(allow_null=True)
    upcast_from = serializers.CharField(
        read_only=True,
        default=None,
        allow_null=True,
        help_text="The version as stored, where ?version=latest has lifted it.",
    )

    def get_fields(self) -> dict[str, Any]:
        """Return those that are chosen, and the payload where it is lifted with them.

        Which version an event is lifted to is known when its payload was.
        """
        fields = super().get_fields()
        self._is_data_extra = (
            self._is_lifting and "data" not in fields and not _LIFTED.isdisjoint(fields)
        )
        if self._is_data_extra:
            fields["data"] = ExactJSONField(source="data_text")
        return fields

    def to_representation(self, row: Any) -> dict[str, Any]:
        """Return the fields; with ``?version=latest`` in the newest shape."""
        fields = super().to_representation(row)
        if not self._is_lifting:
            return fields
        lifted = lift(fields, row)
        if self._is_data_extra:
            del lifted["data"]
        return lifted

    @property
    def _is_lifting(self) -> bool:
        return getattr(self.context.get("view"), "is_lifting", False)

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by its id."""
        return "event", to_segment(row.event_id)


class AggregateSerializer(_Linked):
    """Where an aggregate stands."""

    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    current_version = serializers.IntegerField()
    last_stored_at = MomentField()

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by type and id."""
        key = f"{to_segment(row.aggregate_type)}/{to_segment(row.aggregate_id)}"
        return "aggregate", key


class SnapshotSerializer(_Disclosed):
    """A short cut to the state of an aggregate."""

    documents = ("state",)

    snapshot_id = serializers.CharField()
    tenant_id = serializers.CharField()
    aggregate_type = serializers.CharField()
    aggregate_id = serializers.CharField()
    aggregate_version = serializers.IntegerField()
    last_event_id = serializers.CharField()
    state = ExactJSONField(source="state_text", allow_null=True)
    fold_version = serializers.CharField()
    created_at = MomentField()

    def place(self, row: Any) -> tuple[str, str]:
        """Find it by its id."""
        return "snapshot", to_segment(row.snapshot_id)
