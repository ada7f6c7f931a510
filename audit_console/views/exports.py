"""Exports: asked for, watched, downloaded; each step is on record first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from audit_console import access, purposes
from audit_console.access import Act
from audit_console.conf import console_settings
from audit_console.exports import (
    approving,
    files,
    formats,
    manifest,
    plan,
    queue,
    requests,
)
from audit_console.exports.forms import ExportForm
from audit_console.forms import RejectionForm
from audit_console.models import Export
from audit_console.queries import Asked, ConsoleQuery
from audit_console.queries.access_log import AccessQuery
from audit_console.reading import look
from audit_console.views.base import Page
from audit_console.views.explorer import asked_of, kept_of
from audit_console.zones import zone_of
from eventstore.roles import Permission

#: How many exports the list shows, and looks the page of one.
_LISTED, _LOOKS = 100, 20
#: Seconds that counting may take before somebody asks; the worker counts anyway.
_COUNTING = 2.0
#: What can be downloaded of an export.
_PARTS = ("file", "manifest")


class _ExportsRoom(Page):
    permission = Permission.EXPORT
    room = "exports"

    @property
    def user_key(self) -> str:
        """The reader, as exports name their owner."""
        return str(self.request.user.pk)

    def waiting(self, *, has_active: bool) -> dict[str, Any]:
        """Return what to say when nobody is there to make what waits."""
        if not has_active or queue.alive():
            return {"is_stopped": False}
        return {"is_stopped": True, "last_seen": queue.last_seen()}


class ExportsPage(_ExportsRoom):
    """One's own exports; with ``view_all_access_log``, everybody's in the tenants."""

    act = Act.LIST_EXPORTS
    template_name = "audit_console/exports/list.html"
    title = _("Exports")

    def context(self) -> dict[str, Any]:
        """Return the newest."""
        rows = list(requests.visible(self.user_key, self.scope)[:_LISTED])
        self.seen.count = len(rows)
        return {
            "rows": rows,
            "is_set_up": files.is_set_up(),
            "limit": _LISTED,
            "to_decide": [
                row
                for row in rows
                if approving.may_decide(self.user_key, self.scope, row)
            ],
            **self.waiting(has_active=any(row.is_active for row in rows)),
        }


class NewExportPage(_ExportsRoom):
    """``/exports/new/?<the address of a list>``: says exactly what leaves."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.OPEN_PAGE
    template_name = "audit_console/exports/new.html"
    title = _("Export these events")
    shows_payload: ClassVar[bool] = True
    #: What a valid form was found to ask for: how many events, and whose approval why.
    counted: int | None = None
    reasons: Sequence[str] = ()

    @cached_property
    def asked(self) -> Asked:
        """Return the list that the address names."""
        return asked_of(self.request, self.scope)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Pin the list first: what the form says is what leaves."""
        pinned = None
        if files.is_set_up() and not self.asked.faults:
            with look(self.scope.mine) as self.reading:
                if not self._is_pinned():
                    pinned = requests.pinned(self._query())
        if pinned is not None:
            return HttpResponseRedirect(f"{request.path}{pinned.url()}")
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put the request on record, then into the queue."""
        if self.asked.faults or not files.is_set_up():
            return HttpResponseRedirect(request.get_full_path())
        form = self._form(request.POST)
        with look(self.scope.mine) as self.reading:
            if not self._is_pinned():
                return HttpResponseRedirect(request.get_full_path())
            if form.is_valid():
                self._refuse(form, self._query())
        if form.errors:
            return self.show(form=form)
        key = uuid.uuid4()
        description = self.asked.describe()
        self.seen.query = description
        self.seen.objects = [f"export:{key}"]
        self.done(Act.REQUEST_EXPORT)
        self._create(key, form, description)
        return HttpResponseRedirect(reverse("audit_console:export", args=[key]))

    def context(self) -> dict[str, Any]:
        """Return what the form says, and the form."""
        asked, query = self.asked, self._query()
        self.seen.query = query.describe()
        shared = {
            "asked": asked,
            "faults": asked.faults,
            "is_set_up": files.is_set_up(),
            "back": f"{reverse('audit_console:events')}{asked.url()}",
        }
        if asked.faults or not self._is_pinned():
            return {**shared, "is_empty": not asked.faults}
        cap = plan.cap_of(Export.Format.NDJSON)
        events = query.count_up_to(cap, seconds=_COUNTING)
        reasons = approving.reasons(
            self.scope, with_personal=True, events=cap if events is None else events
        )
        many = Export.Reason.EVENTS in reasons
        return {
            **shared,
            "form": self._form(),
            "refusal": query.refusal,
            # Of what is not counted, a shorter file may yet leave with one person.
            "nobody": self._nobody() if many and events is not None else "",
            "events": events,
            "cap": cap,
            "alone": console_settings().EXPORT_SECOND_PERSON_EVENTS,
            "waits_for_events": many,
            "waits_for_personal": Export.Reason.PERSONAL in reasons,
            "report_cap": plan.cap_of(Export.Format.HTML),
            "hidden": manifest.hidden(plan.allowed(self.scope, with_personal=False)),
            "shows_payloads": self.scope.may(Permission.VIEW_PAYLOAD),
        }

    def _is_pinned(self) -> bool:
        return requests.is_pinned(self.asked, self.reading.horizon)

    def _query(self) -> ConsoleQuery:
        return ConsoleQuery(self.asked, self.scope.tenants, self.reading)

    def _form(self, given: Any = None) -> ExportForm:
        return ExportForm(
            given,
            payloads=self.scope.may(Permission.VIEW_PAYLOAD),
            personal=all(map(self.scope.may, plan.PERSONAL)),
        )

    def _refuse(self, form: ExportForm, query: ConsoleQuery) -> None:
        """Add to the form why this is not made, if it is not."""
        if query.refusal:
            form.add_error(None, query.refusal)
            return
        cap = plan.cap_of(form.cleaned_data["format"])
        self.counted = query.count_up_to(cap, seconds=_COUNTING)
        if self.counted is not None and self.counted > cap:
            form.add_error("format", plan.too_many(cap))
        if requests.active(self.user_key) >= requests.ACTIVE_AT_ONCE:
            form.add_error(
                None,
                gettext("%(n)s of your exports still wait: let them finish first.")
                % {"n": requests.ACTIVE_AT_ONCE},
            )
        self._look_for_second(form, cap)

    def _look_for_second(self, form: ExportForm, cap: int) -> None:
        """Find out why a second person is needed, and refuse it if there is none."""
        self.reasons = approving.reasons(
            self.scope,
            with_personal=form.cleaned_data.get("with_personal", False),
            events=cap if self.counted is None else self.counted,
        )
        nobody = self._nobody() if self.reasons else ""
        if nobody:
            is_personal_alone = self.reasons == [Export.Reason.PERSONAL]
            form.add_error("with_personal" if is_personal_alone else None, nobody)

    def _nobody(self) -> str:
        """Return that there is no second person, where there is none."""
        if approving.seconds(self.user_key, self.scope.tenants):
            return ""
        return gettext(
            "A second person must approve this, and nobody else has the permission "
            "approve_export here."
        )

    def _create(self, key: uuid.UUID, form: ExportForm, description: str) -> None:
        asked, given = self.asked, form.cleaned_data
        states = Export.State
        purpose = purposes.active(self.request)
        Export.objects.create(
            id=key,
            state=states.WAITING if self.reasons else states.QUEUED,
            counted=self.counted,
            approval_reasons=self.reasons,
            owner_id=self.request.user.pk,
            owner_key=self.user_key,
            owner_name=self.request.user.get_username(),
            tenants=list(self.scope.tenants),
            kept=kept_of(self.request, asked),
            description=description,
            zone=zone_of(self.request).key,
            language=translation.get_language() or "en",
            columns=given["columns"],
            format=given["format"],
            with_personal=given.get("with_personal", False),
            **requests.place_of(asked),
            purpose=purpose.code if purpose else "",
            reference=purpose.reference if purpose else "",
            request_id=access.request_id_of(self.request),
        )


