"""The WSGI entrance of the deployment."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from eventstore_project import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
database.ensure_running()

application = get_wsgi_application()
