"""An event to an endpoint: one signed request, and what its answer means."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

from eventstore import cloudevents
from eventstore.conf import store_settings
from eventstore.exceptions import WebhookError
from eventstore.models import WebhookAttempt, WebhookEndpoint
from eventstore.subscriptions.declaration import NotNow, RetryLater
from eventstore.types import StoredDomainEvent
from eventstore.webhooks import endpoints, signing, targets

REDACTED = "eventstore.EventRedacted"
#: Answers that mean the receiver as a whole: it gets nothing at all for a while.
_OVERLOADED = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_USER_AGENT = "django-eventstore"


@dataclass(frozen=True, slots=True)
class Deliver:
    """The handler of an endpoint's subscription.

    It looks the endpoint up for each event: a rotated secret counts at once.
    """

    endpoint_id: int

    def __call__(self, event: StoredDomainEvent) -> None:
        """Send ``event``.

        Raises:
            NotNow: the endpoint is disabled, or asked for a pause.
            RetryLater: the request failed.
        """
        endpoint = endpoints.listing().filter(pk=self.endpoint_id).first()
        if endpoint is None or not endpoint.is_active or _rests(endpoint):
            raise NotNow
        if not is_wanted(endpoint, event):
            return
        body = cloudevents.to_json(cloudevents.to_cloudevent(event))
        attempt = send(endpoint, event.event_id, body, event.position)
        _judge(endpoint, attempt)


def is_wanted(endpoint: WebhookEndpoint, event: StoredDomainEvent) -> bool:
    """Return whether the endpoint gets ``event``.

    Redactions pass the filters of the subscription, so that a receiver can remove its
    copy; here it gets only those of events that it was sent.
    """
    if event.event_type != REDACTED:
        return True
    named = [
        (endpoint.event_types, (REDACTED, event.data.get("event_type"))),
        (
            endpoint.aggregate_types,
            (event.aggregate_type, event.data.get("aggregate_type")),
        ),
    ]
    return all(
        wanted is None or any(name in wanted for name in names)
        for wanted, names in named
    )


def send(
    endpoint: WebhookEndpoint, event_id: str, body: bytes, position: int | None = None
) -> WebhookAttempt:
    """Sign and send ``body``; return and record how it went."""
    # Here, since the package runs without the extra until there is an endpoint.
    from eventstore.webhooks import sending  # noqa: PLC0415

    webhook_id = signing.message_id(event_id)
    headers = {
        "Content-Type": cloudevents.MEDIA_TYPE,
        "User-Agent": _USER_AGENT,
        **signing.headers(
            endpoints.valid_secrets(endpoint), webhook_id, int(time.time()), body
        ),
    }
    attempt = WebhookAttempt(endpoint=endpoint, event_id=event_id, position=position)
    began = time.monotonic()
    try:
        answer = sending.post(targets.parse(endpoint.url), headers, body)
    except (WebhookError, sending.SendingFailed) as error:
        attempt.error = str(error)
    else:
        attempt.status = answer.status
        attempt.error = "" if is_success(answer.status) else f"HTTP {answer.status}"
        attempt.retry_after = answer.retry_after
    attempt.seconds = time.monotonic() - began
    endpoints.record(attempt)
    return attempt


def is_success(status: int | None) -> bool:
    """Return whether the status means that the receiver has it: any 2xx."""
    return status is not None and status // 100 == HTTPStatus.OK // 100


def _rests(endpoint: WebhookEndpoint) -> bool:
    until = endpoint.rests_until
    return until is not None and until > datetime.now(UTC)


def _judge(endpoint: WebhookEndpoint, attempt: WebhookAttempt) -> None:
    """Say what follows from an answer.

    Raises:
        NotNow: the receiver is gone for good; the event waits until it is enabled.
        RetryLater: anything but a success.
    """
    if is_success(attempt.status):
        return
    if attempt.status == HTTPStatus.GONE:
        endpoints.disable(endpoint.pk, "The receiver answered 410 Gone.")
        raise NotNow
    wait = attempt.retry_after or 0.0
    if attempt.status in _OVERLOADED:
        wait = wait or float(store_settings().WEBHOOK_BACKOFF)
        endpoints.rest(endpoint, wait)
    raise RetryLater(attempt.error, wait)