class _OneExport(_ExportsRoom):
    def find(self, *, only_own: bool = False) -> Export:
        """Return the export that the address names.

        Raises:
            Http404: there is none, or it is not the reader's to see.
        """
        rows = requests.visible(self.user_key, self.scope)
        found: Export | None = rows.filter(pk=self.kwargs["key"]).first()
        if found is None or (only_own and found.owner_key != self.user_key):
            raise Http404
        self.seen.tenants = found.tenants
        self.seen.objects = [f"export:{found.pk}"]
        return found


class ExportPage(_OneExport):
    """One export: what it is, how far, and who had to do with it."""

    http_method_names = ["get", "head", "options", "post"]
    act = Act.VIEW_EXPORT
    template_name = "audit_console/exports/one.html"
    fragments: ClassVar[Mapping[str, str]] = {
        "progress": "audit_console/exports/_progress.html"
    }
    title = pgettext_lazy("noun", "Export")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it; how far it is shows no event, so polling is not put on record."""
        if not self.is_fragment:
            return super().get(request, *args, **kwargs)
        with look(self.scope.mine) as self.reading:
            context = self.context()
            body = self._render(context)
        if context["export"].is_active:
            return HttpResponse(body)
        # The rest of the page changes too: the file is there, or the reason why not.
        return HttpResponse(headers={"HX-Refresh": "true"})

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Cancel it."""
        export = self.find(only_own=True)
        self.done(Act.CANCEL_EXPORT)
        if queue.cancel(export):
            messages.success(request, gettext("Cancelled. Nothing of it is kept."))
        return HttpResponseRedirect(request.path)

    def context(self) -> dict[str, Any]:
        """Return the export and its records."""
        export = self.find()
        is_own = export.owner_key == self.user_key
        return {
            "export": export,
            "is_own": is_own,
            "may_decide": approving.may_decide(self.user_key, self.scope, export),
            "rejection": RejectionForm(),
            "may_download": is_own and _may_download(self, export),
            "list_url": f"{reverse('audit_console:events')}?{export.parameters}",
            "looks": AccessQuery(
                own=self.user_key,
                tenants=self._everybody_in(),
                known=frozenset(self.scope.mine),
                object_seen=f"export:{export.pk}",
            )
            .page()
            .entries[:_LOOKS],
            **self.waiting(has_active=export.is_active),
        }

    def _everybody_in(self) -> list[str]:
        return [
            tenant
            for tenant in self.scope.mine
            if self.scope.may(Permission.VIEW_ALL_ACCESS_LOG, tenant)
        ]


