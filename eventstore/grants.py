"""Tenant scope: the one function that says whose events a user may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from eventstore.models import TenantGrant

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.contrib.auth.models import AnonymousUser


def tenants_of(
    user: AbstractBaseUser | AnonymousUser, role: str | None = None
) -> frozenset[str]:
    """Return the tenants that ``user`` has a grant in, directly or by a group.

    Superusers get no more than their grants say: whoever reads a log is on record.

    Args:
        user: who asks; anonymous and inactive users have no grants.
        role: only where the user has this very role; any role by default, since every
            role may read.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    principal = Q(user_id=user.pk)
    # A user model without PermissionsMixin has no groups.
    groups = getattr(user, "groups", None)
    if groups is not None:
        principal |= Q(group__in=groups.values("pk"))
    grants = TenantGrant.objects.filter(principal)
    if role is not None:
        grants = grants.filter(role=role)
    return frozenset(grants.values_list("tenant_id", flat=True))
