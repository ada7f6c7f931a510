"""Where probes and Prometheus look: ``path("", include(...))``, at the root."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import path

from eventstore.api.operations.health import ReadyView, live

app_name = "eventstore-operations"

urlpatterns = [
    path("health/live", live, name="live"),
    path("health/ready", ReadyView.as_view(), name="ready"),
]

if find_spec("prometheus_client") is not None:  # the extra "metrics"
    from eventstore.api.operations.metrics import MetricsView

    urlpatterns.append(path("metrics", MetricsView.as_view(), name="metrics"))
