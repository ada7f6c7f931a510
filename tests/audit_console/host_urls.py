"""A host that mounts the console deep below, beside its admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

from audit_console.site import audit_console

urlpatterns = [
    path("staff/", admin.site.urls),
    path("internal/tools/evidence/", audit_console.urls),
]
