"""Django's settings for the benchmark: the store, its peers, a database of its own."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

from eventstore_project import database

#: Peers that are Django apps take part when they are installed.
PEER_APPS = [
    app
    for app in ("auditlog", "simple_history")
    if importlib.util.find_spec(app) is not None
]
#: What the audit console stands on, whose pages are measured too.
CONSOLE_APPS = [
    "django.contrib.admin",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "audit_console",
]

SECRET_KEY = "a benchmark signs nothing"
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    *PEER_APPS,
    *CONSOLE_APPS,
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
TIME_ZONE = "UTC"
EVENTSTORE = {"AUTODISCOVER": False}

AUDIT_CONSOLE: dict[str, Any] = {"PURPOSES": {}}
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "benchmarks.urls"
STATIC_URL = "static/"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parents[1] / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
