"""Endpoints as subscriptions: made with the endpoint, found by running workers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec

from django.db import transaction

from eventstore import cloudevents
from eventstore.conf import store_settings
from eventstore.exceptions import WebhookError
from eventstore.models import WebhookAttempt, WebhookEndpoint, WebhookSecret
from eventstore.subscriptions import checkpoints
from eventstore.subscriptions.declaration import Start, Subscription
from eventstore.webhooks import delivering, endpoints, signing, targets

_MAX_PARTITIONS = 32
#: Small: after a crash at most so many events are sent again.
_BATCH = 20


def add(
    tenant_id: str,
    url: str,
    *,
    event_types: Sequence[str] | None = None,
    aggregate_types: Sequence[str] | None = None,
    start: Start = "now",
    partitions: int = 1,
    description: str = "",
) -> tuple[WebhookEndpoint, str]:
    """Send the events of a tenant to ``url`` from now on, or from ``start``.

    Args:
        tenant_id: whose events.
        url: where to; its addresses are judged at each connection.
        event_types: only these; all by default. Redactions of what was sent come along.
        aggregate_types: only these; all by default.
        start: ``"now"``, ``"beginning"``, or after a position.
        partitions: how many requests at a time; an aggregate keeps its order.
        description: for people.

    Returns:
        The endpoint, and its secret, which is shown this once.

    Raises:
        WebhookError: the URL, its address or a number cannot be used, or urllib3 is
            not installed.
    """
    if find_spec("urllib3") is None:
        raise WebhookError(
            "Webhooks need urllib3: pip install 'django-eventstore[webhooks]'."
        )
    targets.addresses_of(targets.parse(url))
    if not tenant_id or not 1 <= partitions <= _MAX_PARTITIONS:
        raise WebhookError(
            f"A webhook needs a tenant, and 1 to {_MAX_PARTITIONS} requests at a time."
        )
    if not isinstance(start, int) and start not in ("now", "beginning"):
        raise WebhookError(f"{start!r} is no start: now, beginning, or a position.")
    secret = signing.new_secret()
    alias = store_settings().DATABASE
    with transaction.atomic(using=alias):
        endpoint = WebhookEndpoint.objects.using(alias).create(
            tenant_id=tenant_id,
            url=url,
            event_types=None if event_types is None else list(event_types),
            aggregate_types=None if aggregate_types is None else list(aggregate_types),
            partitions=partitions,
            description=description,
        )
        endpoint.refresh_from_db()  # what the database has filled in
        WebhookSecret.objects.using(alias).create(endpoint=endpoint, secret=secret)
        # Now, and not when a worker finds it: what is appended meanwhile counts.
        checkpoints.create(subscription_of(endpoint, start))
    return endpoint, secret


def subscription_of(endpoint: WebhookEndpoint, start: Start = "now") -> Subscription:
    """Return the durable subscription that feeds ``endpoint``."""
    settings = store_settings()
    return Subscription(
        name=endpoints.name_of(endpoint.pk),
        handle=delivering.Deliver(endpoint.pk),
        event_types=_with(endpoint.event_types, delivering.REDACTED),
        aggregate_types=_with(endpoint.aggregate_types, "eventstore.Redaction"),
        tenants=frozenset({endpoint.tenant_id}),
        start=start,
        partitions=endpoint.partitions,
        batch_size=_BATCH,
        max_attempts=settings.WEBHOOK_MAX_ATTEMPTS,
        backoff=float(settings.WEBHOOK_BACKOFF),
        max_backoff=float(settings.WEBHOOK_MAX_BACKOFF),
    )


def active() -> Iterable[Subscription]:
    """Return the subscriptions of the endpoints that are active now."""
    return [
        subscription_of(endpoint)
        for endpoint in endpoints.listing().filter(is_active=True)
    ]


def ping(endpoint_id: int) -> WebhookAttempt:
    """Send a test message, signed as all are, whether the endpoint is active or not.

    Raises:
        WebhookError: there is no such endpoint.
    """
    endpoint = endpoints.get(endpoint_id)
    document = cloudevents.new_cloudevent(
        "eventstore.WebhookPing", f"/webhooks/{endpoint.pk}", {"webhook": endpoint.pk}
    )
    return delivering.send(endpoint, document["id"], cloudevents.to_json(document))


def _with(names: Sequence[str] | None, name: str) -> frozenset[str] | None:
    return None if names is None else frozenset({*names, name})
