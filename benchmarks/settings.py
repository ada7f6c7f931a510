"""Django's settings for the benchmark: the store, its peers, a database of its own."""

from __future__ import annotations

import importlib.util
import os

from eventstore_project import database

#: Peers that are Django apps take part when they are installed.
PEER_APPS = [
    app
    for app in ("auditlog", "simple_history")
    if importlib.util.find_spec(app) is not None
]

SECRET_KEY = "a benchmark signs nothing"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *PEER_APPS,
    "rest_framework",
    "eventstore",
    "benchmarks",
]
DATABASES = {"default": database.settings()}
if os.environ.get("BENCHMARK_DATABASE"):
    DATABASES["default"]["NAME"] = os.environ["BENCHMARK_DATABASE"]
# One connection a process, held: as the raw side has it.
DATABASES["default"]["CONN_MAX_AGE"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
# For the append over REST.
ROOT_URLCONF = "benchmarks.urls"
ALLOWED_HOSTS = ["localhost"]
TIME_ZONE = "UTC"
# No rate: it would end the appends over REST after a second.
EVENTSTORE = {"AUTODISCOVER": False, "API_RATE": ""}
