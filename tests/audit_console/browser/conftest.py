"""A real browser in front of a real server, and what it must never report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, sync_playwright

from tests.audit_console.browser.deployment import Deployment
from tests.audit_console.browser.visiting import Visit
from tests.eventstore_project.demo.databases import Database
from tests.eventstore_project.demo.servers import serving
from tests.not_run import not_run

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """The machine's Chromium; none is downloaded.

    For a module and no longer: Playwright's event loop runs in this thread, in which
    nobody else's could. Django is told that nothing is awaited there.
    """
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if found is None:
        not_run("Chromium", "no chromium on the path")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """Open a browser in which a user is logged in, or nobody."""
    contexts = []
    visits = []

    def open_browser(user: User | None, **options: Any) -> Visit:
        context = chromium.new_context(**options)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
                        "url": live_server.url,
                    }
                ]
            )
        made = Visit(context.new_page(), live_server.url)
        visits.append(made)
        return made

    yield open_browser
    for context in contexts:
        context.close()
    complaints = [text for made in visits for text in made.complaints]
    assert complaints == []


@pytest.fixture(scope="session")
def deployment(django_db_setup: None, django_db_blocker: Any) -> Iterator[Deployment]:
    """The demo, filled and served once for all that click through it."""
    with django_db_blocker.unblock():
        name = str(connection.settings_dict["NAME"])
    database = Database(f"{name}_console")
    database.create()
    done = database.demo("--check")
    assert done.returncode == 0, done.stderr
    with serving(database, "--still") as demo:
        yield Deployment(database, demo)
    database.drop()
