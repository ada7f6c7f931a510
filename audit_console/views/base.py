"""What every page is: permission, horizon, limits, record, then the first byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from audit_console import access, links, purposes
from audit_console.access import Act, Outcome, Seen
from audit_console.chrome import Chrome
from audit_console.reading import Reading, look
from audit_console.scope import Scope, scope_of
from audit_console.zones import zone_of
from eventstore.roles import Permission

#: What tells parts of one kind apart: unfolded-12.
_NUMBERED = re.compile(r"-\d+$", re.ASCII)


class Page(View):
    """A page of the console. To add one, write this class and its template.

    A subclass names the class attributes below and implements :meth:`context`. It runs
    in a read-only transaction with ``self.reading.horizon`` read first, and fills
    ``self.seen`` with what it shows. Then the access is recorded; then, and only then,
    the answer is sent. A page that also changes something adds ``post``, calls
    :meth:`done` there, and redirects.

    Attributes:
        permission: who may see it: it decides the tenants of ``self.scope``.
        act: what the access log says that its reader did.
        template_name: the whole document, which extends ``audit_console/base.html``.
        fragments: the templates of parts of it, by the ``id`` of the element that htmx
            puts them in, without the number that tells several of them apart; they get
            the same context.
        title: of the document and its heading; ``self.title`` may be set later.
        room: which place of the navigation it belongs to (:data:`chrome.ROOMS`).
        shows_payload: whether a purpose must be stated before.
    """

    http_method_names = ["get", "head", "options"]
    permission: ClassVar[Permission] = Permission.VIEW_EVENT
    act: ClassVar[Act]
    template_name: ClassVar[str]
    fragments: ClassVar[Mapping[str, str]] = {}
    title: str | Promise = ""
    room: ClassVar[str] = ""
    shows_payload: ClassVar[bool] = False

    scope: Scope
    reading: Reading
    seen: Seen

    def context(self) -> dict[str, Any]:
        """Return what the template shows, all of it up to ``self.reading.horizon``."""
        raise NotImplementedError

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Decide whose events these are and in which zone; ask for the purpose."""
        self.scope = scope_of(request, self.permission)
        if not self.scope.tenants:
            raise PermissionDenied(_("None of your grants includes this page."))
        self.seen = Seen()
        if self.shows_payload and purposes.is_due(request):
            return self._ask_for_purpose()
        purposes.keep_alive(request)
        with timezone.override(zone_of(request)):
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the page."""
        return self.show()

    def show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """Read, render, record, answer; ``more`` is added to the context."""
        try:
            with look(self.scope.mine) as self.reading:
                body = self._render({**self.context(), **more})
        except (Http404, PermissionDenied):
            raise  # which the guard puts on record
        except Exception:
            # What was asked all the same: that it fails may be an answer.
            self._record(self.act, Outcome.FAILED)
            raise
        self._record(self.act, Outcome.SHOWN)
        return HttpResponse(body, status=status)

    def done(self, act: Act | None = None, outcome: Outcome = Outcome.DONE) -> None:
        """Record what a ``post`` is about to do, or has done, before it answers."""
        self._record(act or self.act, outcome)

    @property
    def next_address(self) -> str:
        """Where a form leads on to: a page of this console, and nowhere else."""
        given = self.request.POST.get("next") or self.request.GET.get("next", "")
        return links.own_address(given)

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of the page."""
        headers = self.request.headers
        return headers.get("HX-Request") == "true" and self._target in self.fragments

    @property
    def _target(self) -> str:
        return _NUMBERED.sub("", self.request.headers.get("HX-Target", ""))

    def _record(self, act: Act, outcome: Outcome) -> None:
        access.record(
            self.request, act, outcome, tenants=self.scope.tenants, seen=self.seen
        )

    def _render(self, context: Mapping[str, Any]) -> str:
        shared: dict[str, Any] = {
            "page": self,
            "title": self.title,
            "scope": self.scope,
            "reading": self.reading,
            "request_id": access.request_id_of(self.request),
        }
        if self.is_fragment:
            template = self.fragments[self._target]
        else:
            template = self.template_name
            shared["chrome"] = Chrome(self.request, self.scope, self.room)
        return render_to_string(template, {**shared, **context}, self.request)

    def _ask_for_purpose(self) -> HttpResponse:
        address = reverse("audit_console:purpose")
        headers = self.request.headers
        if headers.get("HX-Request") != "true":
            query = urlencode({"next": self.request.get_full_path()})
            return HttpResponseRedirect(f"{address}?{query}")
        # A part is no place to come back to: that is the page that asked for it.
        query = urlencode({"next": _path_of(headers.get("HX-Current-URL", ""))})
        return HttpResponse(headers={"HX-Redirect": f"{address}?{query}"})


def _path_of(address: str) -> str:
    """Return an address without its host; "" where it is none."""
    try:
        return urlsplit(address)._replace(scheme="", netloc="").geturl()
    except ValueError:
        return ""
