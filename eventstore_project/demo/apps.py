"""The demo as an app."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """No models of its own: what it knows is in the log, or folded from it."""

    name = "eventstore_project.demo"
    label = "demo"
    verbose_name = "Demo"

    def ready(self) -> None:
        """Let the console's log-in page name the users of the demo."""
        from audit_console.site import audit_console  # noqa: PLC0415 - needs the apps

        audit_console.login_template = "eventstore_project/login.html"
