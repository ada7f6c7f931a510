"""The app: registers the checks and finds what other apps declare."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class EventStoreConfig(AppConfig):
    """``INSTALLED_APPS = [..., "eventstore"]``."""

    name = "eventstore"
    verbose_name = _("Event store")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the modules that declare subscribers, projections and migrations."""
        from django.conf import settings  # noqa: PLC0415 - as above

        from eventstore import checks  # noqa: F401, PLC0415 - registers; needs the apps
        from eventstore.conf import find_faults, store_settings  # noqa: PLC0415 - as above
        from eventstore.subscriptions.declaration import subscriptions  # noqa: PLC0415 - as above
        from eventstore.webhooks.subscribing import active  # noqa: PLC0415 - as above

        subscriptions.add_source(active)
        # A faulty setting is reported by the checks, which then can run at all.
        if find_faults(getattr(settings, "EVENTSTORE", {})):
            return
        if store_settings().AUTODISCOVER:
            autodiscover_modules(
                "subscribers", "projections", "event_migrations", "aggregates"
            )
