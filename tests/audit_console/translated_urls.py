"""A host whose addresses begin with the language of the page."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from audit_console.site import audit_console

urlpatterns = i18n_patterns(path("audit/", audit_console.urls))
