"""The API, for the benchmark of an append over HTTP."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("api/v1/", include("eventstore.api.urls"))]
