"""What an auditor comes for, each within a stated number of clicks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.audit_console.browser.deployment import TENANT, Deployment, Person

#: A story in the demo: rejected four times, then approved.
REQUIREMENT = "Requirement:R-53"
EVENTS = f"""FROM stored_domain_events WHERE tenant_id = '{TENANT}'"""
STORY = f"{EVENTS} AND aggregate_type = 'Requirement' AND aggregate_id = 'R-53'"


@pytest.fixture
def auditor(deployment: Deployment, chromium: Browser) -> Iterator[Person]:
    person = deployment.person(chromium, "auditor")
    person.begin()
    yield person
    assert person.visit.complaints == []


def test_all_rejections_by_an_actor_last_month(
    deployment: Deployment, auditor: Person
) -> None:
    who = deployment.one(
        f"""SELECT metadata->'actor'->>'id' {EVENTS}
               AND event_type = 'RequirementRejected'
               AND occurred_at > now() - interval '30 days'
             GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"""
    )[0]

    auditor.click(auditor.page.locator(".bars a", has_text=who))
    auditor.only("Event type", "RequirementRejected")

    since = auditor.page.get_by_label("From", exact=True).input_value()[:10]
    expected = deployment.database.rows(
        f"""SELECT position {EVENTS} AND event_type = 'RequirementRejected'
               AND metadata->'actor'->>'id' = '{who}' AND occurred_at >= '{since} UTC'
             ORDER BY occurred_at DESC, position DESC"""
    )
    assert auditor.positions() == [position for (position,) in expected]
    assert auditor.clicks <= 3


def test_what_changed_in_an_aggregate_on_a_day_and_who_did_it(
    deployment: Deployment, auditor: Person
) -> None:
    version, day, who = deployment.one(
        f"""SELECT aggregate_version, occurred_at::date::text,
                   metadata->'actor'->>'name' {STORY}
               AND event_type = 'RequirementRejected' ORDER BY position LIMIT 1"""
    )

    auditor.find(REQUIREMENT)

    row = auditor.page.locator(f"tr#v{version}")
    expect(row).to_contain_text(day)
    expect(row).to_contain_text(who)
    expect(row).to_contain_text("status: analysed → rejected")
    auditor.click(row.get_by_role("link", name="Rejected"))
    expect(auditor.page.locator("#change table.diff")).to_contain_text("analysed")
    expect(auditor.page.locator("#payload")).to_contain_text("reason")
    assert auditor.clicks <= 2


def test_the_state_on_the_day_of_a_complaint(
    deployment: Deployment, auditor: Person
) -> None:
    day = deployment.one(
        f"""SELECT occurred_at::date {STORY}
               AND event_type = 'RequirementRejected' ORDER BY position LIMIT 1"""
    )[0]

    auditor.find(REQUIREMENT)
    auditor.link("State")
    auditor.type(auditor.page.get_by_label("Or at a moment"), day.isoformat())

    expect(auditor.page.locator("#state .tree")).to_contain_text("rejected")
    auditor.type(
        auditor.page.get_by_label("Or at a moment"),
        (day - timedelta(days=300)).isoformat(),
    )
    expect(auditor.page.locator("#state")).to_contain_text("Before the first event")
    assert auditor.clicks <= 4


def test_everything_of_one_correlation(deployment: Deployment, auditor: Person) -> None:
    expected = deployment.one(
        f"SELECT count(*) {EVENTS} AND metadata->>'correlation_id' = 'CR-0053'"
    )[0]

    auditor.find("CR-0053")

    expect(auditor.page.locator(".causes .node")).to_have_count(expected)
    assert auditor.clicks <= 1


def test_everything_that_one_event_caused(
    deployment: Deployment, auditor: Person
) -> None:
    cause, effects = deployment.one(
        f"""SELECT metadata->>'causation_id', count(*) {EVENTS}
               AND metadata->>'causation_id' IN (SELECT event_id {EVENTS})
             GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"""
    )

    auditor.find(cause)
    auditor.link("As a tree")

    nodes = auditor.page.locator(".causes .node")
    expect(nodes.first).to_be_visible()
    assert nodes.count() >= effects + 1
    assert auditor.clicks <= 2


def test_the_first_occurrence_of_a_type(
    deployment: Deployment, auditor: Person
) -> None:
    first = deployment.one(
        f"""SELECT position {EVENTS} AND event_type = 'RequirementRejected'
             ORDER BY occurred_at, position LIMIT 1"""
    )[0]

    auditor.room("Events")
    auditor.only("Event type", "RequirementRejected")
    if auditor.page.get_by_role("link", name="Oldest").count():
        auditor.link("Oldest")

    assert auditor.positions()[-1] == first
    assert auditor.clicks <= 3


def test_a_quarter_is_taken_out_with_its_manifest(
    deployment: Deployment, auditor: Person
) -> None:
    auditor.room("Events")
    auditor.link("90 d")
    auditor.page.wait_for_url("**from=**")
    auditor.link("Export")
    auditor.button("Request this export")
    take = auditor.page.get_by_role("button", name="Download the file")
    take.wait_for(timeout=20_000)
    with auditor.page.expect_download() as file:
        auditor.click(take)
    with auditor.page.expect_download() as manifest:
        auditor.button("Manifest")
    assert auditor.clicks <= 6

    content = file.value.path().read_bytes()
    told = json.loads(manifest.value.path().read_bytes())
    lines = [json.loads(line) for line in content.splitlines()]
    positions = {line["position"] for line in lines if "position" in line}
    assert told["file"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["events"] == len(positions)
    expected = deployment.database.rows(
        f"""SELECT position {EVENTS} AND position <= {told["up_to_position"]}
               AND occurred_at >= '{told["occurred_from"]}'
               AND occurred_at < '{told["occurred_before"]}'"""
    )
    assert positions == {position for (position,) in expected}


CHANGES = """
from datetime import timedelta
from eventstore import DomainEvent, store
from eventstore.models import StoredEvent
found = StoredEvent.objects.get(position={position})
store.append_event(
    DomainEvent(
        event_type=found.event_type,
        aggregate_type="Requirement",
        aggregate_id="R-told-late",
        data={{"comment": "told late"}},
        occurred_at=found.occurred_at + timedelta(microseconds=1),
    ),
    found.tenant_id,
)
store.redact_event(
    found.event_id, found.tenant_id, ["/data/text"], reason="case 7", actor="dpo"
)
"""


def test_a_pinned_link_shows_the_same_after_more_events_and_a_redaction(
    deployment: Deployment, auditor: Person, chromium: Browser
) -> None:
    auditor.room("Events")
    auditor.only("Event type", "RequirementCommented")
    auditor.link("Pin")
    assert auditor.clicks <= 3
    auditor.page.wait_for_url("**upto=**")
    link, before = auditor.page.url, auditor.positions()
    count = auditor.page.locator("#results caption strong").inner_text()
    deployment.run(CHANGES.format(position=before[3]))

    later = deployment.person(chromium, "dpo")
    later.page.goto(link)

    assert later.positions() == before
    assert later.page.locator("#results caption strong").inner_text() == count
    expect(later.page.locator(f"#p{before[3]}")).to_contain_text("redacted")
    later.link("Remove pinned at position " + _position(link))
    later.page.wait_for_url(lambda url: "upto" not in url)
    assert later.positions() != before


def _position(link: str) -> str:
    found = re.search(r"upto=(\d+)", link)
    return f"{int(found[1]):,}" if found else ""


def test_two_approvals_beside_each_other(auditor: Person) -> None:
    auditor.room("Events")
    auditor.only("Event type", "RequirementApproved")
    auditor.page.wait_for_url("**type=**")
    boxes = auditor.page.locator("tr[data-row] input[type=checkbox]")
    auditor.click(boxes.nth(0))
    auditor.click(boxes.nth(7))
    auditor.button("Compare")

    table = auditor.page.locator("table.compare")
    expect(table.locator("thead th")).to_have_count(2)
    expect(table).to_contain_text("approver")
    assert auditor.clicks <= 5


HAPPENS = f"""
from eventstore import DomainEvent, store
store.append_event(
    DomainEvent(
        event_type="NoteWritten", aggregate_type="Notebook", aggregate_id="live",
        data={{"text": "now"}},
    ),
    "{TENANT}",
)
"""


def test_new_events_are_followed_live(deployment: Deployment, auditor: Person) -> None:
    auditor.room("Events")
    auditor.link("Follow live")
    before = auditor.positions()
    deployment.run(HAPPENS)

    show = auditor.page.get_by_role("link", name="1 new event: show")
    show.wait_for(timeout=15_000)
    auditor.click(show)

    expect(auditor.page.locator("tr[data-row]").first).to_contain_text("Notebook live")
    assert auditor.positions()[1] == before[0]
    assert auditor.clicks <= 3


def test_who_looked_at_an_event(
    deployment: Deployment, auditor: Person, chromium: Browser
) -> None:
    position = deployment.one(f"SELECT max(position) {STORY}")[0]
    auditor.find(str(position))
    auditor.page.wait_for_url(f"**/events/{position}/**")

    officer = deployment.person(chromium, "dpo")
    officer.begin()
    officer.find(str(position))
    panel = officer.page.locator("#access")
    expect(panel).to_contain_text("auditor")
    officer.click(panel.get_by_role("link").first)

    row = officer.page.locator("#results tbody tr", has_text="auditor").first
    expect(row).to_contain_text("Viewed an event")
    expect(row).to_contain_text("Periodic audit")
    assert officer.clicks <= 2
