"""A worker in a process of its own: ``python -m tests.eventstore.webhooks.crew``."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import django
from django.conf import settings as django_settings
from django.db import connection

ROOT = Path(__file__).parents[3]
_KEYS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


@contextlib.contextmanager
def webhook_worker(settings: Mapping[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker on the test database with these settings of the store."""
    database = {key: connection.settings_dict[key] for key in _KEYS}
    given = {"database": database, "store": dict(settings)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.eventstore.webhooks.crew"],
        cwd=ROOT,
        env={**os.environ, "GIVEN": json.dumps(given)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def main() -> None:
    django.setup()
    given = json.loads(os.environ["GIVEN"])
    connection.settings_dict.update(given["database"])
    from eventstore.conf import store_settings

    store_settings.cache_clear()
    django_settings.EVENTSTORE = given["store"]
    from django.core.management import call_command

    call_command("eventstore_worker", "webhook:*")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    main()
