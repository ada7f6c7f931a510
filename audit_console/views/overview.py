"""The first page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.views.base import Page


class OverviewPage(Page):
    """What there is, at a glance."""

    act = Act.OVERVIEW
    template_name = "audit_console/overview/page.html"
    title = _("Overview")
    room = "overview"

    def context(self) -> dict[str, Any]:
        """Return nothing yet but the frame's own."""
        return {}
