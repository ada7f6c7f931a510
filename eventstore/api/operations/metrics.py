"""The store for Prometheus: read from the database whenever it is scraped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from rest_framework.renderers import BaseRenderer

from eventstore import sql
from eventstore.api.contract import ContractView
from eventstore.api.limits import LimitedView
from eventstore.api.operations import status
from eventstore.roles import Permission
from eventstore.subscriptions.status import open_appends

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from prometheus_client import Metric
    from rest_framework.request import Request

    from eventstore.subscriptions.status import PartitionStatus

_LABELS = ("subscription", "partition", "tenant")


class TextRenderer(BaseRenderer):
    """The text format of Prometheus."""

    media_type = "text/plain"
    format = "text"


class OpenMetricsRenderer(BaseRenderer):
    """OpenMetrics."""

    media_type = "application/openmetrics-text"
    format = "openmetrics"


class MetricsView(ContractView, LimitedView):
    """Metrics for whoever may see operations: a user, or an API key as bearer token.

    Rates of appends are the rise of ``eventstore_position``. A subscription of one
    tenant is among them where the caller may see operations in that tenant.
    """

    needs = {"get": Permission.VIEW_OPERATIONS}
    renderer_classes = (TextRenderer, OpenMetricsRenderer)

    def get(self, request: Request) -> HttpResponse:
        """Return the metrics in the format that is accepted."""
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return HttpResponse(
            encode(StoreCollector(self.tenants)),
            content_type=content_type,
            headers={"Cache-Control": "no-store"},
        )


class StoreCollector:
    """Metrics of one moment.

    Args:
        tenants: whose subscriptions are told, beside those of all tenants.
    """

    def __init__(self, tenants: Collection[str]) -> None:
        """Know the scope."""
        self._tenants = tenants

    def collect(self) -> Iterator[Metric]:
        """Yield each metric."""
        yield from _log()
        yield from _workers()
        yield from _subscriptions(status.partitions(self._tenants))


def _log() -> Iterator[Metric]:
    head, stable = sql.fetch_one("positions") or (0, 0)
    position = CounterMetricFamily(
        "eventstore_position",
        "The newest position that was drawn; rises with each event, with gaps.",
    )
    position.add_metric([], head)
    yield position
    yield GaugeMetricFamily(
        "eventstore_stable_position",
        "The position up to which the log is final.",
        value=stable or 0,
    )
    yield GaugeMetricFamily(
        "eventstore_stable_position_lag",
        "Positions between the newest one and the stable one.",
        value=head - (stable or 0),
    )
    held = open_appends()
    yield GaugeMetricFamily(
        "eventstore_open_appends",
        "Transactions that have appended and not ended.",
        value=len(held),
    )
    yield GaugeMetricFamily(
        "eventstore_open_append_seconds",
        "Age of the oldest of them.",
        value=max((append.seconds for append in held), default=0.0),
    )


def _workers() -> Iterator[Metric]:
    found = status.workers()
    yield GaugeMetricFamily(
        "eventstore_workers", "Workers that live.", value=found.alive
    )
    if found.silent_seconds is not None:
        yield GaugeMetricFamily(
            "eventstore_worker_silent_seconds",
            "Time since a worker last said that it lives.",
            value=found.silent_seconds,
        )


def _subscriptions(rows: list[PartitionStatus]) -> Iterator[Metric]:
    handled = CounterMetricFamily(
        "eventstore_subscription_handled", "Events handled.", labels=_LABELS
    )
    failures = GaugeMetricFamily(
        "eventstore_subscription_failures",
        "Events that are retried or held, and those that were given up.",
        labels=(*_LABELS, "state"),
    )
    gauges: list[tuple[GaugeMetricFamily, Any]] = [
        (GaugeMetricFamily(f"eventstore_subscription_{name}", text, labels=_LABELS), of)
        for name, text, of in (
            ("position", "The checkpoint.", lambda row: row.position),
            ("waiting", "Events that wait, up to 10,000.", lambda row: row.waiting),
            (
                "lag_seconds",
                "How long the oldest of them has waited.",
                lambda row: row.lag_seconds,
            ),
            ("running", "1 where it is to be run.", lambda row: row.state == "running"),
            ("held", "1 where a worker holds it.", lambda row: row.is_run),
        )
    ]
    for row in rows:
        labels = [row.name, str(row.partition), row.tenant_id]
        handled.add_metric(labels, row.handled)
        failures.add_metric([*labels, "retrying"], row.retrying)
        failures.add_metric([*labels, "dead"], row.dead)
        for gauge, value in gauges:
            gauge.add_metric(labels, float(value(row)))
    yield handled
    yield failures
    yield from (gauge for gauge, _ in gauges)
