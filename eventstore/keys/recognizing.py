"""The principal that a key stands for, and when it was last seen."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.db import router, transaction
from django.db.models import Q
from django.utils import timezone

from eventstore.keys.networks import is_within
from eventstore.keys.tokens import MARK, Token
from eventstore.models import ApiKey

if TYPE_CHECKING:
    from django.http import HttpRequest

#: Between two writes of when a key was last used.
_EVERY = timedelta(minutes=1)
_NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class KeyPrincipal:
    """Who asks, where a key does: in the place of a user, but none of the host's.

    It has no primary key: code of the host that looks for a user of the same number
    must not find one.

    Attributes:
        api_key: the key.
    """

    api_key: ApiKey

    pk: ClassVar[None] = None
    id: ClassVar[None] = None
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False

    @property
    def is_active(self) -> bool:
        """Whether the key opens anything now."""
        return self.api_key.is_active

    @property
    def event_actor(self) -> dict[str, str]:
        """What events say of who appended them."""
        key = self.api_key
        return {"type": "api_key", "id": key.prefix, "name": key.name}

    def get_username(self) -> str:
        """Return the name in logs."""
        return str(self.api_key)

    def has_perm(self, _permission: str, _of: object = None) -> bool:
        """Return no: Django's permissions are for users."""
        return False

    def __str__(self) -> str:
        """Name the key."""
        return str(self.api_key)


def bearer_key(request: HttpRequest) -> str | None:
    """Return the key in the ``Authorization`` header (RFC 6750), if there is one.

    Other bearer tokens are somebody else's.
    """
    scheme, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    text = text.strip()
    return text if scheme.lower() == "bearer" and text.startswith(MARK) else None


def recognize(text: str, request: HttpRequest) -> KeyPrincipal | None:
    """Return who ``text`` stands for.

    ``None``, and after the same work, for what is unknown, wrong, expired, revoked or
    comes from elsewhere: nothing tells which. One query.

    Args:
        text: the key as it was sent.
        request: says where it comes from.
    """
    token = Token.read(text)
    if token is None:
        return None
    key = ApiKey.objects.filter(prefix=token.prefix).first()
    now = timezone.now()
    given = token.digest
    is_new = hmac.compare_digest(given, bytes(key.digest) if key else _NOTHING)
    former = bytes(key.former_digest) if key and key.former_digest else _NOTHING
    is_former = hmac.compare_digest(given, former)
    if key is None or not (is_new or (is_former and _is_before(now, key))):
        return None
    if not key.is_active or not is_within(request, key.networks):
        return None
    _note_use(key, now, "last_used_at" if is_new else "former_used_at")
    return KeyPrincipal(key)


def _is_before(now: datetime, key: ApiKey) -> bool:
    return key.former_expires_at is not None and now < key.former_expires_at


def _note_use(key: ApiKey, now: datetime, field: str) -> None:
    """Write down that ``key`` was used, once a minute at most.

    After the request's transaction, if there is one: in it, the row would be locked
    until the commit, and requests with the same key would wait for each other.
    """
    seen: datetime | None = getattr(key, field)
    if seen is not None and now - seen < _EVERY:
        return
    alias = router.db_for_write(ApiKey)
    is_due = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__lt": now - _EVERY})
    rows = ApiKey.objects.using(alias).filter(is_due, pk=key.pk)
    transaction.on_commit(lambda: rows.update(**{field: now}), using=alias, robust=True)
