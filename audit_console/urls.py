"""The addresses of the pages, below the prefix that the host chose.

The site puts each behind the gate, so nothing here is reachable without a grant.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from audit_console.views.access import AccessLogPage
from audit_console.views.overview import OverviewPage
from audit_console.views.purpose import PurposePage

routes: list[URLPattern] = [
    path("", OverviewPage.as_view(), name="index"),
    path("access/", AccessLogPage.as_view(), name="access"),
    path("purpose/", PurposePage.as_view(), name="purpose"),
]
