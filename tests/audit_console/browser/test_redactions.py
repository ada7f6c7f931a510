"""A redaction in Chromium: two people in two browsers, without barriers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import expect

from eventstore import redaction, store
from eventstore.models import RedactionRequest
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.browser.visiting import Visit
from tests.factories import new_event

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

GONE = {"redacted": True}


@pytest.fixture(autouse=True)
def no_purposes(settings) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


@pytest.fixture
def officer(transactional_db: None, reader: Callable[..., User]) -> User:
    return reader(Role.PRIVACY_OFFICER, name="vera")


@pytest.fixture
def dpo(transactional_db: None, reader: Callable[..., User]) -> User:
    return reader(Role.DPO, name="otto")


@pytest.fixture
def events(transactional_db: None) -> list[StoredDomainEvent]:
    """A customer who moved about, with long and deep payloads."""
    return [
        store.append_event(
            new_event(
                "CustomerMoved",
                aggregate_type="Customer",
                aggregate_id="C-17",
                data={
                    "name": "Ingrid Solheim",
                    "to": {"city": city, "lines": ["Strandgaten 4", "x" * 150]},
                    "note": "word " * 100,
                },
                metadata={"actor": {"type": "user", "id": "u-1", "name": "Anna"}},
            ),
            "acme",
        )
        for city in ("Bergen", "Oslo", "Moss")
    ]


@pytest.fixture
def pages(
    officer: User, dpo: User, events: list[StoredDomainEvent]
) -> list[tuple[User, str]]:
    """Every page in every state, with who looks at it."""

    def made(*fields: str) -> RedactionRequest:
        request = redaction.draft(
            officer, [event.position for event in events], reason="Erasure DSR-2041"
        )
        chosen = {events[0].position: fields} if fields else {}
        redaction.choose_fields(officer, request, chosen)
        return request

    def of(request: RedactionRequest, page: str = "redaction", *more: int) -> str:
        return reverse(f"audit_console:{page}", args=(request.pk, *more))

    draft, waits, broken = made("/data/name", "/data/to"), made("/data/to"), made()
    failed, rejected = made(), made()
    redaction.choose_fields(officer, failed, {events[1].position: ["/data/none"]})
    for request in (waits, broken, failed, rejected):
        redaction.submit(officer, request)
    redaction.reject(dpo, rejected, why="A dispute is open.")
    redaction.approve(dpo, broken, events=3)
    redaction.approve(dpo, failed, events=3)
    redaction.execute(dpo, failed)
    chosen = "&".join(f"e={event.position}" for event in events)
    first = events[0].position
    return [
        (officer, "/audit/redactions/"),
        (officer, "/audit/redactions/?status=withdrawn"),
        (officer, f"/audit/redactions/new/?{chosen}"),
        (officer, "/audit/redactions/new/"),
        (officer, of(draft)),
        (officer, of(draft, "redaction_fields", events[1].position)),
        (officer, of(waits)),
        (dpo, of(waits)),
        (dpo, of(waits, "redaction_decide")),
        (officer, of(waits, "redaction_decide")),
        (dpo, of(broken)),
        (dpo, of(failed)),
        (officer, of(rejected)),
        (officer, f"/audit/events/{first}/"),
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_redaction_has_a_barrier(
    visit: Callable[..., Visit],
    pages: list[tuple[User, str]],
    scheme: str,
) -> None:
    # Dark, what has colours of its own.
    pages = pages if scheme == "light" else pages[4:12]
    look = {"viewport": {"width": 1280, "height": 900}, "color_scheme": scheme}
    browsers = {user.pk: visit(user, **look) for user in {user for user, _ in pages}}
    found = []
    for user, address in pages:
        browsers[user.pk].go(address)
        found += browsers[user.pk].violations()

    assert found == []


def test_at_400_percent_no_redaction_makes_one_scroll_sideways(
    visit: Callable[..., Visit], pages: list[tuple[User, str]]
) -> None:
    look = {"viewport": {"width": 320, "height": 640}}
    browsers = {user.pk: visit(user, **look) for user in {user for user, _ in pages}}
    wide = []
    for user, address in pages:
        browsers[user.pk].go(address)
        if browsers[user.pk].is_too_wide:
            wide.append(address)

    assert wide == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_whoever_ticks_a_field_does_not_draft_the_whole_payload(
    visit: Callable[..., Visit],
    officer: User,
    events: list[StoredDomainEvent],
    script: bool,
) -> None:
    made = redaction.draft(officer, [events[0].position], reason="why")
    address = reverse(
        "audit_console:redaction_fields", args=(made.pk, events[0].position)
    )
    page = visit(officer, java_script_enabled=script).go(address)
    page.get_by_role("checkbox", name="/data/name").check()
    page.get_by_role("button", name="Keep this choice").click()
    if not script:
        expect(page.get_by_text("which is it?")).to_be_visible()
        expect(page.get_by_role("checkbox", name="/data/name")).to_be_checked()
        page.get_by_role("radio", name="These fields").check()
        page.get_by_role("button", name="Keep this choice").click()

    expect(page.get_by_text("Chosen for 1 event.")).to_be_visible()
    assert made.items.get().fields == ["/data/name"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_one_requests_and_the_other_approves(
    visit: Callable[..., Visit],
    officer: User,
    dpo: User,
    events: list[StoredDomainEvent],
    script: bool,
) -> None:
    vera = visit(officer, java_script_enabled=script)
    otto = visit(dpo, java_script_enabled=script)

    page = vera.go("/audit/events/?tenant=acme")
    for event in events[:2]:
        page.get_by_role("checkbox", name=f"Select event {event.position}").check()
    page.get_by_role("button", name="Draft a redaction").click()
    page.get_by_label("Reason").fill("Erasure DSR-2041")
    page.get_by_role("button", name="Make the draft").click()
    page.get_by_role("link", name="Choose what goes").first.click()
    page.get_by_role("radio", name="These fields").check()
    page.get_by_role("checkbox", name="/data/name").check()
    page.get_by_label("The same for 1 other event").check()
    page.get_by_role("button", name="Keep this choice").click()
    expect(page.get_by_text("Chosen for 2 events.")).to_be_visible()
    expect(page.locator(".removal").first).to_contain_text("Ingrid Solheim")
    page.get_by_role("button", name="Submit for approval").click()
    expect(
        page.get_by_text("It waits for somebody else than vera: otto.")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Review and decide")).to_have_count(0)

    page = otto.go("/audit/redactions/?status=submitted")
    page.get_by_role("row").get_by_role("link").click()
    page.get_by_role("link", name="Review and decide").click()
    expect(page.locator(".decision")).to_contain_text("otto")
    expect(page.locator(".removal").last).to_contain_text("Ingrid Solheim")
    page.get_by_label("Type the number").fill("2")
    page.get_by_role("button", name="Approve and remove").click()
    expect(page.get_by_text("2 of 2 events", exact=True).first).to_be_visible()

    page = vera.go(f"/audit/events/{events[0].position}/")
    page.get_by_role("link", name="R-20").click()
    expect(page.get_by_role("heading", name="What went")).to_be_visible()
    after = [store.get_event(event.event_id, "acme").data for event in events]
    assert [data["name"] for data in after] == [GONE, GONE, "Ingrid Solheim"]
