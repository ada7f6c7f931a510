"""The demo as an app."""

from __future__ import annotations

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """No models of its own: what it knows is in the log, or folded from it."""

    name = "eventstore_project.demo"
    label = "demo"
    verbose_name = "Demo"
