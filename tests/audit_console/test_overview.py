"""The first page is full at once, and what it draws it also tells."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from audit_console.presenters import bars

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("history")
def test_the_first_view_counts_and_links_without_a_worker(console: Client) -> None:
    text = console.get("/audit/").content.decode()

    assert "RequirementApproved" in text
    assert re.search(r'href="/audit/events/\?tenant=acme&amp;from=[^"]+"', text)


@pytest.mark.usefixtures("history")
def test_the_chart_and_its_table_say_the_same(console: Client) -> None:
    week = console.get("/audit/").context["week"]
    text = console.get("/audit/").content.decode()

    drawn = [row for row in week["rows"] if row["stack"].events]
    assert sum(sum(row["numbers"]) for row in drawn) == week["total"] == 2
    for row in drawn:
        link = row["url"].replace("&", "&amp;")
        assert text.count(f'href="{link}"') >= 2


def test_an_empty_log_says_so(console: Client) -> None:
    assert "No events recorded yet" in console.get("/audit/").content.decode()


def test_a_stack_is_as_high_as_its_numbers_say() -> None:
    small, full = bars.columns([[1, 1], [2, 2]])

    assert sum(part.height for part in full.segments) == bars.HEIGHT
    assert sum(part.height for part in small.segments) == bars.HEIGHT // 2
    assert [part.series for part in full.segments] == [0, 1]


def test_what_is_one_of_millions_is_still_drawn() -> None:
    assert bars.widths([5_000_000, 1, 0]) == [100, 1, 0]
    (column,) = bars.columns([[5_000_000, 1]])
    assert column.segments[-1].height == 1


def test_the_heat_of_nothing_is_nothing_and_the_most_is_five() -> None:
    assert bars.heat([[0, 1, 50, 100]]) == [[0, 1, 3, 5]]
    assert bars.heat([[0, 0]]) == [[0, 0]]


@pytest.mark.usefixtures("history")
def test_the_week_begins_on_monday_in_every_zone(console: Client) -> None:
    for zone in ("America/St_Johns", "UTC", "Asia/Kathmandu"):
        text = console.get(f"/audit/?tz={zone}").content.decode()

        days = re.findall(r'<th scope="row">(\w{3})</th>', text)
        assert days == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
