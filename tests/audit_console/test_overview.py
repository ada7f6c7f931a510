"""The first page is full at once, and what it draws it also tells."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from audit_console.presenters import bars
from audit_console.projections import EventCounts
from eventstore import store
from tests.factories import new_event

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


@pytest.fixture
def week(db: None) -> None:
    """Seven types over four days, more than a stack has parts of its own."""
    monday = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
    events = [
        new_event(
            f"Type{n % 7}",
            aggregate_id=f"R-{n}",
            occurred_at=monday + timedelta(hours=2 * n),
        )
        for n in range(40)
    ]
    store.append_events(events, tenant_id="acme")


def _numbers(text: str, begin: str, end: str) -> list[tuple[str, int]]:
    """The links of a part of the page whose text is a number, and the number."""
    part = text.partition(begin)[2].partition(end)[0]
    found = re.findall(r'<a href="([^"]*)"[^>]*>([\d,]+)</a>', part)
    return [(unescape(link), int(number.replace(",", ""))) for link, number in found]


def _count(console: Client, link: str) -> int:
    html = console.get(link).content.decode()
    return len(re.findall(r'<tr id="p\d+"', html))


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize("zone", ["UTC", "America/St_Johns", "Europe/Berlin"])
@pytest.mark.parametrize(
    ("begin", "end"), [('id="after-week"', "</details>"), ('class="heat"', "</table>")]
)
def test_every_number_leads_to_just_so_many_events(
    console: Client, begin: str, end: str, zone: str
) -> None:
    text = console.get(f"/audit/?tz={zone}").content.decode()
    links = _numbers(text, begin, end)

    assert len(links) > 20
    part = text.partition(begin)[2].partition(end)[0]
    assert not re.findall(r"<td[^>]*>[1-9]", part)
    wrong = [link for link, number in links if _count(console, link) != number]
    assert wrong == []


@pytest.mark.usefixtures("week")
def test_each_name_of_the_legend_leads_to_its_events(console: Client) -> None:
    week = console.get("/audit/").context["week"]

    counted = [_count(console, url) for _name, url in week["series"]]

    rows = [row["numbers"] for row in week["rows"]]
    assert counted == [sum(column) for column in zip(*rows, strict=True)]
    assert sum(counted) == week["total"] == 40


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("zone", "shown", "hour"),
    [
        ("Europe/Berlin", "hours in Europe/Berlin", 22),
        # Apart from UTC by half an hour: the counts are of whole hours of UTC.
        ("Asia/Kolkata", "hours in UTC", 21),
    ],
)
def test_the_hours_are_those_of_the_readers_clock_where_that_can_be(
    console: Client, zone: str, shown: str, hour: int
) -> None:
    answer = console.get(f"/audit/?tz={zone}")

    assert shown in answer.content.decode()
    monday = answer.context["hours"]["rows"][0]["cells"]
    assert [n for n, (events, _step, _url) in enumerate(monday) if events] == [
        hour,
        *([] if hour == 22 else [23]),
    ]


@pytest.mark.usefixtures("week")
def test_a_log_of_long_ago_is_drawn_by_the_day(console: Client) -> None:
    """The rollups keep hours for a while only; an import is of years ago."""
    events = store.get_events_after("acme", 0)
    EventCounts().project_batch(events)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event_subscriptions"
            " (tenant_id, name, partition, partitions, position, handled, state,"
            "  last_error, moved_at, lease_owner)"
            " VALUES ('', %s, 0, 1, %s, 40, 'running', '', now(), '')",
            [EventCounts.name, events[-1].position],
        )

    answer = console.get("/audit/")

    week = answer.context["week"]
    assert (week["by_days"], week["days"], week["total"]) == (True, 28, 40)
    assert "Events by day, 28 days" in answer.content.decode()
    card = answer.context["day"]["card"]
    assert card.events == _count(console, answer.context["day"]["url"]) > 0
    links = _numbers(answer.content.decode(), 'id="after-week"', "</details>")
    assert [link for link, n in links if _count(console, link) != n] == []
    assert answer.context["hours"] is None
