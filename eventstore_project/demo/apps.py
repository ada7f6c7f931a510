"""The demo as an app."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """No models: everything that it knows is in the log."""

    name = "eventstore_project.demo"
    label = "demo"
    verbose_name = "Demo"
