"""The addresses of the API; mount them under a version."""

from __future__ import annotations

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from eventstore.api.pages import problem_page
from eventstore.api.unknown import unknown_address
from eventstore.api.viewsets import AggregateViewSet, EventViewSet, SnapshotViewSet

app_name = "eventstore-api"

router = SimpleRouter()
router.register("events", EventViewSet, basename="event")
router.register("aggregates", AggregateViewSet, basename="aggregate")
router.register("snapshots", SnapshotViewSet, basename="snapshot")

urlpatterns = [
    *router.urls,
    path("problems/", problem_page, name="problems"),
    path("problems/<slug:code>/", problem_page, name="problem"),
    # The last one: whatever else is asked for below the API.
    re_path("", unknown_address),
]
