"""The addresses of the pages, below the prefix that the host chose.

The site puts each behind the gate, so nothing here is reachable without a grant.
"""

from __future__ import annotations

from django.urls import URLPattern, path

from audit_console.views.overview import OverviewPage

routes: list[URLPattern] = [
    path("", OverviewPage.as_view(), name="index"),
]
