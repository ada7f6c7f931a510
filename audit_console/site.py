"""The console as an ``AdminSite`` of its own, beside the host's admin."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, NoReturn

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import URLPattern, path, re_path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from audit_console import access
from audit_console.access import Act, Outcome
from audit_console.conf import console_settings
from audit_console.guarding import View, guard
from audit_console.scope import granted_to, roles_held
from audit_console.urls import routes
from audit_console.views.errors import not_found
from audit_console.views.locales import choose
from eventstore.grants import roles_of
from eventstore.validating import is_storable


class AuditConsoleSite(AdminSite):
    """``path("audit/", audit_console.urls)``, under any prefix.

    Who has a grant may enter, whether staff or not; Django's own permissions and
    ``is_superuser`` open nothing. Only the log-in, log-out and password pages are the
    admin's, with templates of the console, so that no theme of the host touches them.
    """

    login_form = AuthenticationForm
    login_template = "audit_console/registration/login.html"
    logout_template = "audit_console/registration/logged_out.html"
    password_change_template = "audit_console/registration/password_change.html"  # noqa: S105 - a template
    password_change_done_template = "audit_console/registration/password_changed.html"  # noqa: S105 - a template

    def register(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: pages of the admin would let anybody probe payloads by URL.

        Raises:
            ImproperlyConfigured: always.
        """
        raise ImproperlyConfigured(
            "The audit console takes no ModelAdmin. Register it with your own admin; "
            "docs/explanation/console-architecture.md tells how a page is added here."
        )

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether a grant of the user opens the console in any tenant."""
        return bool(granted_to(request))

    def get_urls(self) -> list[Any]:
        """Return the pages, each behind the gate and the guard."""
        own: list[URLPattern] = [
            path("login/", guard(never_cache(self.login), self.name), name="login"),
            path("language/", guard(choose, self.name), name="language"),
            path("logout/", guard(self.logout, self.name), name="logout"),
            path("password/", self._page(self.password_change), name="password_change"),
            path(
                "password/done/",
                self._page(self.password_change_done),
                name="password_change_done",
            ),
        ]
        pages = [
            path(str(route.pattern), self._page(route.callback), name=route.name)
            for route in routes
        ]
        # Last: whoever may not enter is not told which addresses exist.
        return [*own, *pages, re_path(r"(?P<url>.*)$", self._page(not_found))]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the form, or lead to the host's own; put each attempt on record."""
        host = console_settings().LOGIN_URL
        if host and not request.user.is_authenticated:
            index = reverse("audit_console:index")
            wanted = request.GET.get("next", index)
            return redirect_to_login(wanted, resolve_url(host))
        response = super().login(request, extra_context)
        if request.method == "POST":
            _record_log_in(request, has_failed=response.status_code == HTTPStatus.OK)
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Put the log-out on record, then do it."""
        if request.method == "POST" and request.user.is_authenticated:
            tenants = list(roles_held(request))
            access.record(request, Act.LOG_OUT, Outcome.DONE, tenants=tenants)
        return super().logout(request, extra_context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the pages of log-in and password need."""
        return {
            "site_title": console_settings().TITLE,
            "site_header": console_settings().TITLE,
            "badge": console_settings().BADGE,
            "has_permission": self.has_permission(request),
            "is_popup": False,
            "is_nav_sidebar_enabled": False,
        }

    def _page(self, view: View) -> View:
        return guard(self._gate(view), self.name)

    def _gate(self, view: View) -> View:
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return self._ask_to_log_in(request)
            if not self.has_permission(request):
                raise PermissionDenied(_no_grant(request))
            return view(request, *args, **kwargs)

        return gated

    def _ask_to_log_in(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("HX-Request") == "true":
            # The log-in page would land in the panel that was asked for.
            return HttpResponse(status=401, headers={"HX-Refresh": "true"})
        return redirect_to_login(
            request.get_full_path(), reverse("audit_console:login")
        )


def _record_log_in(request: HttpRequest, *, has_failed: bool) -> None:
    """Put a log-in on record, or that of somebody who did not know the password.

    What was typed for the name of somebody unknown is not kept: it may be a password.
    """
    if not has_failed:
        tenants = list(roles_held(request))
        access.record(request, Act.LOG_IN, Outcome.DONE, tenants=tenants)
        return
    user = _user_named(request.POST.get("username", ""))
    access.record(
        request, Act.LOG_IN, Outcome.DENIED, tenants=list(roles_of(user)), user=user
    )


def _user_named(name: str) -> Any:
    users = get_user_model()
    if not is_storable(name):
        return AnonymousUser()
    try:
        return users._default_manager.get_by_natural_key(name)  # noqa: SLF001 - as Django's backends do
    except users.DoesNotExist:
        return AnonymousUser()


def _no_grant(request: HttpRequest) -> str:
    return _(
        "You are logged in as %(user)s, who has no grant that opens the console. Being "
        "staff or superuser opens nothing here. Whoever runs the deployment can give a "
        "grant: manage.py eventstore_grant %(user)s auditor --tenant TENANT"
    ) % {"user": request.user.get_username()}


audit_console = AuditConsoleSite(name="audit_console")
