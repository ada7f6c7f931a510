"""Why somebody reads, asked before the first payload of a session."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from audit_console import purposes
from audit_console.access import Act
from audit_console.conf import console_settings
from audit_console.forms import PurposeForm
from audit_console.views.base import Page


class PurposePage(Page):
    """Ask for the purpose, then lead on to the page that was wanted."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.OPEN_PAGE
    template_name = "audit_console/purpose/page.html"
    title = _("Why do you read?")

    def context(self) -> dict[str, Any]:
        """Return the form, with the last purpose or the setting's chosen already."""
        stated = purposes.active(self.request)
        initial = {
            "purpose": stated.code if stated else console_settings().PURPOSE_DEFAULT,
            "reference": stated.reference if stated else "",
        }
        return {
            "form": PurposeForm(initial=initial),
            "next": self.next_address,
            "hours": console_settings().PURPOSE_HOURS,
            "minutes": console_settings().PURPOSE_IDLE_MINUTES,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the purpose, on record from now on."""
        form = PurposeForm(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        given = form.cleaned_data
        purposes.state(request, given["purpose"], given["reference"])
        self.done(Act.STATE_PURPOSE)
        return HttpResponseRedirect(self.next_address)
