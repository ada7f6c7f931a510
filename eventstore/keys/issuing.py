"""Make, rotate and revoke keys. The secret is returned once and stored nowhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from eventstore import granting
from eventstore.conf import parse_rate
from eventstore.exceptions import GrantError
from eventstore.keys.networks import parse_network
from eventstore.keys.tokens import Token
from eventstore.models import ApiKey
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


def create(
    name: str,
    *,
    role: str | None = None,
    tenants: Iterable[str] = (),
    scopes: Collection[str] | None = None,
    networks: Iterable[str] = (),
    rate: str = "",
    expires_at: datetime | None = None,
    created_by: Any = None,
) -> tuple[ApiKey, str]:
    """Make a key, with grants if ``role`` is given.

    Args:
        name: what it is for.
        role: the role that it gets in each of ``tenants``; more by ``granting.give``.
        tenants: where.
        scopes: the permissions that the key may make use of, of those that its grants
            give; all by default.
        networks: where it may come from, in CIDR notation; anywhere by default.
        rate: how often it may ask, such as ``60/min``; as the setting says by default.
        expires_at: when it ends, timezone-aware; never by default.
        created_by: the user who makes it.

    Returns:
        The key, and its text: shown this once.

    Raises:
        GrantError: one of them cannot be.
    """
    if not name.strip():
        raise GrantError("A key needs a name that says what it is for.")
    token = Token.new()
    with transaction.atomic():
        key = ApiKey.objects.create(
            prefix=token.prefix,
            name=name,
            digest=token.digest,
            scopes=None if scopes is None else _check_scopes(scopes),
            networks=[_check_network(network) for network in networks],
            rate=_check_rate(rate),
            expires_at=_check_end(expires_at),
            created_by=created_by,
        )
        if role is not None:
            for tenant in tenants:
                granting.give(str(key), role, tenant)
    return key, token.text


def rotate(
    prefix: str, *, overlap: timedelta, expires_at: datetime | None = None
) -> str:
    """Give the key another secret; the one until now is good for ``overlap`` more.

    The key stays who it is: its grants, its limits, its name in events.

    Args:
        prefix: which key.
        overlap: how long both secrets are good; a third one ends at once.
        expires_at: when the key ends from now on; as before by default.

    Returns:
        The new text: shown this once.

    Raises:
        GrantError: there is no such key, or it has ended.
    """
    with transaction.atomic():
        key = _find(prefix)
        if not key.is_active:
            raise GrantError(f"{key} has ended: create another one.")
        token = Token.new(key.prefix)
        key.former_digest, key.digest = key.digest, token.digest
        key.former_expires_at = timezone.now() + overlap
        key.former_used_at, key.last_used_at = key.last_used_at, None
        key.expires_at = _check_end(expires_at) or key.expires_at
        key.save()
    return token.text


def revoke(prefix: str) -> bool:
    """End the key at once, with all its secrets; return whether it was not ended yet.

    Raises:
        GrantError: there is no such key.
    """
    with transaction.atomic():
        key = _find(prefix)
        if key.revoked_at is not None:
            return False
        key.revoked_at = timezone.now()
        key.save(update_fields=("revoked_at",))
    return True


def listing() -> Sequence[ApiKey]:
    """Return all keys, the newest last."""
    return list(ApiKey.objects.order_by("id"))


def _find(prefix: str) -> ApiKey:
    try:
        return ApiKey.objects.select_for_update().get(prefix=prefix)
    except ApiKey.DoesNotExist:
        raise GrantError(
            f"There is no key with the prefix {prefix!r}: see eventstore_keys list."
        ) from None


def _check_scopes(scopes: Collection[str]) -> list[str]:
    unknown = sorted(set(scopes) - set(Permission))
    if unknown or not scopes:
        raise GrantError(
            f"No permissions: {', '.join(unknown) or 'none given'}. Known are "
            f"{', '.join(sorted(Permission))}."
        )
    return sorted(set(scopes))


def _check_network(network: str) -> str:
    try:
        return parse_network(network)
    except ValueError as error:
        raise GrantError(f"{error}") from None


def _check_rate(rate: str) -> str:
    if rate and parse_rate(rate) is None:
        raise GrantError(f"{rate!r} is no rate: write 60/min, or 10/s.")
    return rate


def _check_end(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise GrantError(f"{moment.isoformat()} is over already.")
    return moment
