"""Give and take grants by name, as operators do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist

from eventstore import validating
from eventstore.exceptions import GrantError
from eventstore.models import ApiKey, TenantGrant
from eventstore.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

_GROUP = "group:"
_KEY = "key:"


def give(principal: str, role: str, tenant_id: str) -> bool:
    """Give ``principal`` the role ``role`` in ``tenant_id``.

    Args:
        principal: the name of a user, ``group:`` and the name of a group, or ``key:``
            and the prefix of an API key.
        role: one of :class:`~eventstore.roles.Role`.
        tenant_id: where; nothing needs to be stored there yet.

    Returns:
        Whether that is new.

    Raises:
        GrantError: there is no such principal or role.
        InvalidEvent: the tenant cannot be the name of one.
    """
    validating.check_text("tenant_id", tenant_id)
    _, is_new = TenantGrant.objects.get_or_create(
        tenant_id=tenant_id, role=_check_role(role), **_find(principal)
    )
    return is_new


def take(principal: str, role: str, tenant_id: str) -> bool:
    """Take what :func:`give` gave; return whether there was anything to take.

    Raises:
        GrantError: there is no such principal or role.
    """
    given = TenantGrant.objects.filter(
        tenant_id=tenant_id, role=_check_role(role), **_find(principal)
    )
    return bool(given.delete()[0])


def listing(
    principal: str | None = None, tenant_id: str | None = None
) -> Sequence[TenantGrant]:
    """Return the grants of ``principal``, of ``tenant_id``, or all, in order.

    Raises:
        GrantError: there is no such principal.
    """
    grants = TenantGrant.objects.select_related("user", "group", "key")
    if principal is not None:
        grants = grants.filter(**_find(principal))
    if tenant_id is not None:
        grants = grants.filter(tenant_id=tenant_id)
    return list(grants.order_by("tenant_id", "role", "id"))


def _check_role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        raise GrantError(
            f"There is no role {role!r}; known are {', '.join(Role.values)}."
        ) from None


def _find(principal: str) -> dict[str, Any]:
    """Return the principal by the field of a grant that holds it."""
    users = get_user_model()
    try:
        if principal.startswith(_GROUP):
            return {"group": Group.objects.get(name=principal.removeprefix(_GROUP))}
        if principal.startswith(_KEY):
            return {"key": ApiKey.objects.get(prefix=principal.removeprefix(_KEY))}
        return {"user": users._default_manager.get_by_natural_key(principal)}  # noqa: SLF001 - Django's documented API of models
    except ObjectDoesNotExist:
        raise GrantError(
            f"There is no {principal!r}: give the name of a user, group:NAME or "
            "key:PREFIX."
        ) from None
