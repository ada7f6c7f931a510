"""The explorer in Chromium: quicker with a script, whole without, without barriers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from audit_console.access import Act
from audit_console.models import AccessRecord
from eventstore import store
from tests.audit_console.browser.visiting import Visit
from tests.factories import new_event

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/audit/events/"


@pytest.fixture(autouse=True)
def no_purposes(settings) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}}


@pytest.fixture
def log(transactional_db: None) -> list[int]:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    events = [
        new_event(
            "OrderPaid" if n % 3 else "OrderPlacedByAVeryLongAndPatientProcess",
            aggregate_type="Order",
            aggregate_id=f"O-{n}",
            occurred_at=moment + timedelta(hours=n),
            metadata={"actor": {"type": "user", "id": "u-1", "name": "Anna Berg"}},
        )
        for n in range(60)
    ]
    stored = store.append_events(events, tenant_id="acme")
    return [event.position for event in stored]


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), (1440, "dark"), (320, "light")]
)
def test_no_state_of_the_page_has_a_barrier(
    visit: Callable[..., Visit], auditor: User, log: list[int], width: int, scheme: str
) -> None:
    opened = visit(
        auditor, viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    for address in (
        "?cols=position,occurred,stored,actor,type,aggregate,summary,version,id",
        "?q=actr:x",
        "?type=Nothing&from=2026-01&q=-actor:ci",
        "?live=1&facet=actor",
    ):
        opened.go(PAGE + address)
        assert opened.violations() == []
        assert not opened.is_too_wide, address


@pytest.mark.parametrize("scripted", [True, False])
def test_a_rejection_is_found_by_clicks_alone(
    visit: Callable[..., Visit], auditor: User, log: list[int], scripted: bool
) -> None:
    page = visit(auditor, java_script_enabled=scripted).go(PAGE)
    expect(page.locator("tr[data-row]")).to_have_count(50)

    page.locator("summary", has_text=re.compile("^Actor$")).click()
    if not scripted:
        page.locator("#facet-actor a").click()
    page.locator("#facet-actor a", has_text="u-1").first.click()
    page.locator(".by.mono", has_text="OrderPaid").first.click()

    expect(page.locator("tr[data-row]")).to_have_count(40)
    expect(page.locator(".pill")).to_have_count(2)
    page.get_by_role("link", name="Remove type: OrderPaid").click()
    expect(page.locator("tr[data-row]")).to_have_count(50)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("tr[data-row]")).to_have_count(10)


def test_back_leads_to_the_row_that_was_opened(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(f"{PAGE}?type=OrderPaid")
    row = page.locator("tr[data-row]").nth(7)
    row_id = row.get_attribute("id")

    row.locator("[data-open]").click()
    page.wait_for_url(re.compile(r"/events/\d+/"))
    page.go_back()

    page.wait_for_url(re.compile(f"#{row_id}$"))
    assert page.evaluate("document.querySelector(':target').id") == row_id


def test_a_bar_is_reached_by_the_keyboard(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(PAGE)
    bars = page.locator("svg.histogram a")
    label = bars.nth(1).get_attribute("aria-label") or ""

    page.get_by_role("link", name="Skip chart").focus()
    page.keyboard.press("Tab")
    expect(bars.first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.locator("tr[data-row]")).to_have_count(int(label.rpartition(" ")[2]))


def test_one_click_repairs_a_query(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(PAGE)
    page.get_by_label("Search", exact=True).fill("actr:u-1 type:OrderPaid")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("did you mean “actor”")

    page.get_by_role("button", name="Ask instead").click()

    expect(page.locator("tr[data-row]")).to_have_count(40)


@pytest.mark.parametrize("width", [320, 1280])
def test_a_sentence_has_the_room_that_there_is(
    visit: Callable[..., Visit], auditor: User, log: list[int], width: int
) -> None:
    page = visit(auditor, viewport={"width": width, "height": 900}).go(PAGE)

    frame = page.locator(".table-frame").last
    assert frame.evaluate("each => each.scrollWidth <= each.clientWidth")
    widths = page.locator("tr[data-row]").first.evaluate(
        "row => [row.clientWidth, row.querySelector('.summary').clientWidth]"
    )
    assert widths[1] > widths[0] * (0.9 if width == 320 else 0.25)
    # One row is told from the next.
    borders = page.locator("tr[data-row]").first.evaluate(
        "row => [row, ...row.cells].map(e => getComputedStyle(e).borderBottomWidth)"
    )
    assert "1px" in borders


def test_following_shows_what_comes_and_marks_it(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(f"{PAGE}?from=2026-03-01&to=2026-03-02")
    page.get_by_role("link", name="Follow live").click()
    page.wait_for_url(re.compile("live=1"))
    store.append_event(new_event("OrderPaid", event_id="news"), tenant_id="acme")

    page.get_by_role("link", name="1 new event: show").click()

    expect(page.locator("tr[data-row] .badge", has_text="new")).to_have_count(1)
    expect(page.locator("tr[data-row]").first).to_contain_text("new")


def test_the_columns_are_chosen_by_the_keyboard_above_the_rows(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(PAGE)
    page.locator(".choose-columns summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("checkbox", name="Position").focus()
    page.keyboard.press("Space")
    page.locator(".choose-columns button").press("Enter")

    titles = page.locator("table.events thead th").all_inner_texts()
    assert [title for title in titles if title != "Select"] == [
        "Position",
        "Occurred",
        "What happened",
        "Actor",
        "Type",
        "Aggregate",
    ]


def test_a_row_unfolds_in_its_place(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    opened = visit(auditor)
    page = opened.go(PAGE)
    row = page.locator("tr[data-row]").nth(2)
    button = row.get_by_role("button")
    address = page.url

    button.click()

    unfolded = page.locator("tr.unfolded")
    expect(unfolded.get_by_role("heading", name="Payload")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(button).to_be_focused()
    expect(page.get_by_role("status").first).to_contain_text("is unfolded")
    assert page.url == address
    assert opened.violations() == []
    assert not opened.is_too_wide
    viewed = AccessRecord.objects.get(act=Act.VIEW_EVENT)
    assert viewed.objects_seen == [f"event:{log[-3]}"]

    button.click()

    expect(unfolded).to_have_count(0)
    expect(button).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize("key", ["o", "Space"])
def test_rows_unfold_by_the_keyboard(
    visit: Callable[..., Visit], auditor: User, log: list[int], key: str
) -> None:
    page = visit(auditor, viewport={"width": 320, "height": 900}).go(PAGE)

    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press(key)

    unfolded = page.locator("tr.unfolded .unfolded-event")
    expect(unfolded).to_have_count(2)
    page.keyboard.press(key)
    expect(unfolded).to_have_count(1)
    unfolded.get_by_role("link", name="Open the event").click()
    page.wait_for_url(re.compile(rf"/events/{log[-1]}/"))
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tr.unfolded")).to_have_count(0)


def test_who_must_state_a_purpose_first_comes_back_to_the_list(
    visit: Callable[..., Visit], auditor: User, log: list[int], settings
) -> None:
    settings.AUDIT_CONSOLE = {}
    page = visit(auditor).go(f"{PAGE}?type=OrderPaid")

    page.locator("tr[data-row] .unfold").first.click()
    page.wait_for_url(re.compile("/purpose/"))
    page.get_by_label("Purpose").select_option(index=1)
    page.locator("main form button.primary").click()

    page.wait_for_url(re.compile(r"/events/\?type=OrderPaid"))


def test_without_a_script_no_row_unfolds_and_every_row_opens(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor, java_script_enabled=False).go(PAGE)

    expect(page.locator("tr[data-row] button")).to_have_count(0)
    page.locator("tr[data-row] [data-open]").first.click()
    expect(page.get_by_role("heading", name="Payload")).to_be_visible()


def test_ticked_rows_are_shown_alone(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    opened = visit(auditor, java_script_enabled=False)
    page = opened.go(f"{PAGE}?type=OrderPaid")
    for n in (1, 4):
        page.locator("tr[data-row] input[type=checkbox]").nth(n).check()

    page.get_by_role("button", name="Show alone").click()

    expect(page.locator("tr[data-row]")).to_have_count(2)
    page.get_by_role("link", name="Remove 2 chosen events").click()
    expect(page.locator("tr[data-row]")).to_have_count(50)


def test_rows_that_are_unfolded_at_once_all_show_something(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(PAGE)

    page.evaluate(
        "[...document.querySelectorAll('.unfold')].slice(0, 5).forEach(b => b.click())"
    )

    expect(page.locator("tr.unfolded .unfolded-event")).to_have_count(5)


def test_a_row_that_cannot_be_fetched_says_so(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    opened = visit(auditor)
    page = opened.go(PAGE)
    page.route(re.compile(r"/events/\d+/"), lambda route: route.abort())

    page.locator(".unfold").first.click()

    expect(page.locator("tr.unfolded")).to_contain_text("could not be fetched")
    # Not the page's own fault, and all of it.
    assert any("ERR_FAILED" in text for text in opened.complaints)
    opened.complaints.clear()


def test_nothing_ticked_is_nothing_chosen(
    visit: Callable[..., Visit], auditor: User, log: list[int]
) -> None:
    page = visit(auditor).go(f"{PAGE}?type=OrderPaid&tz=America/New_York")

    page.get_by_role("button", name="Show alone").click()

    expect(page.get_by_role("alert")).to_contain_text("tick some rows first")
    assert "tz=America%2FNew_York" in page.url
