"""Signatures after Standard Webhooks 1.0.0, symmetric.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable

from eventstore.exceptions import WebhookError

PREFIX = "whsec_"
#: How many bytes a secret has; the specification wants at least 24 and at most 64.
_BYTES = 32
_ALLOWED_BYTES = range(24, 65)
#: Ids that go into the header as they are. No full stop: it parts what is signed.
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")


def new_secret() -> str:
    """Return a random secret as it is handed to the receiver."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def check_secret(secret: str) -> str:
    """Return ``secret``, which somebody else has made.

    Raises:
        WebhookError: it is no ``whsec_`` and base64 of 24 to 64 bytes; the message
            does not repeat it.
    """
    try:
        size = len(_key_of(secret)) if secret.startswith(PREFIX) else 0
    except binascii.Error:
        size = 0
    if size not in _ALLOWED_BYTES:
        raise WebhookError(
            f"A secret is {PREFIX!r} and the base64 of 24 to 64 random bytes."
        )
    return secret


def message_id(event_id: str) -> str:
    """Return the ``webhook-id`` of an event: the same at each attempt.

    That is the event's id. One that the header could not hold, or that has a full
    stop, is replaced by its digest.
    """
    if _PLAIN_ID.fullmatch(event_id):
        return event_id
    return "evt_" + hashlib.sha256(event_id.encode()).hexdigest()


def headers(
    valid_secrets: Iterable[str], webhook_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the three headers that identify and sign a request.

    Args:
        valid_secrets: one signature is made with each.
        webhook_id: as ``message_id()`` gives it.
        timestamp: of this attempt, in seconds since 1970.
        body: exactly the bytes that are sent.
    """
    content = f"{webhook_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(
            _signature(secret, content) for secret in valid_secrets
        ),
    }


def _signature(secret: str, content: bytes) -> str:
    digest = hmac.digest(_key_of(secret), content, "sha256")
    return "v1," + base64.b64encode(digest).decode()


def _key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
