"""Saved searches in Chromium: what deletes one asks first, without scripts too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from audit_console.models import SavedSearch
from eventstore.roles import Role
from tests.audit_console.browser.visiting import Visit

# The server's threads see only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def auditor(transactional_db: None, reader: Callable[..., User]) -> User:
    user = reader(Role.AUDITOR)
    for name in ("Denied", "Night shift"):
        SavedSearch.objects.create(
            owner=user,
            tenant_id="acme",
            name=name,
            address="access/?outcome=denied",
            is_shared=True,
        )
    return user


@pytest.mark.parametrize("scripts", [True, False])
def test_a_search_is_deleted_when_that_was_asked_for_twice(
    visit: Callable[..., Visit], auditor: User, scripts: bool
) -> None:
    page = visit(auditor, java_script_enabled=scripts).go("/audit/saved/")
    row = page.get_by_role("row", name="Denied")
    deletes = row.get_by_role("button", name="Delete for good", include_hidden=True)
    expect(deletes).to_have_count(1)
    expect(deletes).to_be_hidden()

    row.get_by_text("Delete: Denied", exact=True).click()
    deletes.click()

    expect(page.get_by_role("link", name="Denied")).to_have_count(0)
    expect(page.get_by_role("link", name="Night shift")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_question_has_no_barrier_and_fits(
    visit: Callable[..., Visit], auditor: User, scheme: str
) -> None:
    browser = visit(
        auditor, viewport={"width": 320, "height": 640}, color_scheme=scheme
    )
    page = browser.go("/audit/saved/")

    page.get_by_text("Delete: Denied", exact=True).press("Enter")

    expect(page.get_by_text("This cannot be undone")).to_have_count(2)
    assert browser.violations() == []
    assert not browser.is_too_wide
