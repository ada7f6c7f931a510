"""Whose events a page shows: the tenants that a user may read and has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest

from eventstore.grants import roles_of
from eventstore.roles import Permission, permissions_of_roles

#: The value of ``?tenant=`` that stands for all of the user's.
ALL = "*"
#: How many tenants one page may show together.
AT_ONCE = 8
_CHOSEN = "audit_console_tenant"


@dataclass(frozen=True, slots=True)
class Scope:
    """The tenants of one request.

    Attributes:
        user: who reads.
        permissions: what the user may, by tenant.
        mine: all tenants in which the user has the page's permission, sorted. What an
            object's address names must be among these.
        tenants: those of them that are chosen: what a list, a chart or a count shows.
    """

    user: Any
    permissions: Mapping[str, frozenset[Permission]]
    mine: tuple[str, ...]
    tenants: tuple[str, ...]

    @property
    def is_all(self) -> bool:
        """Whether all of several tenants are shown together."""
        return len(self.tenants) > 1

    @property
    def may_see_all(self) -> bool:
        """Whether the user's tenants can be shown together."""
        return 1 < len(self.mine) <= AT_ONCE

    @property
    def value(self) -> str:
        """What ``?tenant=`` says in a link to this scope."""
        return ALL if self.is_all else "".join(self.tenants)

    @property
    def values(self) -> tuple[str, ...]:
        """What each ``?tenant=`` says in a link to this scope."""
        is_whole = self.is_all and set(self.tenants) == set(self.mine)
        return (ALL,) if is_whole else self.tenants

    def may(self, permission: Permission, tenant_id: str | None = None) -> bool:
        """Return whether the user has ``permission`` in the tenant.

        Args:
            permission: what is to be done or seen.
            tenant_id: where; by default in each of the chosen tenants.
        """
        wanted = self.tenants if tenant_id is None else (tenant_id,)
        return bool(wanted) and all(
            permission in self.permissions.get(each, ()) for each in wanted
        )


def granted_to(request: HttpRequest) -> Mapping[str, frozenset[Permission]]:
    """Return what the user may, by tenant.

    Tenants that may not be seen in the console are left out, whatever else is allowed.
    """
    return {
        tenant_id: allowed
        for tenant_id, held in roles_held(request).items()
        if Permission.ACCESS_CONSOLE in (allowed := permissions_of_roles(held))
    }


def roles_held(request: HttpRequest) -> Mapping[str, frozenset[str]]:
    """Return the roles of the user, by tenant; asked once a request and user."""
    # Whoever logs in was nobody when the request began.
    who, known = getattr(request, "_console_roles", (None, {}))
    if who != (request.user.pk, request.user.is_authenticated):
        who, known = (
            (request.user.pk, request.user.is_authenticated),
            roles_of(request.user),
        )
        request._console_roles = who, known  # type: ignore[attr-defined]  # noqa: SLF001 - a memo of ours
    return known


def scope_of(request: HttpRequest, permission: Permission) -> Scope:
    """Return the scope that the address asks for, else the last one, else the first.

    Raises:
        Http404: the address names a tenant that the user may not see, or none such is.
    """
    granted = granted_to(request)
    mine = tuple(sorted(each for each, all_ in granted.items() if permission in all_))
    asked = request.GET.getlist("tenant")
    if asked:
        tenants = _named(asked, mine)
        if len(asked) == 1:
            _remember(request, asked[0])
    else:
        tenants = _remembered(request, mine) or mine[:1]
    return Scope(request.user, granted, mine, tenants)


def _named(asked: list[str], mine: tuple[str, ...]) -> tuple[str, ...]:
    if asked == [ALL] and len(mine) <= AT_ONCE:
        return mine
    wanted = tuple(dict.fromkeys(asked))
    if not set(wanted) <= set(mine) or len(wanted) > AT_ONCE:
        raise Http404
    return wanted


def _remember(request: HttpRequest, value: str) -> None:
    if request.session.get(_CHOSEN) != value:
        request.session[_CHOSEN] = value


def _remembered(request: HttpRequest, mine: tuple[str, ...]) -> tuple[str, ...]:
    last = request.session.get(_CHOSEN)
    if last == ALL and len(mine) <= AT_ONCE:
        return mine
    return (last,) if last in mine else ()
