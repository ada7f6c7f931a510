"""Says that this is no real log: on every page, and in every file that is taken out."""

from __future__ import annotations

import os

from django.conf import settings

from audit_console.conf import console_settings

BADGE = "DEMO"


def wear() -> None:
    """Show the badge in this process, and in the workers that it starts."""
    os.environ["BADGE"] = BADGE
    settings.AUDIT_CONSOLE = {**settings.AUDIT_CONSOLE, "BADGE": BADGE}
    console_settings.cache_clear()
