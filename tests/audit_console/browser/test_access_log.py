"""The access log in Chromium: looks over time, by any means."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from audit_console.models import AccessRecord
from eventstore.roles import Role
from tests.audit_console.browser.visiting import Visit
from tests.audit_console.conftest import TENANT

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/audit/access/?user_name=carl"
MONDAY = datetime(2026, 3, 2, 16, tzinfo=UTC)


@pytest.fixture
def lead(transactional_db: None, reader: Callable[..., User], settings: Any) -> User:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}
    for n in range(12):
        AccessRecord.objects.create(
            at=MONDAY + n * n * timedelta(minutes=5),
            user_id="7",
            user_name="carl",
            act="print" if n % 2 else "overview",
            outcome="shown",
            tenants=[TENANT],
            objects_seen=[],
            request_id="r",
        )
    return reader(Role.LEAD_AUDITOR)


def number_of(label: str | None) -> int:
    return int((label or "").rpartition(" ")[2])


def test_a_bar_is_reached_by_the_keyboard_also_after_the_results_were_replaced(
    visit: Callable[..., Visit], lead: User
) -> None:
    page = visit(lead).go(PAGE)
    page.get_by_label("Act").select_option("print")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#results tr[id]")).to_have_count(6)
    bars = page.locator("svg.histogram a")

    page.get_by_role("link", name="Skip chart").focus()
    page.keyboard.press("Tab")
    expect(bars.first).to_be_focused()
    page.keyboard.press("End")
    expect(bars.last).to_be_focused()
    looks = number_of(bars.last.get_attribute("aria-label"))
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile("since="))
    expect(page.locator("#results tr[id]")).to_have_count(looks)
    expect(page.locator(".pill", has_text="Act")).to_be_visible()


def test_without_javascript_one_comes_to_off_hours_and_on_to_a_time(
    visit: Callable[..., Visit], lead: User
) -> None:
    page = visit(lead, java_script_enabled=False).go(PAGE)

    page.locator(".tallies summary").click()
    page.get_by_role("link", name="Outside working hours").click()
    expect(page.locator("#results tr[id]")).to_have_count(6)
    page.locator(".twin summary").click()
    row = page.locator(".twin tbody tr").first
    looks = int(row.locator("td").inner_text())
    row.locator("a").click()

    expect(page.locator("#results tr[id]")).to_have_count(looks)
    expect(page.locator(".pill")).to_have_count(4)
    expect(page.get_by_label("From")).to_have_value(re.compile("^2026-03-02T"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_chart_has_no_barrier(
    visit: Callable[..., Visit], lead: User, scheme: str, width: int
) -> None:
    opened = visit(
        lead,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    page = opened.go(f"{PAGE}&hours=off&since=2026-03-02T19:00")
    for fold in page.locator(".twin summary, .tallies summary").all():
        fold.click()

    assert opened.violations() == []
    assert not opened.is_too_wide
