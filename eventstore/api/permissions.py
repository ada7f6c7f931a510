"""Who may ask at all: each action of a view names the permission that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.views import APIView

from eventstore.api.authentication import ApiKeyAuthentication
from eventstore.api.throttling import PrincipalThrottle
from eventstore.grants import permissions_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import ClassVar

    from rest_framework.permissions import BasePermission
    from rest_framework.request import Request
    from rest_framework.response import Response
    from rest_framework.throttling import BaseThrottle

    from eventstore.roles import Permission

_NO_GRANT = _("You have no grant in any tenant. Ask an administrator for one.")
_NOWHERE = _("None of your grants gives you %(permission)s. Ask for one that does.")
_NOT_HERE = _("Your grants in %(tenant)s do not give you %(permission)s.")
_NOT_IN_SCOPE = _(
    "The scopes of your key leave out %(permission)s, whatever is granted."
)


class HasPermission(IsAuthenticated):
    """Signed in, and with the permission that the action needs in some tenant.

    An action that names none is closed to everybody: a view that forgets to say what it
    needs must not be open.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Ask for the grants once; the view keeps them.

        Raises:
            PermissionDenied: with the reason.
        """
        if not super().has_permission(request, view):
            return False
        guarded: Any = view
        if not guarded.grants:
            raise PermissionDenied(_NO_GRANT)
        # No such method, or OPTIONS: answered without a look at any event.
        if guarded.asked_for in {None, "metadata", "options"}:
            return True
        if guarded.needed is None:
            return False
        if not guarded.tenants:
            raise guarded.refusal(_NOWHERE, guarded.needed)
        return True


class GrantedView(APIView):
    """Knows what its caller may, tenant by tenant.

    Attributes:
        needs: the permission that each action needs, by the name of the action, or by
            the method (``get``) in views that are no viewsets.
    """

    authentication_classes = (
        ApiKeyAuthentication,
        *(
            known
            for known in APIView.authentication_classes
            if known is not ApiKeyAuthentication
        ),
    )
    permission_classes: tuple[type[BasePermission], ...] = (HasPermission,)
    throttle_classes: tuple[type[BaseThrottle], ...] = (PrincipalThrottle,)
    needs: ClassVar[Mapping[str, Permission]] = {}
    request: Request

    def check_permissions(self, request: Request) -> None:
        """Count what is refused as well: otherwise it could be asked without end.

        Raises:
            PermissionDenied: with the reason.
            Throttled: it was asked too often.
        """
        try:
            super().check_permissions(request)
        except PermissionDenied:
            self.check_throttles(request)
            raise

    def get_throttles(self) -> list[BaseThrottle]:
        """Keep the throttles of the request: they know what is left."""
        self._throttles = super().get_throttles()
        return self._throttles

    def get_authenticate_header(self, request: Request) -> str:
        """Return every way to authenticate, ours first (RFC 9110, 11.6.1)."""
        ways = [way.authenticate_header(request) for way in self.get_authenticators()]
        return ", ".join(way for way in ways if way)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Any:
        """Say what is left of the caller's rate."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        for throttle in getattr(self, "_throttles", ()):
            quota = getattr(throttle, "quota", None)
            for name, value in quota.headers.items() if quota else ():
                answer[name] = value
        return answer

    @property
    def asked_for(self) -> str | None:
        """The name of the action; ``None`` where the view has none for the method."""
        method = (self.request.method or "").lower()
        action: str | None = getattr(self, "action", method)
        return action

    @property
    def needed(self) -> Permission | None:
        """The permission that the action needs."""
        return self.needs.get(self.asked_for or "")

    @property
    def grants(self) -> Mapping[str, frozenset[Permission]]:
        """What the caller may, by tenant; asked for once a request."""
        known: Mapping[str, frozenset[Permission]] | None = self.__dict__.get("_grants")
        if known is None:
            known = permissions_of(self.request.user)
            self.__dict__["_grants"] = known
        return known

    @property
    def tenants(self) -> frozenset[str]:
        """The tenants in which the caller has the permission that the action needs."""
        return self.tenants_with(self.needed)

    def tenants_with(self, permission: Permission | None) -> frozenset[str]:
        """Return the tenants in which the caller has ``permission``."""
        return frozenset(
            tenant for tenant, allowed in self.grants.items() if permission in allowed
        )

    def require(self, tenant_id: str, permission: Permission | None = None) -> None:
        """Refuse what the caller may not do in ``tenant_id``.

        Args:
            tenant_id: as the caller named it.
            permission: by default the one that the action needs.

        Raises:
            NotFound: they have no grant there; nothing says whether it exists.
            PermissionDenied: they have one, but not for this.
        """
        allowed = self.grants.get(tenant_id)
        if allowed is None:
            raise NotFound
        needed = permission or self.needed
        if needed not in allowed:
            raise self.refusal(_NOT_HERE, needed, tenant=tenant_id)

    def refusal(
        self, text: Any, permission: Permission | None, **named: str
    ) -> PermissionDenied:
        """Return why the caller may not: their grants, or the scopes of their key."""
        key = getattr(self.request.user, "api_key", None)
        if key and key.scopes is not None and permission not in key.scopes:
            text = _NOT_IN_SCOPE
        return PermissionDenied(text % {"permission": permission, **named})
