"""The addresses of the API; mount them under a version."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from eventstore.api.viewsets import AggregateViewSet, EventViewSet, SnapshotViewSet

app_name = "eventstore-api"

router = SimpleRouter()
router.register("events", EventViewSet, basename="event")
router.register("aggregates", AggregateViewSet, basename="aggregate")
router.register("snapshots", SnapshotViewSet, basename="snapshot")

urlpatterns = router.urls
