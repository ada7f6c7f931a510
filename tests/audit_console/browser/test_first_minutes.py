"""The first minutes: from the printed address to what somebody came for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.audit_console.browser.deployment import Deployment


def test_a_difference_of_states_is_within_five_clicks_of_the_printed_address(
    deployment: Deployment, chromium: Browser
) -> None:
    auditor = deployment.stranger(chromium.new_context())
    auditor.visit.go("")

    first = auditor.page.locator(".demo button").first
    expect(first).to_contain_text("auditor")
    # Whatever has the focus has not scrolled it away.
    expect(first).to_be_in_viewport(ratio=1)
    auditor.click(first)
    auditor.click(auditor.page.locator("a.card").first)
    auditor.button("Go on")

    changed = auditor.page.locator("tr#v12 .deltas")
    expect(changed).to_contain_text("status: analysed → rejected")
    auditor.click(auditor.page.locator("tr#v12 th a"))
    expect(auditor.page.locator("#change table.diff")).to_contain_text("rejected")
    assert auditor.clicks <= 5
    assert auditor.visit.complaints == []


@pytest.mark.parametrize("name", ["auditor", "privacy-officer", "dpo"])
def test_no_room_is_empty(deployment: Deployment, chromium: Browser, name: str) -> None:
    person = deployment.person(chromium, name)
    # Where a reader begins who has chosen no tenant yet.
    person.begin("aurora-health")
    rooms = person.page.locator(".rooms a").evaluate_all("all => all.map(a => a.href)")
    assert len(rooms) >= 6
    cards = person.page.locator("a.card").evaluate_all("all => all.map(a => a.href)")
    assert len(cards) >= 6

    empty = []
    for address in (*rooms, *cards):
        answer = person.page.goto(address)
        shown = person.page.locator("main :is(tbody tr, .node, dl.facts, ul.cards li)")
        if not answer.ok or person.page.locator(".empty").count() or not shown.count():
            empty.append(address)

    assert empty == []
    assert person.visit.complaints == []
