"""The log in Django's admin: read-only, by keyset pages, within the user's tenants."""

from __future__ import annotations

import json
from datetime import UTC
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

import simplejson
from django import forms
from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import IGNORED_PARAMS, ChangeList
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from eventstore import reading, serialization
from eventstore.conf import store_settings
from eventstore.disclosure import disclose, is_personal
from eventstore.grants import permissions_of
from eventstore.keys.admin import ApiKeyAdmin
from eventstore.models import (
    ApiKey,
    EventRedaction,
    EventSnapshot,
    StoredEvent,
    TenantGrant,
)
from eventstore.models.event import metadata_text
from eventstore.models.paging import page_in_tenants
from eventstore.roles import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

    _ModelAdmin = admin.ModelAdmin[Any]
    _GrantAdmin = admin.ModelAdmin[TenantGrant]
    _GrantForm = forms.ModelForm[TenantGrant]
else:  # Django's classes take no parameters when they run.
    _ModelAdmin = _GrantAdmin = admin.ModelAdmin
    _GrantForm = forms.ModelForm

_LARGEST = (1 << 63) - 1
_OLDER, _NEWER = "before", "after"
#: Where metadata name who did it.
ACTOR_PATH = ("metadata", "actor", "id")
#: What stands for a value that is there and not shown.
HIDDEN = "••••"


