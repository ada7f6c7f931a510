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
        role: only where the user has this role; any role by default.
    """
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    grants = TenantGrant.objects.filter(
        Q(user_id=user.pk) | Q(group__in=getattr(user, "groups").values("pk"))  # noqa: B009 - custom user models may lack groups in the stubs
    )
    if role is not None:
        grants = grants.filter(role=role)
    return frozenset(grants.values_list("tenant_id", flat=True))
