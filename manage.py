#!/usr/bin/env python
"""The project's command line: Django's, with the private PostgreSQL beneath it."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from eventstore_project import database


def main() -> None:
    """Run one management command; start the database first if it needs one."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "eventstore_project.settings")
    database.ensure_running_for(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
