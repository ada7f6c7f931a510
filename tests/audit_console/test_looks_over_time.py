"""When it was looked: the chart of the access log, and looks outside working hours."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit_console.models import AccessRecord
from audit_console.queries import access_log
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = pytest.mark.django_db

#: A Monday, at noon.
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def look(at: datetime, name: str = "carl", **more: Any) -> None:
    given = {
        "user_id": "7",
        "act": "list events",
        "outcome": "shown",
        "tenants": [TENANT],
        "objects_seen": [],
        "request_id": "r",
        **more,
    }
    AccessRecord.objects.create(at=at, user_name=name, **given)


@pytest.fixture
def lead(client: Client, reader: Callable[..., User]) -> Client:
    """A browser of somebody who sees everybody's looks, and has none yet."""
    client.force_login(reader(Role.LEAD_AUDITOR, name="lea"))
    return client


def page_of(browser: Client, **asked: str) -> Any:
    # Whoever asks is on record as well, today: not among those that are asked for.
    return browser.get("/audit/access/", {"user_name": "carl", **asked})


def text_of(page: Any) -> str:
    return html.unescape(page.content.decode())


def bars_of(page: Any) -> list[tuple[str, int, str]]:
    return [
        (each.label, each.value, each.link) for each in page.context["chart"].entries
    ]


def counts_of(page: Any) -> list[int]:
    return [each.value for each in page.context["chart"].entries]


def shown_by(browser: Client, link: str) -> int:
    page = browser.get(f"/audit/access/{link}")
    assert not page.context["form"].errors
    return len(page.context["log"].entries)


