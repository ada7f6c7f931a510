"""``Idempotency-Key``: a request that is repeated acts once and is answered the same.

After draft-ietf-httpapi-idempotency-key-header-07. The answer is kept in the
transaction of what it answers: whenever the process dies, both are there or neither. A
transaction-level advisory lock says that the first request is still under way; it ends
with the transaction, also when the process dies, and works behind PgBouncer.

Only answers to what was written are kept. A refused request has written nothing: it may
be corrected, or repeated once the reason has passed, under the same key.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from eventstore import serialization, sql
from eventstore.api.refusals import KeyInUse, KeyReused, MalformedHeader
from eventstore.conf import store_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.request import Request

    from eventstore.api.parsers import Body

#: An sf-string (RFC 8941, 3.3.3), as the draft has it, or the bare text that many send.
_KEY = re.compile(
    r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x5b\x5d-\x7e]{1,255})'
)
#: What else of a request says what it asks for.
_HEADERS = ("CONTENT_TYPE", "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")
#: Each key that is kept takes some that have expired with it: the table stays small
#: without anybody who sweeps it.
_PRUNED_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request is answered with.

    Attributes:
        status: of HTTP.
        headers: beside those of every answer.
        body: JSON; no part of a payload, since it is kept apart from the log.
    """

    status: int
    headers: Mapping[str, str]
    body: Any


class Replay:
    """A key, whose it is, and the request that came with it."""

    def __init__(
        self, key: str, tenant_id: str, principal: str, fingerprint: bytes
    ) -> None:
        """Keep what tells one request from another."""
        self._owned = (tenant_id, principal, key)
        self._fingerprint = fingerprint

    def find(self) -> Answer | None:
        """Return the first answer; ``None`` if this is the first request.

        From now to the end of the transaction nobody else gets as far as here.

        Raises:
            KeyInUse: another request with the key is under way.
            KeyReused: the first one with the key was another.
        """
        lock = sql.fetch_one("idempotency_lock", (json.dumps(self._owned),))
        if not (lock and lock[0]):
            raise KeyInUse
        # A statement after the one that took the lock: it sees what was committed.
        row = sql.fetch_one("idempotency_read", self._owned)
        if row is None:
            return None
        fingerprint, status, headers, body = row
        if bytes(fingerprint) != self._fingerprint:
            raise KeyReused
        return Answer(status, json.loads(headers), serialization.decode(body))

    def keep(self, answer: Answer) -> None:
        """Remember ``answer``, in the transaction of what it is the answer to."""
        sql.fetch_all(
            "idempotency_keep",
            (
                *self._owned,
                self._fingerprint,
                answer.status,
                json.dumps(dict(answer.headers)),
                json.dumps(answer.body),
                store_settings().IDEMPOTENCY_KEY_SECONDS,
            ),
        )
        sql.fetch_all("idempotency_prune", (_PRUNED_AT_ONCE,))


def replay_of(
    request: Request, body: Body, tenant_id: str, principal: str
) -> Replay | None:
    """Return what the ``Idempotency-Key`` of a request stands for, if it has one.

    Raises:
        MalformedHeader: it is no text of 1 to 255 printable ASCII characters.
    """
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    found = _KEY.fullmatch(header.strip())
    if not found:
        raise MalformedHeader(
            _(
                "Idempotency-Key must be 1 to 255 printable ASCII characters, as a "
                "UUID."
            ),
            "Idempotency-Key",
        )
    key = found[1] or found[2]
    return Replay(key, tenant_id, principal, _fingerprint(request, body, tenant_id))


def _fingerprint(request: Request, body: Body, tenant_id: str) -> bytes:
    told = {
        name: value
        for name, value in request.META.items()
        if name in _HEADERS or name.startswith("HTTP_CE_")
    }
    place = json.dumps([request.method, request.path, tenant_id, sorted(told.items())])
    return hashlib.sha256(place.encode() + body.digest).digest()
