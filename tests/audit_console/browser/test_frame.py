"""The frame of the console in Chromium: for everybody, by any means."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from eventstore.roles import Role
from tests.audit_console.browser.visiting import Visit

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lead(transactional_db: None, reader: Callable[..., User], history: None) -> User:
    return reader(Role.LEAD_AUDITOR, tenants=("acme", "globex"))


def test_in_forced_colours_the_current_room_can_be_told(
    visit: Callable[..., Visit], lead: User
) -> None:
    page = visit(lead, forced_colors="active").go("/audit/")
    border = "e => getComputedStyle(e).borderBottomColor"

    current, other = (
        page.locator(f".rooms a{which}").first.evaluate(border)
        for which in ("[aria-current]", ":not([aria-current])")
    )

    assert current != other


class TestKeyboard:
    def test_a_slash_goes_to_the_box_and_a_question_mark_shows_the_keys(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(lead).go("/audit/access/")

        page.keyboard.press("/")
        expect(page.locator("#goto")).to_be_focused()
        page.keyboard.type("?")
        expect(page.locator("#help-dialog")).to_be_hidden()

        page.locator("main").focus()
        page.keyboard.press("?")
        expect(page.locator("#help-dialog kbd").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#help-dialog")).to_be_hidden()

    def test_it_can_be_switched_off(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(lead).go("/audit/preferences/")
        page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
        page.get_by_role("button", name="Save").click()

        page.locator("main").focus()
        page.keyboard.press("/")

        expect(page.locator("#goto")).not_to_be_focused()

    def test_the_first_stop_leads_past_the_banner(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(lead).go("/audit/access/")

        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.locator("main")).to_be_focused()

    def test_escape_closes_a_menu_and_gives_the_focus_back(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(lead).go("/audit/")
        summary = page.locator("details.menu summary").first

        summary.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")

        expect(summary).to_be_focused()
        expect(page.get_by_role("link", name="All mine")).to_be_hidden()


class TestWithoutJavaScript:
    def test_log_in_tenant_purpose_and_filters_work(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(None, java_script_enabled=False).go("/audit/purpose/")
        page.get_by_label("Username").fill("anna")
        page.get_by_label("Password").fill("a long enough secret")
        page.get_by_role("button", name="Log in").click()
        page.get_by_label("Purpose").select_option("audit")
        page.get_by_label("Reference").fill("Q3")
        page.get_by_role("button", name="Go on").click()
        page.locator("details.menu summary").first.click()
        page.get_by_role("link", name="globex").click()
        page.get_by_role("link", name="Access log", exact=True).first.click()
        page.get_by_label("Act").select_option("state purpose")
        page.get_by_role("button", name="Apply").click()

        # The answer was about the first tenant; it is one's own. To be asked is not to
        # have stated anything.
        expect(page.locator("#results tr[id]")).to_have_count(1)
        expect(page.locator(".theme-toggle")).to_be_hidden()

    def test_the_preferred_theme_is_painted(
        self, visit: Callable[..., Visit], lead: User
    ) -> None:
        page = visit(lead, java_script_enabled=False, color_scheme="light").go(
            "/audit/preferences/"
        )
        page.get_by_label("Theme").select_option("dark")
        page.get_by_role("button", name="Save").click()

        assert page.locator("html").get_attribute("data-theme") == "dark"
        expect(page.locator("body")).to_have_css("background-color", "rgb(16, 19, 26)")


def test_filters_replace_only_the_results_and_keep_the_address(
    visit: Callable[..., Visit], lead: User
) -> None:
    page = visit(lead).go("/audit/access/")

    page.get_by_label("Act").select_option("overview")
    with page.expect_response(lambda answer: "act=overview" in answer.url) as told:
        page.get_by_role("button", name="Apply").click()

    assert "<html" not in told.value.text()
    expect(page).to_have_url(re.compile("act=overview"))
    expect(page.get_by_role("heading", name="No look matches")).to_be_visible()
