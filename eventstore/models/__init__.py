"""One model per table. What is append-only refuses to be saved, changed or deleted."""

from __future__ import annotations

from eventstore.models.aggregate import AggregateHead
from eventstore.models.api_key import ApiKey
from eventstore.models.event import StoredEvent
from eventstore.models.grant import TenantGrant
from eventstore.models.idempotency import IdempotencyKey
from eventstore.models.redaction import EventRedaction
from eventstore.models.redaction_request import (
    RedactionItem,
    RedactionRequest,
    RedactionStep,
)
from eventstore.models.snapshot import EventSnapshot
from eventstore.models.state import AggregateState
from eventstore.models.subscription import (
    EventFailure,
    EventSubscription,
    EventWorker,
)
from eventstore.models.timeout import ProcessTimeout
from eventstore.models.webhook import (
    WebhookAttempt,
    WebhookEndpoint,
    WebhookSecret,
)

__all__ = [
    "AggregateHead",
    "AggregateState",
    "ApiKey",
    "EventFailure",
    "EventRedaction",
    "EventSnapshot",
    "EventSubscription",
    "EventWorker",
    "IdempotencyKey",
    "ProcessTimeout",
    "RedactionItem",
    "RedactionRequest",
    "RedactionStep",
    "StoredEvent",
    "TenantGrant",
    "WebhookAttempt",
    "WebhookEndpoint",
    "WebhookSecret",
]
