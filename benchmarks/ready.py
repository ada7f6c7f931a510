"""Make Django ready: in the benchmark, and once in the server that forks clients."""

from __future__ import annotations

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"

import django

django.setup()
