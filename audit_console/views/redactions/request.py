"""One request: what goes, who asked, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from audit_console.access import Act
from audit_console.forms import RedactionForm
from audit_console.queries import redactions
from audit_console.views.redactions.shared import RequestPage, lead_to
from eventstore import redaction
from eventstore.grants import people_with
from eventstore.models import RedactionItem, RedactionRequest
from eventstore.roles import Permission

_Status = RedactionRequest.Status


class RedactionPage(RequestPage):
    """The whole of it; its requester may change a draft, submit it, or withdraw it."""

    http_method_names = ["get", "head", "options", "post"]
    template_name = "audit_console/redactions/page.html"

    def context(self) -> dict[str, Any]:
        """Return the request, its timeline, and a page of its events."""
        found = self.find()
        items = redactions.items_of(self.reading, found)
        self.title = found.reference
        self.seen.count = len(items)
        return {
            "request_shown": found,
            "steps": redactions.steps_of(self.reading, found),
            "form": RedactionForm(
                initial={"reason": found.reason, "case_number": found.case_number}
            ),
            **totals_of(items),
            **self.page_of(found, items),
            **self._rights(found),
        }

    def post(self, request: HttpRequest, key: int) -> HttpResponse:
        """Save, submit, withdraw, take an event out, or go on with the removal.

        Raises:
            BadRequest: the form says none of these.
        """
        found = self.find_first()
        acts: dict[str, Callable[[RedactionRequest], object]] = {
            "save": self._save,
            "submit": self._submit,
            "withdraw": self._withdraw,
            "take_out": self._take_out,
            "execute": self._execute,
        }
        act = acts.get(request.POST.get("act", ""))
        if act is None:
            raise BadRequest
        act(found)
        return lead_to(found)

    def page_of(
        self, request: RedactionRequest, items: list[RedactionItem]
    ) -> dict[str, Any]:
        """Return some of the events, from the one at ``?from=`` on."""
        start = min(self.number("from") or 0, max(len(items) - 1, 0))
        end = start + redactions.SHOWN
        return {
            "lines": self.lines(request, items[start:end]),
            "sight": self.sight(request.tenant_id),
            "from": start + 1,
            "to": min(end, len(items)),
            "previous": max(start - redactions.SHOWN, 0) if start else None,
            "next": end if end < len(items) else None,
        }

    def _rights(self, request: RedactionRequest) -> dict[str, Any]:
        user, tenant_id = self.request.user, request.tenant_id
        may_request = self.scope.may(Permission.REQUEST_REDACTION, tenant_id)
        may_approve = self.scope.may(Permission.APPROVE_REDACTION, tenant_id)
        is_own = may_request and str(user.pk) == request.requester_id
        decides = (not is_own and may_approve) or (
            is_own and not request.needs_approval
        )
        waits = request.status == _Status.SUBMITTED
        return {
            "is_own_draft": is_own and request.status == _Status.DRAFT,
            "may_withdraw": is_own and request.is_open,
            "may_decide": waits and decides,
            "may_execute": request.status in {_Status.APPROVED, _Status.FAILED}
            and (may_request or may_approve),
            "approvers": self._approvers(request) if waits else "",
        }

    def _approvers(self, request: RedactionRequest) -> str:
        found = people_with(Permission.APPROVE_REDACTION, request.tenant_id)
        names = sorted(
            user.get_username()
            for user in found
            if str(user.pk) != request.requester_id
        )
        return ", ".join(names)

    def _save(self, request: RedactionRequest) -> bool:
        form = RedactionForm(self.request.POST)
        if not form.is_valid():
            for name, errors in form.errors.items():
                label = form.fields[name].label
                messages.error(self.request, f"{label}: {' '.join(map(str, errors))}")
            return False
        return self.attempt(
            Act.DRAFT_REDACTION,
            lambda: redaction.describe(
                self.request.user,
                request,
                reason=form.cleaned_data["reason"],
                case_number=form.cleaned_data["case_number"],
            ),
        )

    def _submit(self, request: RedactionRequest) -> None:
        # What is in the form beside the button is what is meant.
        if request.status == _Status.DRAFT and not self._save(request):
            return
        if self.attempt(
            Act.DRAFT_REDACTION, lambda: redaction.submit(self.request.user, request)
        ):
            messages.success(self.request, _("Submitted. It waits for approval."))

    def _withdraw(self, request: RedactionRequest) -> None:
        why = self.request.POST.get("why", "")[:1000]
        if self.attempt(
            Act.DRAFT_REDACTION,
            lambda: redaction.withdraw(self.request.user, request, why=why),
        ):
            messages.success(self.request, _("Withdrawn."))

    def _take_out(self, request: RedactionRequest) -> None:
        given = self.request.POST.get("position", "")
        position = int(given) if given.isascii() and given[:19].isdigit() else 0
        self.attempt(
            Act.DRAFT_REDACTION,
            lambda: redaction.take_out(self.request.user, request, position),
        )

    def _execute(self, request: RedactionRequest) -> None:
        self.attempt(
            Act.DECIDE_REDACTION,
            lambda: redaction.execute(self.request.user, request),
        )


def totals_of(items: list[RedactionItem]) -> dict[str, Any]:
    """Return how much goes: events, whole payloads, single fields; and what is done."""
    return {
        "events": len(items),
        "whole": sum(not item.fields for item in items),
        "fields": sum(len(item.fields) for item in items),
        "done": sum(item.is_done for item in items),
        "failed": [item for item in items if item.outcome == item.Outcome.FAILED],
    }
