"""Real logs, imported: ids with slashes and colons, and no code of any aggregate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.audit_console.browser.deployment import Deployment, Person
from tests.eventstore.transfer import logs
from tests.not_run import not_run

pytestmark = pytest.mark.full


def real_log(name: str) -> Path:
    path = logs.log_of(name)
    if name in logs.made:
        not_run(name, "the real log is not here; EVENTSTORE_TEST_DATA says where")
    return path


@pytest.fixture(scope="module")
def imported(deployment: Deployment) -> None:
    """Two logs beside the demo's, and an auditor of the largest tenant of each."""
    for name in ("municipal-permits", "wikipedia-edits"):
        done = deployment.database.manage("eventstore_import", str(real_log(name)))
        assert done.returncode == 0, done.stderr


@pytest.fixture
def auditor(
    deployment: Deployment, imported: None, chromium: Browser
) -> Iterator[Person]:
    person = deployment.person(chromium, "auditor")
    yield person
    assert person.visit.complaints == []


@pytest.mark.parametrize(
    "odd",
    [
        "aggregate_id LIKE '%/%'",
        "aggregate_id LIKE '%:%'",
        "aggregate_id LIKE '%?%'",
        "aggregate_id ~ '[\u0590-\u06ff]'",
        "aggregate_type = 'permit_application'",
    ],
)
def test_an_object_is_found_followed_and_folded_whatever_it_is_called(
    deployment: Deployment, auditor: Person, odd: str
) -> None:
    tenant, kind, name, version = deployment.one(
        f"""SELECT tenant_id, aggregate_type, aggregate_id, current_version
              FROM event_aggregates WHERE {odd}
               AND tenant_id NOT IN ('aurora-health', 'meridian-pay', 'tidewater-rail')
             ORDER BY current_version DESC, aggregate_id LIMIT 1"""
    )
    given = deployment.database.manage(
        "eventstore_grant", "auditor", "auditor", "--tenant", tenant
    )
    assert given.returncode == 0, given.stderr
    auditor.begin(tenant)

    auditor.find(f"{kind}:{name}")
    expect(auditor.page.locator("main h1")).to_have_text(name)
    expect(auditor.page.locator("tr[id^=v]").first).to_be_visible()
    assert auditor.page.get_by_text("no aggregate code").count()
    auditor.link("State")
    expect(auditor.page.locator("#state")).to_contain_text("merged payloads")
    assert auditor.page.locator("#state .tree").inner_text().strip()
    auditor.page.go_back()
    auditor.click(auditor.page.locator(f"tr#v{version} th a"))
    expect(auditor.page.locator("#payload")).to_be_visible()

    auditor.room("Events")
    rows = auditor.positions()
    auditor.click(auditor.page.locator("td a[title='Filter by this aggregate']").first)
    auditor.page.wait_for_url("**agg=**")
    assert auditor.positions()[0] == rows[0]
