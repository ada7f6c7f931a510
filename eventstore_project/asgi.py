"""The ASGI entrance of the deployment."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

from eventstore_project import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
database.ensure_running()

application = get_asgi_application()
