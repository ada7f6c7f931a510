"""The addresses of the API; mount them under a version."""

from __future__ import annotations

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from eventstore.api.documents import RedocView, SchemaView, SwaggerView
from eventstore.api.operations.subscriptions import SubscriptionViewSet
from eventstore.api.pages import problem_page
from eventstore.api.unknown import unknown_address
from eventstore.api.viewsets import AggregateViewSet, EventViewSet, SnapshotViewSet
from eventstore.api.viewsets.bulk import bulk_view
from eventstore.api.viewsets.catalogues import EventTypeViewSet, MigrationViewSet
from eventstore.api.viewsets.redactions import EventRedactionViewSet

app_name = "eventstore-api"

router = SimpleRouter()
router.register("events", EventViewSet, basename="event")
router.register("aggregates", AggregateViewSet, basename="aggregate")
router.register("snapshots", SnapshotViewSet, basename="snapshot")

urlpatterns = [
    *router.urls,
    path("bulk/events/", bulk_view(), name="bulk-events"),
    re_path(
        "^events/(?P<key>[^/]+)/redactions/$",
        EventRedactionViewSet.as_view({"get": "list", "post": "create"}),
        name="event-redactions",
    ),
    path("event-types/", EventTypeViewSet.as_view({"get": "list"}), name="event-types"),
    path("migrations/", MigrationViewSet.as_view({"get": "list"}), name="migrations"),
    path(
        "subscriptions/",
        SubscriptionViewSet.as_view({"get": "list"}),
        name="subscriptions",
    ),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", SwaggerView.as_view(), name="docs"),
    path("redoc/", RedocView.as_view(), name="redoc"),
    path("problems/", problem_page, name="problems"),
    path("problems/<slug:code>/", problem_page, name="problem"),
    # The last one: whatever else is asked for below the API.
    re_path("", unknown_address),
]
