"""Where the pages of the deployment are."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from audit_console.site import audit_console
from eventstore_project.demo import views

# It names the users of the demo.
audit_console.login_template = "eventstore_project/login.html"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="audit_console:index")),
    path("start/", views.start, name="start"),
    path("admin/", admin.site.urls),
    path("audit/", audit_console.urls),
    path("api/v1/feed/", include("eventstore.feeds.urls")),
    path("api/v1/", include("eventstore.api.urls")),
    path("", include("eventstore.api.operations.urls")),
]
