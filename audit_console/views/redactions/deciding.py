"""The approval, on a page of its own: a name, a time, a meaning, a number to type."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.forms import ApprovalForm, RejectionForm
from audit_console.views.redactions.request import RedactionPage
from audit_console.views.redactions.shared import lead_to
from eventstore import redaction
from eventstore.models import RedactionRequest
from eventstore.redaction.people import person_of


class DecisionPage(RedactionPage):
    """What is approved, in full, with the two ways out."""

    template_name = "audit_console/redactions/decide.html"

    def context(self) -> dict[str, Any]:
        """Return what is decided on, and who decides."""
        context = super().context()
        self.title = _("Decide on %(number)s") % {"number": self.title}
        return {
            **context,
            "approver": person_of(self.request.user).name,
            "now": timezone.now(),
            "approval": ApprovalForm(),
            "rejection": RejectionForm(),
        }

    def post(self, request: HttpRequest, key: int) -> HttpResponse:
        """Approve and remove, or reject.

        Raises:
            BadRequest: the form says neither.
        """
        found = self.find_first()
        match request.POST.get("act"):
            case "approve":
                return self._approve(found)
            case "reject":
                return self._reject(found)
        raise BadRequest

    def _approve(self, request: RedactionRequest) -> HttpResponse:
        form = ApprovalForm(self.request.POST)
        if not form.is_valid():
            return self.show(approval=form)
        user = self.request.user
        # Sent twice, the second finds it executed: what is done is shown, not an error.
        if request.status == request.Status.EXECUTED:
            return lead_to(request)
        if not self.attempt(
            Act.DECIDE_REDACTION,
            lambda: redaction.approve(
                user, request, events=form.cleaned_data["events"]
            ),
        ):
            return lead_to(request, "redaction_decide")
        if self.attempt(Act.DECIDE_REDACTION, lambda: redaction.execute(user, request)):
            messages.success(self.request, _("Approved."))
        return lead_to(request)

    def _reject(self, request: RedactionRequest) -> HttpResponse:
        form = RejectionForm(self.request.POST)
        if not form.is_valid():
            return self.show(rejection=form)
        if self.attempt(
            Act.DECIDE_REDACTION,
            lambda: redaction.reject(
                self.request.user, request, why=form.cleaned_data["why"]
            ),
        ):
            messages.success(self.request, _("Rejected."))
        return lead_to(request)
