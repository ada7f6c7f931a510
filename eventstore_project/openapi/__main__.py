"""Write the document."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
django.setup()

from eventstore.api.documents import PATH  # noqa: E402 - the apps must be ready
from eventstore_project.openapi.document import as_text  # noqa: E402 - as above

PATH.write_text(as_text())
