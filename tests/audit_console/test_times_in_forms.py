"""A time of the address is shown by the clock of its reader, to be changed there."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def field_of(browser: Client, since: str) -> str:
    query = urlencode({"tz": "Europe/Berlin", "since": since})
    text = browser.get(f"/audit/access/?{query}").content.decode()
    found = re.search(r'<input[^>]* name="since"[^>]*>', text)
    return found[0] if found else ""


def test_a_moment_is_shown_by_the_clock_of_the_reader(console: Client) -> None:
    field = field_of(console, "2026-07-01T14Z")

    assert 'type="datetime-local"' in field
    assert 'value="2026-07-01T16:00:00"' in field


def test_one_that_the_clock_showed_twice_keeps_its_offset(console: Client) -> None:
    field = field_of(console, "2026-10-25T00:30Z")

    assert 'type="text"' in field
    assert 'value="2026-10-25T00:30Z"' in field


def test_the_filter_names_it_to_the_second_with_its_offset(console: Client) -> None:
    asked = {"tz": "Europe/Berlin", "since": "2026-07-01T14:00:05Z"}
    text = console.get("/audit/access/", asked).content.decode()

    assert "From: 2026-07-01 16:00:05 +0200" in text


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize("since", ["0001-01-01T00Z", "9999-12-31T23:59:58Z"])
def test_the_ends_of_the_calendar_break_nothing(
    console: Client, zone: str, since: str
) -> None:
    console.get("/audit/")

    for name in ("since", "until"):
        page = console.get("/audit/access/", {"tz": zone, name: since})
        assert page.status_code == 200


def test_the_zone_of_the_address_is_kept_by_the_form(console: Client) -> None:
    text = console.get("/audit/access/?tz=Europe/Berlin").content.decode()

    assert '<input type="hidden" name="tz" value="Europe/Berlin">' in text