class LogFilterForm(forms.Form):
    """What a list can be filtered by: exact values that an index answers."""

    tenant = forms.ChoiceField(label=_("Tenant"), required=False)
    #: Filters that are no columns, with the expression that their index has.
    expressions: ClassVar[dict[str, Any]] = {}
    #: Those of them that ask for a part of a document, with the way to it.
    paths: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(
        self,
        *args: Any,
        tenants: frozenset[str],
        sees_personal: bool,
        **kwargs: Any,
    ) -> None:
        """Offer the user's own tenants and no others, and no filter that would tell."""
        super().__init__(*args, **kwargs)
        self.tenants = tenants
        for name, path in self.paths.items():
            if not sees_personal and is_personal(path):
                del self.fields[name]
        own = [(tenant, tenant) for tenant in sorted(tenants)]
        tenant = self.fields["tenant"]
        if isinstance(tenant, forms.ChoiceField):
            tenant.choices = [("", _("All yours")), *own]

    @property
    def scope(self) -> frozenset[str]:
        """The chosen tenant, or all of the user's; none if another was asked for."""
        if not self.is_valid():
            return frozenset()
        chosen = self.cleaned_data["tenant"]
        return frozenset((chosen,)) if chosen else self.tenants

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def is_timeline(self) -> bool:
        """Whether the list is the history of one aggregate."""
        given = self.cleaned_data if self.is_valid() else {}
        return len(self.scope) == 1 and all(
            given.get(name) for name in ("aggregate_type", "aggregate_id")
        )

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return ``rows`` as filtered, without the scope."""
        if not self.is_valid():
            return rows.none()
        for name, value in self.cleaned_data.items():
            if name == "tenant" or value in {"", None}:
                continue
            expression = self.expressions.get(name)
            rows = (
                rows.filter(**{name: value})
                if expression is None
                else rows.filter(Exact(expression, value))
            )
        return rows


class EventFilterForm(LogFilterForm):
    """Events."""

    event_type = forms.CharField(label=_("Event type"), required=False)
    aggregate_type = forms.CharField(label=_("Aggregate type"), required=False)
    aggregate_id = forms.CharField(label=_("Aggregate id"), required=False)
    event_id = forms.CharField(label=_("Event id"), required=False)
    correlation_id = forms.CharField(label=_("Correlation id"), required=False)
    actor_id = forms.CharField(label=_("Actor id"), required=False)

    expressions: ClassVar[dict[str, Any]] = {
        "correlation_id": metadata_text("correlation_id"),
        "actor_id": metadata_text("actor", "id"),
    }
    paths: ClassVar[dict[str, tuple[str, ...]]] = {
        "correlation_id": ("metadata", "correlation_id"),
        "actor_id": ACTOR_PATH,
    }


class SnapshotFilterForm(LogFilterForm):
    """Snapshots."""

    aggregate_type = forms.CharField(label=_("Aggregate type"), required=False)
    aggregate_id = forms.CharField(label=_("Aggregate id"), required=False)
    snapshot_id = forms.CharField(label=_("Snapshot id"), required=False)


class RedactionFilterForm(LogFilterForm):
    """Records of redactions."""

    aggregate_type = forms.CharField(label=_("Aggregate type"), required=False)
    aggregate_id = forms.CharField(label=_("Aggregate id"), required=False)
    position = forms.IntegerField(
        label=_("Position"), required=False, min_value=0, max_value=_LARGEST
    )
    redaction_id = forms.CharField(label=_("Redaction id"), required=False)


class KeysetChangeList(ChangeList):
    """Newest first, a page at a time, without counting or skipping anything."""

    model_admin: LogAdmin

    @cached_property
    def form(self) -> LogFilterForm:
        """The filters as given."""
        grants, tenants = self.model_admin.grants, self.model_admin.tenants
        return self.model_admin.filter_form(
            self.params,
            tenants=tenants(self._request),
            sees_personal=all(
                Permission.VIEW_PII in grants(self._request)[tenant]
                for tenant in tenants(self._request)
            ),
        )

    @cached_property
    def key(self) -> str:
        """What the pages are ordered by; a history has an index by version."""
        if self.form.is_timeline and self.model_admin.has_versions:
            return "aggregate_version"
        return "pk"

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: Any = None
    ) -> QuerySet[Any]:
        """Return the filtered rows; the scope is added when the page is read.

        Raises:
            DisallowedModelAdminLookup: a parameter that no filter declares.
        """
        del exclude_parameters  # of facets, which are off
        self._request = request
        allowed = {*self.form.fields, _OLDER, _NEWER, *IGNORED_PARAMS}
        for name in self.params:
            if name not in allowed:
                msg = f"Filtering by {name} not allowed"
                raise DisallowedModelAdminLookup(msg)
        self.filter_specs: list[Any] = []
        self.has_filters = self.has_active_filters = False
        return self.form.apply(self.model_admin.rows())

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and what the template asks of it."""
        self.result_list = self._read(request)
        for row in self.result_list:
            grants = self.model_admin.grants(request)
            self.model_admin.veil(row, grants[row.tenant_id])
        # Of this page: nobody counts the log.
        self.result_count = len(self.result_list)
        self.full_result_count = None
        self.show_full_result_count = self.show_admin_actions = False
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.result_list, self.list_per_page)
        self.formset = None

    @property
    def title(self) -> str:
        """What the list shows: the history of one aggregate, or all there is."""
        if self.form.is_timeline:
            given = self.form.cleaned_data
            return gettext("%(rows)s of %(type)s %(id)s") % {
                "rows": capfirst(self.opts.verbose_name_plural),
                "type": given["aggregate_type"],
                "id": given["aggregate_id"],
            }
        return capfirst(str(self.opts.verbose_name_plural))

    @title.setter
    def title(self, _title: str) -> None:
        """Django would say "Select one to view"."""

    def _read(self, request: HttpRequest) -> list[Any]:
        rows = self.model_admin.up_to_final(self.queryset)
        before, after = (_position(request, name) for name in (_OLDER, _NEWER))
        if before is not None:
            rows = rows.filter(**{f"{self.key}__lt": before})
        elif after is not None:
            rows = rows.filter(**{f"{self.key}__gt": after})
        upwards = before is None and after is not None
        found = page_in_tenants(
            rows,
            self.form.scope,
            key=self.key,
            newest_first=not upwards,
            limit=self.list_per_page + 1,
        )
        has_more = len(found) > self.list_per_page
        page = found[: self.list_per_page]
        if upwards:
            page.reverse()
        self._link_pages(
            page,
            has_newer=has_more if upwards else before is not None,
            has_older=upwards or has_more,
        )
        return page

    def _link_pages(self, page: list[Any], *, has_newer: bool, has_older: bool) -> None:
        remove = [_OLDER, _NEWER]
        edges = [getattr(row, self.key) for row in (page[:1] + page[-1:])]
        self.newest_link = self.get_query_string(remove=remove) if has_newer else None
        self.newer_link = self.older_link = None
        if edges and has_newer:
            self.newer_link = self.get_query_string({_NEWER: edges[0]}, [_OLDER])
        if edges and has_older:
            self.older_link = self.get_query_string({_OLDER: edges[1]}, [_NEWER])


