"""Saved searches: kept for oneself, or shared with all who may see the tenant."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.forms import SavedSearchForm
from audit_console.models import SavedSearch
from audit_console.scope import ALL
from audit_console.views.base import Page


class SavedPage(Page):
    """What is saved, and the form that saves the address it was opened with."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.OPEN_PAGE
    template_name = "audit_console/saved/page.html"
    title = _("Saved searches")
    room = "saved"

    def context(self) -> dict[str, Any]:
        """Return one's own, the shared ones, and the form if something is to save."""
        self.seen.query = "saved searches"
        asked = self.request.GET.get("address", "")
        address = _below_prefix(asked) if asked else ""
        rows = list(visible(self.request, self.scope.mine).select_related("owner"))
        self.seen.count = len(rows)
        return {
            "own": [row for row in rows if row.owner_id == self.request.user.pk],
            "shared": [row for row in rows if row.owner_id != self.request.user.pk],
            "form": SavedSearchForm(initial={"address": address}) if address else None,
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save, share, pin or delete."""
        if "delete" in request.POST:
            self._own(request.POST["delete"]).delete()
            messages.success(request, gettext("Deleted."))
        elif "share" in request.POST:
            self._toggle(request.POST["share"], "is_shared")
        elif "pin" in request.POST:
            self._toggle(request.POST["pin"], "is_pinned")
        else:
            return self._save(request)
        return HttpResponseRedirect(request.path)

    def _save(self, request: HttpRequest) -> HttpResponse:
        owner = SavedSearch(
            owner_id=cast("int", request.user.pk), tenant_id=self.scope.value
        )
        form = SavedSearchForm(request.POST, instance=owner)
        if not form.is_valid():
            return self.show(form=form)
        form.instance.address = _below_prefix(form.cleaned_data["address"])
        # "All mine" are another's other tenants: such a search stays one's own.
        form.instance.is_shared &= self.scope.value != ALL
        form.save()
        messages.success(request, gettext("Saved."))
        return HttpResponseRedirect(request.path)

    def _own(self, key: str) -> SavedSearch:
        found = SavedSearch.objects.filter(
            owner_id=self.request.user.pk, pk=key if key.isdecimal() else 0
        ).first()
        if found is None:
            raise Http404
        return found

    def _toggle(self, key: str, name: str) -> None:
        row = self._own(key)
        wanted = not getattr(row, name)
        setattr(
            row, name, wanted and not (name == "is_shared" and row.tenant_id == ALL)
        )
        row.save(update_fields=[name])


def visible(request: HttpRequest, tenants: tuple[str, ...]) -> QuerySet[SavedSearch]:
    """Return what the user may see: one's own, and what is shared in the tenants."""
    own = Q(owner_id=request.user.pk)
    return SavedSearch.objects.filter(own | Q(is_shared=True, tenant_id__in=tenants))


def _below_prefix(address: str) -> str:
    """Return a console's address without the prefix of the host.

    Raises:
        Http404: it is no address of this console.
    """
    prefix = reverse("audit_console:index")
    below = address.removeprefix(prefix)
    path = prefix + below.partition("?")[0]
    try:
        match = resolve(path)
    except Resolver404 as error:
        raise Http404 from error
    # The last route of the console, which answers 404, has no name.
    if "audit_console" not in match.namespaces or not match.url_name:
        raise Http404
    return below
