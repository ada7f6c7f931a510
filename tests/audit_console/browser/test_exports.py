"""Exports in Chromium: from the list to the file, with and without scripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from audit_console.exports.worker import AuditWorker
from audit_console.models import Export
from eventstore import store
from eventstore.roles import Role
from tests.audit_console.browser.visiting import Visit
from tests.factories import new_event

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def set_up(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "exports": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    settings.AUDIT_CONSOLE = {"PURPOSES": {}, "EXPORT_STORAGE": "exports"}


@pytest.fixture
def officer(transactional_db: None, reader: Callable[..., User]) -> User:
    store.append_events(
        [new_event(aggregate_id=f"R-{n}") for n in range(3)], tenant_id="acme"
    )
    return reader(Role.PRIVACY_OFFICER)


def request_one(browser: Visit) -> None:
    page = browser.go("/audit/events/?type=RequirementCreated")
    page.get_by_role("link", name="Export", exact=True).click()
    page.get_by_role("button", name="Request this export").click()
    expect(page.get_by_text("No worker has ever made exports here.")).to_be_visible()


def test_without_scripts_a_list_becomes_a_file(
    visit: Callable[..., Visit], officer: User
) -> None:
    browser = visit(officer, java_script_enabled=False)
    request_one(browser)
    AuditWorker().run(until_idle=True)

    browser.page.get_by_role("link", name="Refresh").click()
    with browser.page.expect_download() as begun:
        browser.page.get_by_role("button", name="Download the file").click()

    lines = begun.value.path().read_text().splitlines()
    assert json.loads(lines[-1]) == {"record": "end", "complete": True, "events": 3}


def test_with_scripts_the_page_notices_by_itself_that_the_file_is_there(
    visit: Callable[..., Visit], officer: User
) -> None:
    browser = visit(officer)
    request_one(browser)
    AuditWorker().run(until_idle=True)

    expect(browser.page.get_by_role("button", name="Download the file")).to_be_visible(
        timeout=10_000
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_many_events_wait_for_a_second_person_on_pages_without_a_barrier(
    visit: Callable[..., Visit],
    officer: User,
    reader: Callable[..., User],
    settings: Any,
    scheme: str,
) -> None:
    settings.AUDIT_CONSOLE = {
        **settings.AUDIT_CONSOLE,
        "EXPORT_SECOND_PERSON_EVENTS": 2,
    }
    dpo = reader(Role.DPO, name="dora")
    narrow = {"viewport": {"width": 320, "height": 640}, "color_scheme": scheme}
    asking, deciding = visit(officer, **narrow), visit(dpo, **narrow)

    page = asking.go("/audit/exports/new/")
    expect(page.get_by_text("more than 2 events match")).to_be_visible()
    found = asking.violations()
    page.get_by_role("button", name="Request this export").click()
    expect(page.get_by_text("Why: many events.")).to_be_visible()
    found += asking.violations()
    page = deciding.go("/audit/exports/")
    found += deciding.violations() + [page.url] * deciding.is_too_wide
    page.get_by_role("link", name="Decide").click()
    found += deciding.violations() + [page.url] * deciding.is_too_wide
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved.")).to_be_visible()

    assert found == []
    assert Export.objects.get().state == Export.State.QUEUED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_exports_has_a_barrier_or_is_too_wide(
    visit: Callable[..., Visit], officer: User, scheme: str
) -> None:
    browser = visit(
        officer, viewport={"width": 320, "height": 640}, color_scheme=scheme
    )
    request_one(browser)
    found = browser.violations()
    AuditWorker().run(until_idle=True)
    for address in (
        "/audit/exports/new/?type=RequirementCreated",
        "/audit/exports/",
        f"/audit/exports/{Export.objects.get().pk}/",
    ):
        browser.go(address)
        found += browser.violations()
        found += [address] if browser.is_too_wide else []

    assert found == []
