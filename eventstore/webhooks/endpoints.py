"""The rows of endpoints: look up, rotate the secret, disable and enable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from eventstore.conf import store_settings
from eventstore.exceptions import WebhookError
from eventstore.models import WebhookAttempt, WebhookEndpoint
from eventstore.subscriptions import checkpoints
from eventstore.webhooks import signing

#: For how long the old secret stays valid after a rotation.
OVERLAP = timedelta(days=1)
#: How many attempts of an endpoint are kept.
KEPT_ATTEMPTS = 1000


def name_of(endpoint_id: int) -> str:
    """Return the name of the endpoint's subscription."""
    return f"webhook:{endpoint_id}"


def get(endpoint_id: int, tenant_id: str | None = None) -> WebhookEndpoint:
    """Return an endpoint, of that tenant if one is given.

    Raises:
        WebhookError: there is none.
    """
    found = listing(tenant_id).filter(pk=endpoint_id).first()
    if found is None:
        raise WebhookError(f"There is no webhook {endpoint_id}.")
    return found


def listing(tenant_id: str | None = None) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints of a tenant, or of all, oldest first."""
    endpoints = WebhookEndpoint.objects.using(_alias()).order_by("pk")
    return endpoints if tenant_id is None else endpoints.filter(tenant_id=tenant_id)


def attempts(endpoint_id: int) -> QuerySet[WebhookAttempt]:
    """Return what was tried with an endpoint, newest first."""
    return (
        WebhookAttempt.objects.using(_alias())
        .filter(endpoint_id=endpoint_id)
        .order_by("-pk")
    )


def rotate(
    endpoint_id: int, *, secret: str | None = None, overlap: timedelta = OVERLAP
) -> str:
    """Sign with a new secret, and for a while with the one before as well.

    Args:
        endpoint_id: whose.
        secret: one that the receiver has made; by default a random one.
        overlap: for how long the old one stays valid; zero when it is known to others.

    Returns:
        The new secret, which is shown this once.

    Raises:
        WebhookError: there is no such endpoint, or the secret has another form.
    """
    new = signing.new_secret() if secret is None else signing.check_secret(secret)
    now = datetime.now(UTC)
    with transaction.atomic(using=_alias()):
        # Two rotations at once would leave three secrets: the row is the queue.
        endpoint = listing().select_for_update().filter(pk=endpoint_id).first()
        if endpoint is None:
            raise WebhookError(f"There is no webhook {endpoint_id}.")
        endpoint.secrets.filter(expires_at__isnull=False).delete()
        endpoint.secrets.update(expires_at=now + overlap)
        endpoint.secrets.create(secret=new)
    return new


def disable(endpoint_id: int, reason: str) -> None:
    """Send nothing any more; what comes meanwhile waits for ``enable()``.

    Raises:
        WebhookError: there is no such endpoint.
    """
    _switch(
        endpoint_id,
        "paused",
        is_active=False,
        disabled_at=datetime.now(UTC),
        disabled_reason=reason,
    )


def enable(endpoint_id: int) -> None:
    """Send again, beginning with what has waited.

    Raises:
        WebhookError: there is no such endpoint.
    """
    _switch(
        endpoint_id,
        "running",
        is_active=True,
        disabled_at=None,
        disabled_reason="",
        rests_until=None,
    )


def valid_secrets(endpoint: WebhookEndpoint) -> list[str]:
    """Return what to sign with now, the newest first."""
    valid = Q(expires_at__isnull=True) | Q(expires_at__gt=datetime.now(UTC))
    found = endpoint.secrets.filter(valid).order_by("-pk")
    return list(found.values_list("secret", flat=True))


def rest(endpoint: WebhookEndpoint, seconds: float) -> None:
    """Send the endpoint nothing for a while."""
    until = datetime.now(UTC) + timedelta(seconds=seconds)
    listing().filter(pk=endpoint.pk).update(rests_until=until)


def record(attempt: WebhookAttempt) -> None:
    """Keep ``attempt``, and of its endpoint no more than the newest."""
    attempt.save(using=_alias())
    older = attempts(attempt.endpoint_id).values_list("pk", flat=True)
    oldest = older[KEPT_ATTEMPTS : KEPT_ATTEMPTS + 1].first()
    if oldest is not None:
        attempts(attempt.endpoint_id).filter(pk__lte=oldest).delete()


def _switch(endpoint_id: int, state: str, **fields: Any) -> None:
    with transaction.atomic(using=_alias()):
        if not listing().filter(pk=endpoint_id).update(**fields):
            raise WebhookError(f"There is no webhook {endpoint_id}.")
        checkpoints.set_state(name_of(endpoint_id), state)


def _alias() -> str:
    return store_settings().DATABASE
