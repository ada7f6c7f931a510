"""How the durable subscriptions stand, over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.response import Response

from eventstore.api.operations import status
from eventstore.api.refusals import allow_parameters
from eventstore.api.serializers import MomentField
from eventstore.api.viewsets.scope import ScopedViewSet
from eventstore.roles import Permission

if TYPE_CHECKING:
    from rest_framework.request import Request


class PartitionSerializer(serializers.Serializer[Any]):
    """One partition of a subscription."""

    tenant_id = serializers.CharField(help_text="Empty: the subscription has all.")
    name = serializers.CharField()
    partition = serializers.IntegerField()
    partitions = serializers.IntegerField()
    position = serializers.IntegerField(help_text="Its checkpoint.")
    handled = serializers.IntegerField()
    state = serializers.ChoiceField(["running", "paused", "stopped"])
    last_error = serializers.CharField(
        help_text="Empty where it could quote the event of a tenant that is not yours."
    )
    moved_at = MomentField(allow_null=True)
    worker = serializers.CharField()
    is_run = serializers.BooleanField(help_text="Whether a worker holds it now.")
    waiting = serializers.IntegerField(help_text="Events, counted up to 10,000.")
    lag_seconds = serializers.FloatField()
    retrying = serializers.IntegerField()
    dead = serializers.IntegerField()


class SubscriptionViewSet(ScopedViewSet):
    """Partitions of subscriptions: few, so that they come all at once."""

    serializer_class = PartitionSerializer
    needs = {"list": Permission.VIEW_OPERATIONS}

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Return every partition that the caller may know of."""
        allow_parameters(request, "tenant")
        rows = [asdict(row) for row in status.partitions(self.scope)]
        return Response({"results": self.get_serializer(rows, many=True).data})
