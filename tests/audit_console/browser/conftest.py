"""A real browser in front of a real server, and what it must never report."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

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


@dataclass
class Visit:
    """Pages of a browser, and what they complained about."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)

    def go(self, address: str) -> Page:
        self.page.goto(self.base + address)
        return self.page

    def violations(self) -> list[str]:
        """What axe finds against WCAG 2.2 A and AA and its best practices."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{self.page.url}: {each['id']}: {node['html'][:160]}"
            for each in found
            for node in each["nodes"]
        ]

    @property
    def is_too_wide(self) -> bool:
        """Whether one has to scroll sideways to read."""
        root = "document.documentElement"
        return bool(self.page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))


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
        # Violations of the policy are among the errors of the console.
        made.page.on(
            "console",
            lambda message: (
                made.complaints.append(message.text)
                if message.type in {"error", "warning"}
                else None
            ),
        )
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        visits.append(made)
        return made

    yield open_browser
    for context in contexts:
        context.close()
    complaints = [text for made in visits for text in made.complaints]
    assert complaints == []
