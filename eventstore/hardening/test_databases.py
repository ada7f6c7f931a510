"""Which databases are made for tests: only their TRUNCATE guards may be lifted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import connections
from django.db.backends.base.creation import TEST_DATABASE_PREFIX

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper


def is_test_database(connection: BaseDatabaseWrapper) -> bool:
    """Return whether Django's test runner, or pytest-django, has made this database.

    It bears the ``TEST`` name of an alias (an alias may mirror another one), else a
    name that begins with ``test_``; parallel runs add a number.
    """
    name = str(connection.settings_dict["NAME"])
    given = [
        wanted
        for alias in connections
        if (wanted := connections.settings[alias].get("TEST", {}).get("NAME"))
    ]
    return name.startswith(TEST_DATABASE_PREFIX) or any(
        re.fullmatch(rf"{re.escape(wanted)}(_\d+)?", name) for wanted in given
    )