class LogAdmin(_ModelAdmin):
    """Rows of the log: to be looked at, by those whose grants say so."""

    change_list_template = "eventstore/admin/change_list.html"
    change_form_template = "eventstore/admin/change_form.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    sortable_by = ()
    empty_value_display = ""
    list_per_page = 50
    filter_form: type[LogFilterForm]
    has_versions = False
    #: JSON columns: read as text, for no float may stand between store and reader.
    documents: ClassVar[dict[str, str]] = {}

    class Media:
        """Our few rules beside the admin's; a file, so that any policy allows it."""

        css: ClassVar[dict[str, Sequence[str]]] = {"all": ("eventstore/admin.css",)}

    def tenants(self, request: HttpRequest) -> frozenset[str]:
        """Return the tenants whose events the user may see."""
        return frozenset(
            tenant
            for tenant, allowed in self.grants(request).items()
            if Permission.VIEW_EVENT in allowed
        )

    def grants(self, request: HttpRequest) -> Mapping[str, frozenset[Permission]]:
        """Return what the user may, by tenant; asked for once a request."""
        known: Mapping[str, frozenset[Permission]] | None = getattr(
            request, "_eventstore_grants", None
        )
        if known is None:
            known = permissions_of(request.user)
            request._eventstore_grants = known  # type: ignore[attr-defined]  # noqa: SLF001 - a memo of ours
        return known

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return the row with what the user's grants show of its documents."""
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            self._disclose(row, self.grants(request)[row.tenant_id])
        return row

    def veil(self, row: Any, allowed: frozenset[Permission]) -> None:
        """Hide what a list shows of documents and ``allowed`` does not include."""

    def _disclose(self, row: Any, allowed: frozenset[Permission]) -> None:
        documents = {
            column.removeprefix("event_"): serialization.decode(text, decimals=True)
            for name, column in self.documents.items()
            if (text := getattr(row, name)) is not None
        }
        shown, row.hidden_paths = disclose(documents, allowed)
        for name, column in self.documents.items() if row.hidden_paths else ():
            document = shown.get(column.removeprefix("event_"))
            setattr(row, name, simplejson.dumps(document, use_decimal=True))

    @admin.display(description=_("hidden from you"))
    def hidden(self, row: Any) -> SafeString | str:
        """Name what is there and not shown: null must not be taken for it."""
        paths: list[str] = row.hidden_paths
        if not paths:
            return str(_("nothing"))
        return format_html('<pre class="eventstore-json">{}</pre>', "\n".join(paths))

    def rows(self) -> QuerySet[Any]:
        """Return the rows of everybody, without their documents."""
        model: type[Model] = self.model
        rows = model._default_manager.using(store_settings().DATABASE)  # noqa: SLF001 - documented by Django
        return rows.defer(*self.documents.values())

    def up_to_final(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return ``rows`` up to where their order is final."""
        return rows

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what the user may see, with documents as text; for single rows."""
        texts = {
            name: Cast(column, TextField()) for name, column in self.documents.items()
        }
        rows = self.rows().filter(tenant_id__in=self.tenants(request))
        scoped: QuerySet[Any] = rows.annotate(**texts)
        return scoped

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> list[Any] | tuple[Any, ...]:
        """Return every field: a row has no form."""
        return flatten_fieldsets(self.get_fieldsets(request, obj))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the list that keeps to its page."""
        del request, kwargs
        return KeysetChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, and why it is empty."""
        hint = {
            "has_grants": bool(self.tenants(request)),
            "may_grant": request.user.has_perm("eventstore.view_tenantgrant"),
        }
        return super().changelist_view(request, {**hint, **(extra_context or {})})

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the aggregate's history: a row of the log has no other."""
        del extra_context
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]  # as Django's own views do
                request, self.opts, object_id
            )
        return HttpResponseRedirect(_timeline_url(self.admin_site.name, row))

    def lookup_allowed(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: nobody may ask the columns by the address of the page."""
        return False

    def to_field_allowed(self, *_args: Any, **_kwargs: Any) -> bool:
        """Refuse: rows have one address."""
        return False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse: events come from the store."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: history does not change."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse: history stays."""
        return False

    @admin.display(description=_("version"))
    def version(self, row: Any) -> int:
        """Where in the aggregate's history it stands."""
        known: int = row.aggregate_version
        return known

    @admin.display(description=_("aggregate"))
    def aggregate(self, row: Any) -> SafeString:
        """Link to the history of the aggregate."""
        return format_html(
            '<a href="{}" title="{}">{} {}</a>',
            _timeline_url(self.admin_site.name, row),
            _("View on timeline"),
            row.aggregate_type,
            row.aggregate_id,
        )


@admin.register(StoredEvent)
class StoredEventAdmin(LogAdmin):
    """Events, newest first; the history of one aggregate by version."""

    filter_form = EventFilterForm
    has_versions = True
    documents: ClassVar[dict[str, str]] = {
        "data_text": "event_data",
        "metadata_text": "metadata",
    }
    list_display = (
        "position",
        "event_type",
        "redacted",
        "aggregate",
        "version",
        "tenant_id",
        "actor",
        "occurred_second",
        "stored_second",
    )
    fieldsets = (
        (None, {"fields": ("event_type", "event_version", "event_id", "redactions")}),
        (
            _("Place"),
            {"fields": ("tenant_id", "aggregate", "aggregate_version", "position")},
        ),
        (_("Time"), {"fields": ("occurred", "stored")}),
        (_("Contents"), {"fields": ("data", "metadata_document", "hidden")}),
    )

    def rows(self) -> QuerySet[StoredEvent]:
        """Add who did it, the one thing a list shows of the metadata."""
        rows: QuerySet[StoredEvent] = super().rows()
        with_actor: QuerySet[StoredEvent] = rows.annotate(
            actor_id=metadata_text("actor", "id")
        )
        return with_actor

    def veil(self, row: Any, allowed: frozenset[Permission]) -> None:
        """Hide who did it, where that is personal."""
        if Permission.VIEW_PII not in allowed and is_personal(ACTOR_PATH):
            row.actor_id = HIDDEN if row.actor_id is not None else None

    def up_to_final(self, rows: QuerySet[StoredEvent]) -> QuerySet[StoredEvent]:
        """Stop where an event could still appear between two shown."""
        # A statement before the page's own.
        return rows.filter(position__lte=reading.stable_position())

    @admin.display(description=_("occurred at"))
    def occurred(self, event: StoredEvent) -> str:
        """Business time."""
        return _moment(event.occurred_at)

    @admin.display(description=_("stored at"))
    def stored(self, event: StoredEvent) -> str:
        """Recorded time."""
        return _moment(event.stored_at)

    @admin.display(description=_("occurred at (UTC)"))
    def occurred_second(self, event: StoredEvent) -> str:
        """Business time, as a list has room for it."""
        return _second(event.occurred_at)

    @admin.display(description=_("stored at (UTC)"))
    def stored_second(self, event: StoredEvent) -> str:
        """Recorded time, as a list has room for it."""
        return _second(event.stored_at)

    @admin.display(description=_("actor"))
    def actor(self, event: Any) -> str | None:
        """Who did it."""
        known: str | None = event.actor_id
        return known

    @admin.display(description=_("redacted"))
    def redacted(self, event: StoredEvent) -> str:
        """A word, where a cross would look like a failure."""
        return str(_("redacted")) if event.is_redacted else ""

    @admin.display(description=_("redactions"))
    def redactions(self, event: StoredEvent) -> SafeString | str:
        """Link to the records of what was removed."""
        if not event.is_redacted:
            return str(_("none"))
        address = _list_url(
            self.admin_site.name,
            EventRedaction,
            tenant=event.tenant_id,
            position=event.position,
        )
        return format_html('<a href="{}">{}</a>', address, _("Show the records"))

    @admin.display(description=_("data"))
    def data(self, event: Any) -> SafeString:
        """The payload."""
        return _document(event.data_text)

    @admin.display(description=_("metadata"))
    def metadata_document(self, event: Any) -> SafeString:
        """Who and why."""
        return _document(event.metadata_text)


@admin.register(EventSnapshot)
class EventSnapshotAdmin(LogAdmin):
    """Snapshots, newest first."""

    filter_form = SnapshotFilterForm
    documents: ClassVar[dict[str, str]] = {"state_text": "state"}
    list_display = (
        "snapshot_id",
        "aggregate",
        "version",
        "tenant_id",
        "created",
        "fold_version",
    )
    fields = (
        "snapshot_id",
        "tenant_id",
        "aggregate",
        "aggregate_version",
        "last_event_id",
        "created",
        "fold_version",
        "state_document",
        "hidden",
    )

    @admin.display(description=_("created at"))
    def created(self, snapshot: EventSnapshot) -> str:
        """Recorded time."""
        return _moment(snapshot.created_at)

    @admin.display(description=_("state"))
    def state_document(self, snapshot: Any) -> SafeString | str:
        """What the fold gave; a mere mark has none."""
        text: str | None = snapshot.state_text
        return (
            str(_("none: a mark without a state")) if text is None else _document(text)
        )


@admin.register(EventRedaction)
class EventRedactionAdmin(LogAdmin):
    """Records of redactions, newest first."""

    filter_form = RedactionFilterForm
    documents: ClassVar[dict[str, str]] = {
        "fields_text": "fields",
        "actor_text": "actor",
    }
    list_display = (
        "redaction_id",
        "event",
        "aggregate",
        "tenant_id",
        "recorded",
        "kind",
    )
    fields = (
        "redaction_id",
        "tenant_id",
        "event",
        "aggregate",
        "aggregate_version",
        "removed",
        "reason",
        "actor_document",
        "request_id",
        "kind",
        "recorded",
    )

    @admin.display(description=_("event"))
    def event(self, record: EventRedaction) -> SafeString:
        """Link to what is left of the event."""
        address = reverse(
            f"admin:{_url_name(StoredEvent)}_change",
            args=(record.position,),
            current_app=self.admin_site.name,
        )
        return format_html('<a href="{}">{}</a>', address, record.event_id)

    @admin.display(description=_("recorded at"))
    def recorded(self, record: EventRedaction) -> str:
        """Recorded time."""
        return _moment(record.recorded_at)

    @admin.display(description=_("removed"))
    def removed(self, record: Any) -> SafeString | str:
        """The pointers, one a line."""
        pointers = json.loads(record.fields_text)
        if not pointers:
            return str(_("the whole payload"))
        return format_html('<pre class="eventstore-json">{}</pre>', "\n".join(pointers))

    @admin.display(description=_("actor"))
    def actor_document(self, record: Any) -> SafeString:
        """Who removed it."""
        return _document(record.actor_text)


class TenantGrantForm(_GrantForm):
    """Exactly one principal, said in words before the database refuses."""

    tenant_id = forms.CharField(label=capfirst(_("tenant")), max_length=200)

    class Meta:
        """All that a grant has."""

        model = TenantGrant
        fields = ("tenant_id", "user", "group", "key", "role")

    def clean(self) -> dict[str, Any] | None:
        """Refuse several and none."""
        cleaned = super().clean() or {}
        if sum(bool(cleaned.get(name)) for name in ("user", "group", "key")) != 1:
            raise forms.ValidationError(
                _("Choose a user, a group or an API key: one of them.")
            )
        return cleaned


@admin.register(TenantGrant)
class TenantGrantAdmin(_GrantAdmin):
    """Who may see which tenant: the one table of these that people edit."""

    form = TenantGrantForm
    list_display = ("tenant_id", "user", "group", "key", "role")
    list_display_links = ("tenant_id",)
    list_filter = ("role",)
    list_select_related = ("user", "group", "key")
    raw_id_fields = ("user", "group", "key")
    show_facets = admin.ShowFacets.NEVER
    search_help_text = _("Tenant, name of the user or group, prefix of a key, exactly")

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Ask a custom user model for its own name."""
        del request
        name = get_user_model().USERNAME_FIELD
        return (
            "tenant_id__exact",
            f"user__{name}__exact",
            "group__name__exact",
            "key__prefix__exact",
        )


admin.site.register(ApiKey, ApiKeyAdmin)


def _position(request: HttpRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    if not given.isascii() or not given.isdigit():
        return None
    return min(int(given[:19]), _LARGEST)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")


def _second(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _document(text: str) -> SafeString:
    document = serialization.decode(text, decimals=True)
    pretty = simplejson.dumps(document, indent=2, ensure_ascii=False, use_decimal=True)
    return format_html('<pre class="eventstore-json">{}</pre>', pretty)


def _url_name(model: type[Model]) -> str:
    options = model._meta  # noqa: SLF001 - documented by Django
    return f"{options.app_label}_{options.model_name}"


def _list_url(site: str, model: type[Model], **filters: Any) -> str:
    address = reverse(f"admin:{_url_name(model)}_changelist", current_app=site)
    return f"{address}?{urlencode(filters)}"


def _timeline_url(site: str, row: Any) -> str:
    return _list_url(
        site,
        StoredEvent,
        tenant=row.tenant_id,
        aggregate_type=row.aggregate_type,
        aggregate_id=row.aggregate_id,
    )
