"""The addresses of the pages, below the prefix that the host chose.

The site puts each behind the gate, so nothing here is reachable without a grant.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from audit_console.views.access import AccessLogPage
from audit_console.views.aggregates import AggregatesPage, PrintPage, TimelinePage
from audit_console.views.compare import ComparePage
from audit_console.views.correlations import CausesPage, CorrelationPage
from audit_console.views.event import EventById, EventDownload, EventPage
from audit_console.views.explorer import ExplorerPage
from audit_console.views.exports import (
    ExportDecision,
    ExportDownload,
    ExportPage,
    ExportsPage,
    NewExportPage,
)
from audit_console.views.goto import GoToPage
from audit_console.views.help import HelpPage, QueryHelpPage
from audit_console.views.overview import OverviewPage
from audit_console.views.preferences import PreferencePage, ZoneChoice
from audit_console.views.purpose import PurposePage
from audit_console.views.redactions import (
    DecisionPage,
    FieldsPage,
    NewRequestPage,
    RedactionPage,
    RedactionsPage,
)
from audit_console.views.saved import SavedPage
from audit_console.views.states import DifferencesPage, StatePage

routes: list[URLPattern] = [
    path("", OverviewPage.as_view(), name="index"),
    path("access/", AccessLogPage.as_view(), name="access"),
    path("aggregate/", TimelinePage.as_view(), name="aggregate"),
    path("aggregate/causes/", CausesPage.as_view(), name="causes"),
    path("aggregate/differences/", DifferencesPage.as_view(), name="differences"),
    path("aggregate/print/", PrintPage.as_view(), name="aggregate_print"),
    path("aggregate/state/", StatePage.as_view(), name="state"),
    path("aggregates/", AggregatesPage.as_view(), name="aggregates"),
    path("compare/", ComparePage.as_view(), name="compare"),
    path("correlations/", CorrelationPage.as_view(), name="correlations"),
    path("event/", EventById.as_view(), name="event_by_id"),
    path("events/", ExplorerPage.as_view(), name="events"),
    path("events/<int:position>/", EventPage.as_view(), name="event"),
    path("events/<int:position>/raw.json", EventDownload.as_view(), name="event_raw"),
    path("exports/", ExportsPage.as_view(), name="exports"),
    path("exports/new/", NewExportPage.as_view(), name="export_new"),
    path("exports/<uuid:key>/", ExportPage.as_view(), name="export"),
    path("exports/<uuid:key>/decide/", ExportDecision.as_view(), name="export_decide"),
    path(
        "exports/<uuid:key>/<str:part>/",
        ExportDownload.as_view(),
        name="export_download",
    ),
    path("go/", GoToPage.as_view(), name="goto"),
    path("help/", HelpPage.as_view(), name="help"),
    path("help/query/", QueryHelpPage.as_view(), name="help_query"),
    path("preferences/", PreferencePage.as_view(), name="preferences"),
    path("purpose/", PurposePage.as_view(), name="purpose"),
    path("redactions/", RedactionsPage.as_view(), name="redactions"),
    path("redactions/<int:key>/", RedactionPage.as_view(), name="redaction"),
    path(
        "redactions/<int:key>/decide/",
        DecisionPage.as_view(),
        name="redaction_decide",
    ),
    path(
        "redactions/<int:key>/fields/<int:position>/",
        FieldsPage.as_view(),
        name="redaction_fields",
    ),
    path("redactions/new/", NewRequestPage.as_view(), name="redaction_new"),
    path("saved/", SavedPage.as_view(), name="saved"),
    path("zone/", ZoneChoice.as_view(), name="zone"),
]
