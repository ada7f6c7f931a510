"""Who may do what in which tenant: the one place that answers it.

Grants alone give something. Being staff or a superuser gives nothing, and neither do
the permissions of Django's groups: whoever reads a log is on record.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from eventstore.models import ApiKey, TenantGrant
from eventstore.roles import Permission, Role, permissions_of_roles, roles_with
from eventstore.validating import is_storable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def may(principal: Any, permission: Permission | str, tenant_id: str) -> bool:
    """Return whether ``principal`` has ``permission`` in ``tenant_id``. One query.

    Args:
        principal: a user or an API key; who is anonymous or has ended may nothing.
        permission: see :class:`~eventstore.roles.Permission`.
        tenant_id: any text; in a tenant that does not exist nobody may anything.

    Raises:
        ValueError: there is no such permission. A misspelt one must not be a "no" that
            nobody notices.
    """
    roles = roles_with(permission)
    if not is_storable(tenant_id) or permission not in _scopes_of(principal):
        return False
    return _grants_of(principal).filter(tenant_id=tenant_id, role__in=roles).exists()


def tenants_of(
    principal: Any, permission: Permission | str = Permission.VIEW_EVENT
) -> frozenset[str]:
    """Return the tenants in which ``principal`` has ``permission``. One query.

    Args:
        principal: as in :func:`may`.
        permission: seeing events by default.

    Raises:
        ValueError: there is no such permission.
    """
    roles = roles_with(permission)
    if permission not in _scopes_of(principal):
        return frozenset()
    grants = _grants_of(principal).filter(role__in=roles)
    return frozenset(grants.values_list("tenant_id", flat=True))


def permissions_of(principal: Any) -> Mapping[str, frozenset[Permission]]:
    """Return what ``principal`` may, by tenant; tenants without a grant are missing.

    One query: for a request that asks more than one question.
    """
    scopes = _scopes_of(principal)
    return {
        tenant_id: permissions_of_roles(held) & scopes
        for tenant_id, held in roles_of(principal).items()
    }


def roles_of(principal: Any) -> Mapping[str, frozenset[str]]:
    """Return the roles of ``principal``, by tenant, as they are stored. One query.

    A key may have scopes that narrow what its roles give: ask :func:`permissions_of`.
    """
    roles: dict[str, set[str]] = defaultdict(set)
    for tenant_id, role in _grants_of(principal).values_list("tenant_id", "role"):
        roles[tenant_id].add(role)
    return {tenant_id: frozenset(held) for tenant_id, held in roles.items()}


def roles_in(principal: Any, tenant_id: str) -> frozenset[Role]:
    """Return the roles that ``principal`` has in ``tenant_id``. One query.

    A key may have scopes that narrow what its roles give: ask :func:`may`.
    """
    if not is_storable(tenant_id):
        return frozenset()
    grants = _grants_of(principal).filter(tenant_id=tenant_id, role__in=Role.values)
    return frozenset(Role(role) for role in grants.values_list("role", flat=True))


def people_with(permission: Permission | str, tenant_id: str) -> Sequence[Any]:
    """Return the active users who have ``permission`` in ``tenant_id``, each once.

    Raises:
        ValueError: there is no such permission.
    """
    roles = roles_with(permission)
    if not is_storable(tenant_id):
        return []
    grants = TenantGrant.objects.filter(tenant_id=tenant_id, role__in=roles)
    held = Q(pk__in=grants.exclude(user=None).values("user"))
    users = get_user_model()
    # A user model without PermissionsMixin has no groups.
    if hasattr(users, "groups"):
        held |= Q(groups__in=grants.exclude(group=None).values("group"))
    found = users._default_manager.filter(held).distinct()  # noqa: SLF001 - Django's documented API of models
    return [user for user in found if user.is_active]


def is_person(principal: Any) -> bool:
    """Return whether ``principal`` is a user, and not a program with a key."""
    return _key_of(principal) is None and bool(principal.is_authenticated)


def _grants_of(principal: Any) -> QuerySet[TenantGrant]:
    key = _key_of(principal)
    if key is not None:
        # Asked for in the same query: whoever holds the key may hold it for long.
        lives = Q(key__expires_at=None) | Q(key__expires_at__gt=Now())
        grants = TenantGrant.objects.filter(lives, key=key.pk, key__revoked_at=None)
        return grants if key.is_active else grants.none()
    if not principal.is_authenticated or not principal.is_active:
        return TenantGrant.objects.none()
    held = Q(user_id=principal.pk)
    # A user model without PermissionsMixin has no groups.
    groups = getattr(principal, "groups", None)
    if groups is not None:
        held |= Q(group__in=groups.values("pk"))
    return TenantGrant.objects.filter(held)


def _scopes_of(principal: Any) -> frozenset[str]:
    """Return what ``principal`` may make use of, whatever its grants give."""
    key = _key_of(principal)
    if key is None or key.scopes is None:
        return frozenset(Permission)
    return frozenset(Permission) & frozenset(key.scopes)


def _key_of(principal: Any) -> ApiKey | None:
    if isinstance(principal, ApiKey):
        return principal
    key: ApiKey | None = getattr(principal, "api_key", None)
    return key if isinstance(key, ApiKey) else None
