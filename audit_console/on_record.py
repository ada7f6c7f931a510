"""Pages of the ordinary admin that show the log: on record as the console's own are.

There is no second door to the log that nobody watches: what is about to be shown is
written down first, and if that cannot be done, it is not shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _

from audit_console import access
from audit_console.access import AccessNotRecordedError, Act, Outcome, Seen
from eventstore.admin import HIDDEN, LogAdmin
from eventstore.disclosure import is_personal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.urls import URLPattern

_log = logging.getLogger("audit_console")


class OnRecord(LogAdmin):
    """A list and its rows, each look at which is recorded before it is answered.

    Attributes:
        acts: what whoever opens the list does, and whoever opens a row.
    """

    acts: ClassVar[tuple[Act, Act]]

    def seen_of(self, row: Any) -> str:
        """Return what the access log calls the object that ``row`` shows."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Keep the host's ATOMIC_REQUESTS away, which could take a record back."""
        patterns: list[URLPattern] = super().get_urls()
        for pattern in patterns:
            for alias in connections:
                transaction.non_atomic_requests(using=alias)(pattern.callback)
        return patterns

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list."""
        show = super().changelist_view
        return self._answer(request, 0, lambda: show(request, extra_context))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the row."""
        show = super().change_view
        return self._answer(
            request, 1, lambda: show(request, object_id, form_url, extra_context)
        )

    def _answer(
        self, request: HttpRequest, which: int, show: Callable[[], HttpResponse]
    ) -> HttpResponse:
        """Ask Django, record what it is about to show, and only then let it."""
        act = self.acts[which]
        try:
            try:
                response = show()
            except PermissionDenied:
                self._record(request, act, Outcome.DENIED, Seen(query=request.path))
                raise
            context = getattr(response, "context_data", None) or {}
            if "cl" in context:
                self._record(request, act, Outcome.SHOWN, self._seen_in(context["cl"]))
            elif context.get("original") is not None:
                seen = self._seen_at(context["original"])
                self._record(request, act, Outcome.SHOWN, seen)
            elif request.method == "GET":
                seen = Seen(query=request.path)
                self._record(request, act, Outcome.NOT_FOUND, seen)
        except AccessNotRecordedError:
            _log.exception("Reading is disabled because access cannot be recorded.")
            return HttpResponse(
                _("Reading is disabled because access cannot be recorded."),
                status=503,
                content_type="text/plain; charset=utf-8",
            )
        return response

    def _record(
        self, request: HttpRequest, act: Act, outcome: Outcome, seen: Seen
    ) -> None:
        access.record(
            request, act, outcome, tenants=list(self.grants(request)), seen=seen
        )

    def _seen_in(self, shown: Any) -> Seen:
        given = shown.form.cleaned_data if shown.form.is_valid() else {}
        paths = shown.form.paths
        asked = [
            f"{name}:{HIDDEN if name in paths and is_personal(paths[name]) else value}"
            for name, value in given.items()
            if value
        ]
        return Seen(
            objects=list(dict.fromkeys(map(self.seen_of, shown.result_list))),
            query=" ".join(["admin", *asked]),
            count=len(shown.result_list),
            tenants=sorted(shown.form.scope),
        )

    def _seen_at(self, row: Any) -> Seen:
        return Seen(objects=[self.seen_of(row)], query="admin", tenants=[row.tenant_id])
