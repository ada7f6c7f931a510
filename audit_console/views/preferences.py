"""How a person likes to read."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit_console import preferences, zones
from audit_console.access import Act
from audit_console.forms import PreferenceForm
from audit_console.views.base import Page


class PreferencePage(Page):
    """Time zone, theme and keyboard, kept for the user and not for the browser."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.OPEN_PAGE
    template_name = "audit_console/preferences/page.html"
    title = _("Preferences")

    def context(self) -> dict[str, Any]:
        """Return the form with what is preferred now."""
        self.seen.query = "preferences"
        return {"form": PreferenceForm(instance=preferences.of(self.request))}

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the choices."""
        form = PreferenceForm(request.POST, instance=preferences.of(request))
        if not form.is_valid():
            return self.show(form=form)
        form.save()
        messages.success(request, gettext("Your preferences are saved."))
        return HttpResponseRedirect(request.path)


class ZoneChoice(Page):
    """The zone of the banner's menu, kept as a preference, then back to the page."""

    http_method_names = ["post", "options"]
    act = Act.OPEN_PAGE

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the zone.

        Raises:
            BadRequest: there is no such zone.
        """
        name = request.POST.get("time_zone", "")
        if name not in zones.names():
            raise BadRequest(name)
        preference = preferences.of(request)
        preference.time_zone = name
        preference.save()
        return HttpResponseRedirect(self.next_address)