class ExportDecision(ExportPage):
    """The second person's yes or no."""

    http_method_names = ["post", "options"]
    act = Act.DECIDE_EXPORT

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Put the decision on record, then let it count.

        Raises:
            Http404: there is nothing that this reader could decide on.
            BadRequest: the form says neither yes nor no.
        """
        export = self.find()
        if not approving.may_decide(self.user_key, self.scope, export):
            raise Http404
        match request.POST.get("act"):
            case "approve":
                return self._decide(export, gettext("Approved."))
            case "reject":
                form = RejectionForm(request.POST)
                if not form.is_valid():
                    return self.show(rejection=form)
                why = form.cleaned_data["why"]
                return self._decide(export, gettext("Rejected."), refusal=why)
        raise BadRequest

    def _decide(
        self, export: Export, said: str, *, refusal: str = ""
    ) -> HttpResponseRedirect:
        self.seen.query = "rejected" if refusal else "approved"
        self.done()
        if queue.decide(export, self.request.user, refusal=refusal):
            messages.success(self.request, said)
        return HttpResponseRedirect(reverse("audit_console:export", args=[export.pk]))


class ExportDownload(_OneExport):
    """The file or its manifest, to its owner alone, by POST: no link is a key to it."""

    http_method_names = ["post", "options"]
    act = Act.DOWNLOAD

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Put the download on record, count it, and only then open the file."""
        export = self.find(only_own=True)
        if not _may_download(self, export) or kwargs["part"] not in _PARTS:
            raise Http404
        if purposes.is_due(request):
            # As before any payload; the form that leads on must be sent anew.
            page = reverse("audit_console:export", args=[export.pk])
            query = urlencode({"next": page})
            return HttpResponseRedirect(f"{reverse('audit_console:purpose')}?{query}")
        name = export.file.rpartition("/")[2]
        if kwargs["part"] == "manifest":
            name = f"{name}.manifest.json"
        self.seen.count = export.events
        self.seen.query = f"file={name}"
        self.done()
        if kwargs["part"] == "manifest":
            text = HttpResponse(files.as_text(export.manifest or {}))
            return _attached(text, name, "application/json; charset=utf-8")
        queue.count_download(export)
        file = FileResponse(files.storage().open(export.file, "rb"))
        return _attached(file, name, formats.media_type_of(export))


def _may_download(page: _OneExport, export: Export) -> bool:
    """Return whether the file is there, and still its owner's to take out."""
    needed = plan.PERSONAL if export.with_personal else frozenset()
    if "data" in export.columns:
        needed |= {Permission.VIEW_PAYLOAD}
    is_there = export.state == Export.State.READY and not export.has_had_its_days
    return is_there and all(
        page.scope.may(permission, tenant)
        for permission in {Permission.EXPORT, *needed}
        for tenant in export.tenants
    )


def _attached(
    response: HttpResponseBase, name: str, media_type: str
) -> HttpResponseBase:
    response["Content-Type"] = media_type
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
