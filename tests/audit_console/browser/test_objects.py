"""Events, aggregates and states in Chromium: without barriers, at any width."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from eventstore import store
from eventstore.context import caused_by
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.browser.visiting import Visit
from tests.factories import new_event

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

KEY = urlencode({"tenant": "acme", "type": "Parcel/x", "id": "P:1 ü"})


@pytest.fixture(autouse=True)
def no_purposes(settings) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


@pytest.fixture
def pages(transactional_db: None) -> list[str]:
    """Every page about a parcel with a past: deep, redacted, with long names."""
    payloads = [
        {"status": "packed", "lines": [1, 2], "note": "word " * 600},
        {"status": "sent", "lines": [2, 3], "who": {"name": "B" * 120}},
        {"status": "lost", "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}}},
    ]
    events: list[StoredDomainEvent] = []
    for payload in payloads:
        event = new_event(
            "ParcelMoved" * 4,
            aggregate_type="Parcel/x",
            aggregate_id="P:1 ü",
            data=payload,
            metadata={"actor": {"type": "user", "id": "u-1", "name": "Anna"}},
        )
        if not events:
            events.append(store.append_event(event, "acme"))
            continue
        with caused_by(events[-1]):
            events.append(store.append_event(event, "acme"))
    store.redact_event(
        events[1].event_id, "acme", fields=["/data/who"], reason="case 4", actor="dpo"
    )
    first, second, _third = (event.position for event in events)
    return [
        f"/audit/events/{first}/",
        f"/audit/events/{second}/",
        f"/audit/aggregate/?{KEY}",
        f"/audit/aggregate/?{KEY}&view=compact",
        f"/audit/aggregate/?{KEY}&view=json",
        f"/audit/aggregate/state/?{KEY}&v=2",
        f"/audit/aggregate/state/?{KEY}&at=nonsense",
        f"/audit/aggregate/differences/?{KEY}&vs=0",
        f"/audit/aggregate/causes/?{KEY}",
        f"/audit/aggregate/print/?{KEY}",
        "/audit/aggregates/?id=P",
        f"/audit/compare/?e={first}&e={second}&e=7000",
        f"/audit/correlations/?tenant=acme&event={events[0].event_id}",
    ]


@pytest.fixture
def lead(transactional_db: None, reader: Callable[..., User]) -> User:
    return reader(Role.LEAD_AUDITOR)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_an_object_has_a_barrier(
    visit: Callable[..., Visit], lead: User, pages: list[str], scheme: str
) -> None:
    browser = visit(lead, viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    found = []
    for address in pages:
        browser.go(address)
        found += browser.violations()

    assert found == []


def test_at_400_percent_no_object_makes_one_scroll_sideways(
    visit: Callable[..., Visit], lead: User, pages: list[str]
) -> None:
    browser = visit(lead, viewport={"width": 320, "height": 640})
    wide = []
    for address in pages:
        browser.go(address)
        if browser.is_too_wide:
            wide.append(address)

    assert wide == []


def test_the_slider_changes_the_panel_and_the_address_and_keeps_the_focus(
    visit: Callable[..., Visit], lead: User, pages: list[str]
) -> None:
    page = visit(lead).go(f"/audit/aggregate/state/?{KEY}")
    slider = page.get_by_label("Version", exact=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")

    expect(page.locator("#state h2").first).to_have_text("Version 2")
    expect(page.locator("table.diff")).to_contain_text("status")
    expect(slider).to_be_focused()
    page.wait_for_url("**v=2**")


def test_without_script_a_state_is_reached_from_an_event_by_links_and_forms(
    visit: Callable[..., Visit], lead: User, pages: list[str]
) -> None:
    page = visit(lead, java_script_enabled=False).go(pages[1])
    expect(page.locator("#change")).to_contain_text("sent")
    page.get_by_role("link", name="State here").click()
    expect(page.locator("#state h2").first).to_have_text("Version 2")
    page.get_by_label("Version number").fill("1")
    page.get_by_role("button", name="Go").click()
    expect(page.locator("#state h2").first).to_have_text("Version 1")
    page.get_by_role("link", name="Latest").click()
    expect(page.locator("#state h2").first).to_have_text("Version 3")
    page.get_by_role("link", name="Differences").click()
    expect(page.locator("table.diff")).to_contain_text("lost")


@pytest.mark.parametrize("theme", ["auto", "dark"])
def test_paper_is_light_and_whole_in_every_theme(
    visit: Callable[..., Visit], lead: User, pages: list[str], theme: str
) -> None:
    page = visit(lead, color_scheme="dark").go(pages[0])
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    text = page.locator("#payload details.exact pre")
    assert not text.is_visible()

    page.emulate_media(media="print", color_scheme="dark")

    colour = "e => getComputedStyle(e).color"
    assert page.locator("h1").evaluate(colour) == "rgb(11, 18, 32)"
    assert text.evaluate("e => e.getBoundingClientRect().height") > 100
