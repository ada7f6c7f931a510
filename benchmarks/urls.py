"""The API and the console, for what the benchmark asks of them."""

from __future__ import annotations

from django.urls import include, path

from audit_console.site import audit_console

urlpatterns = [
    path("api/v1/", include("eventstore.api.urls")),
    path("audit/", audit_console.urls),
]