class TestChart:
    def test_it_ends_at_the_newest_look_that_matches_and_says_so(
        self, lead: Client
    ) -> None:
        for hours in (0, 1, 1, 5):
            look(MONDAY + hours * HOUR)
        look(MONDAY + 30 * DAY, name="dora")

        page = page_of(lead)

        drawn = page.context["histogram"].buckets
        assert drawn[0].begin == MONDAY
        assert MONDAY + 5 * HOUR < drawn[-1].end <= MONDAY + 6 * HOUR
        assert sum(counts_of(page)) == 4
        assert "Looks over time" in text_of(page)
        assert "up to the newest look that matches" in text_of(page)

    def test_it_spans_the_range_that_is_asked_for(self, lead: Client) -> None:
        look(MONDAY)

        page = page_of(lead, since="2026-03-02T00:00", until="2026-03-03T00:00")

        drawn = page.context["histogram"].buckets
        assert (drawn[0].begin, drawn[-1].end) == (MONDAY - DAY / 2, MONDAY + DAY / 2)
        assert sum(counts_of(page)) == 1
        assert "up to the newest" not in text_of(page)

    def test_a_range_of_all_history_is_drawn_where_there_are_looks(
        self, lead: Client
    ) -> None:
        look(MONDAY)

        page = page_of(lead, since="0001-01-01T00:00", until="9999-12-30T00:00")

        assert sum(counts_of(page)) == 1

    def test_each_bar_leads_to_the_looks_that_it_counts(self, lead: Client) -> None:
        for minutes in (0, 7, 8, 59, 61, 200):
            look(MONDAY + timedelta(minutes=minutes))

        found = [bar for bar in bars_of(page_of(lead, act="list events")) if bar[1]]

        assert len(found) > 1
        for label, looks, link in found:
            assert shown_by(lead, link) == looks, label
            assert "act=list+events" in link

    def test_the_edges_of_a_range_bound_its_bars(self, lead: Client) -> None:
        for minutes in (0, 10, 20):
            look(MONDAY + timedelta(minutes=minutes, seconds=30))

        page = page_of(lead, since="2026-03-02T12:05:13", until="2026-03-02T12:20:31")

        found = [bar for bar in bars_of(page) if bar[1]]
        assert sum(looks for _, looks, _ in found) == 2
        assert [shown_by(lead, link) for _, _, link in found] == [
            looks for _, looks, _ in found
        ]
        assert "since=2026-03-02T12%3A05%3A13Z" in bars_of(page)[0][2]
        assert "until=2026-03-02T12%3A20%3A31Z" in bars_of(page)[-1][2]

    def test_a_bar_leads_to_the_first_page(self, lead: Client) -> None:
        look(MONDAY)
        before = str(AccessRecord.objects.get().pk + 1)

        page = page_of(lead, before=before, tz="Asia/Kathmandu")

        link = bars_of(page)[0][2]
        assert "before" not in link
        assert "tz=Asia%2FKathmandu" in link

    def test_the_table_says_the_same(self, lead: Client) -> None:
        for hours in range(3):
            look(MONDAY + hours * HOUR)

        page = page_of(lead)

        table = text_of(page).partition('<details class="twin">')[2]
        for label, looks, link in bars_of(page):
            named = f'<a href="{link}">{label}</a></th>'
            assert f'{named}<td class="numeric">{looks}</td>' in table

    def test_days_are_those_of_the_reader(self, lead: Client) -> None:
        # 23:30 UTC is the next day in Berlin, in winter and in summer.
        for days in (0, 27, 90):
            look(MONDAY + days * DAY + 11.5 * HOUR)

        page = page_of(lead, tz="Europe/Berlin")

        histogram = page.context["histogram"]
        assert histogram.step.is_days
        begins = [bucket.begin.isoformat() for bucket in histogram.buckets]
        assert begins[0] == "2026-03-01T23:00:00+00:00"
        assert begins[-1].endswith("T22:00:00+00:00")
        assert bars_of(page)[0][0].startswith("2 Mar 2026")
        assert [shown_by(lead, link) for _, looks, link in bars_of(page) if looks] == [
            1,
            1,
            1,
        ]

    def test_only_the_newest_looks_are_counted_and_said_to_be(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(access_log, "SAMPLE", 3)
        for hours in range(6):
            look(MONDAY + hours * HOUR)

        page = page_of(lead, since="2026-03-01T00:00")

        assert sum(counts_of(page)) == 3
        assert page.context["histogram"].buckets[0].begin == MONDAY + 3 * HOUR
        assert "of the newest 3 looks" in text_of(page)
        found = [bar for bar in bars_of(page) if bar[1]]
        assert [shown_by(lead, link) for _, _, link in found] == [1, 1, 1]

    def test_nothing_is_said_of_newest_looks_where_all_are_counted(
        self, lead: Client
    ) -> None:
        look(MONDAY)

        assert "of the newest" not in text_of(page_of(lead))

    def test_it_counts_no_look_that_its_reader_may_not_see(
        self, client: Client, reader: Callable[..., User]
    ) -> None:
        auditor = reader(Role.AUDITOR)
        look(MONDAY)
        look(MONDAY, tenants=["globex"])
        look(MONDAY + HOUR, user_id=str(auditor.pk))
        client.force_login(auditor)
        assert counts_of(page_of(client)) == [1]

        client.force_login(reader(Role.LEAD_AUDITOR, name="lea"))
        assert sum(counts_of(page_of(client))) == 2

    def test_there_is_none_where_nothing_matches(self, lead: Client) -> None:
        page = page_of(lead)

        assert page.context["chart"] is None
        assert "Looks over time" not in text_of(page)

    def test_what_takes_too_long_to_count_is_said_and_the_page_shown(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        look(MONDAY)

        def sleep(_query: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(5)")

        monkeypatch.setattr(access_log.AccessQuery, "tallies", sleep)

        page = page_of(lead)

        assert len(page.context["log"].entries) == 1
        assert "too long to count" in text_of(page)

    def test_the_chart_takes_no_query_of_its_own(self, lead: Client) -> None:
        look(MONDAY)
        page_of(lead)

        with CaptureQueriesContext(connection) as captured:
            page = page_of(lead)

        assert page.context["chart"]
        reads = [
            each["sql"]
            for each in captured.captured_queries
            if 'FROM "audit_console_access"' in each["sql"]
        ]
        # One of the page, one of all that is counted.
        assert len(reads) == 2


class TestWorkingHours:
    def names(self, browser: Client, **asked: str) -> list[str]:
        page = browser.get("/audit/access/", {"act": "print", **asked})
        return [entry.record.user_name for entry in page.context["log"].entries]

    def test_looks_at_night_and_at_the_weekend_can_be_seen_alone(
        self, lead: Client
    ) -> None:
        early, late = MONDAY - 5 * HOUR, MONDAY + 7 * HOUR
        for name, at in (
            ("night", early - timedelta(seconds=1)),
            ("seven", early),
            ("noon", MONDAY),
            ("evening", late - timedelta(seconds=1)),
            ("nineteen", late),
            ("friday", MONDAY + 4 * DAY),
            ("saturday", MONDAY + 5 * DAY),
            ("sunday", MONDAY + 6 * DAY),
        ):
            look(at, name=name, act="print")

        assert self.names(lead, hours="off") == [
            "sunday",
            "saturday",
            "nineteen",
            "night",
        ]
        assert len(self.names(lead)) == 8

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
    def test_the_count_of_them_is_the_list_also_when_the_clock_changes(
        self, lead: Client, zone: str
    ) -> None:
        # Two days around the Sunday on which summer begins in Berlin.
        for quarters in range(0, 48 * 4, 5):
            look(
                datetime(2026, 3, 28, 20, tzinfo=UTC) + quarters * HOUR / 4,
                act="print",
            )

        counted = page_of(lead, tz=zone).context["tallies"].off_hours
        listed = page_of(lead, tz=zone, hours="off").context["log"].entries

        assert 0 < counted < 39
        assert counted == len(listed)

    def test_the_clock_is_that_of_the_reader(self, lead: Client) -> None:
        look(datetime(2026, 7, 1, 5, 30, tzinfo=UTC), name="early", act="print")

        assert self.names(lead, hours="off") == ["early"]
        assert self.names(lead, hours="off", tz="Europe/Berlin") == []

    def test_a_zone_that_the_database_does_not_know_is_none(self, lead: Client) -> None:
        assert self.names(lead, hours="off", tz="localtime") == []

    def test_the_page_says_which_hours_of_which_zone(self, lead: Client) -> None:
        text = text_of(page_of(lead, tz="Europe/Berlin"))

        said = re.search(r'id="id_hours_helptext">([^<]*)<', text)
        assert said is not None
        assert (
            "Working hours: Monday to Friday, 07:00 to 19:00, Europe/Berlin" in said[1]
        )
        assert 'aria-describedby="id_hours_helptext"' in text

    def test_the_hours_are_a_setting(self, lead: Client, settings: Any) -> None:
        settings.AUDIT_CONSOLE = {"WORKING_HOURS": (13, 24)}
        look(MONDAY)

        page = page_of(lead)

        assert page.context["tallies"].off_hours == 1
        assert "13:00 to 24:00" in text_of(page)

    def test_the_count_is_a_link_to_them(self, lead: Client) -> None:
        look(MONDAY)
        look(MONDAY - 11 * HOUR)

        text = text_of(page_of(lead))

        assert "1 outside working hours" in text
        found = re.search(r'<a href="([^"]*hours=off[^"]*)">Outside', text)
        assert found is not None
        assert shown_by(lead, found[1]) == 1

    def test_the_filter_is_named_in_words_and_on_record(self, lead: Client) -> None:
        text = text_of(page_of(lead, hours="off"))

        assert "Working hours: Only outside" in text
        assert "hours:off" in AccessRecord.objects.order_by("-id")[0].query

    def test_the_chart_is_of_them_as_well(self, lead: Client) -> None:
        look(MONDAY)
        look(MONDAY + 10 * HOUR)

        page = page_of(lead, hours="off")

        assert sum(counts_of(page)) == 1
        assert all("hours=off" in link for _, _, link in bars_of(page))


@pytest.mark.parametrize(
    "given", [(7,), (7, 19, 20), (19, 7), (7, 7), (-1, 7), (7, 25), (7.5, 19), [7, 19]]
)
def test_working_hours_are_two_hours_of_a_day(given: Any) -> None:
    from audit_console.conf import find_faults

    [fault] = find_faults({"WORKING_HOURS": given})
    assert "AUDIT_CONSOLE['WORKING_HOURS'] must be" in fault
