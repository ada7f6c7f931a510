"""Where the pages are that the benchmark asks for."""

from __future__ import annotations

from django.urls import path

from audit_console.site import audit_console

urlpatterns = [path("audit/", audit_console.urls)]
