"""Pills say what was meant, and each can be switched off and on again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from audit_console.language import moments
from audit_console.queries import Asked
from audit_console.views import pills
from eventstore import store
from tests.audit_console.conftest import TENANT
from tests.factories import new_event

UTC = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")


def asked(since: str, until: str, zone: tzinfo = UTC) -> Asked:
    """What an address asks for with ``from`` and ``to``."""
    return Asked(
        zone=zone,
        since_text=since,
        until_text=until,
        since=moments.bounds(since, zone)[0] if since else None,
        until=moments.bounds(until, zone)[1] if until else None,
    )


def text_of(shown: Asked) -> str:
    with timezone.override(shown.zone):
        (pill,) = pills.of_list(shown)
    return pill.text


@pytest.mark.parametrize(
    ("since", "until", "text"),
    [
        ("2026-03-01", "2026-03-31", "2026-03-01 to 2026-03-31"),
        ("2026-03", "2026-03", "2026-03-01 to 2026-03-31"),
        ("2026-03-01", "2026-03-01", "2026-03-01"),
        ("2026-03-01", "", "2026-03-01 to …"),
        ("", "2026-03-31", "… to 2026-03-31"),
        (
            "2026-03-01 10:00",
            "2026-03-01 11:30",
            "2026-03-01 10:00 +0000 to 2026-03-01 11:30 +0000",
        ),
        (
            "2026-03-01T10",
            "2026-03-01T11",
            "2026-03-01 10:00 +0000 to 2026-03-01 11:59 +0000",
        ),
        (
            "2026-03-01",
            "2026-03-31 14:05:30",
            "2026-03-01 to 2026-03-31 14:05:30 +0000",
        ),
        (
            "2026-03-01",
            "2026-03-31 14:05:00",
            "2026-03-01 to 2026-03-31 14:05:00 +0000",
        ),
    ],
)
def test_a_range_reads_as_it_was_typed(since: str, until: str, text: str) -> None:
    assert text_of(asked(since, until)) == text


def test_days_are_days_of_the_reader_also_when_the_clock_is_set() -> None:
    shown = asked("2026-03-28", "2026-03-29", BERLIN)

    assert text_of(shown) == "2026-03-28 to 2026-03-29"
    assert text_of(replace(shown, zone=UTC)) == (
        "2026-03-27 23:00 +0000 to 2026-03-29 21:59 +0000"
    )


def test_days_are_written_as_the_language_writes_them() -> None:
    with translation.override("de"):
        assert text_of(asked("2026-03-01", "2026-03-31")) == "01.03.2026 bis 31.03.2026"


@pytest.mark.parametrize(
    ("newest", "text"),
    [
        ("2026-04-01 00:00:00", "… to 2026-04-01 00:00:00 +0000"),
        ("2026-04-01 12:30:15.25", "… to 2026-04-01 12:30:15.250000 +0000"),
    ],
)
def test_a_pinned_range_ends_with_the_newest_event(newest: str, text: str) -> None:
    until = datetime.fromisoformat(newest).replace(tzinfo=UTC) + timedelta.resolution

    assert text_of(replace(asked("", ""), until=until)) == text


def test_a_range_that_ends_before_it_begins_is_shown_as_it_was_typed() -> None:
    shown = asked("2026-03-31", "2026-03-01 08:00")

    assert text_of(shown) == "2026-03-31 to 2026-03-01 08:00"


@given(
    st.integers(0, 10**15),
    st.sampled_from(["microseconds", "seconds", "minutes"]),
)
def test_what_a_pill_says_can_be_typed(age: int, piece: str) -> None:
    begin = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=age)
    end = moments.bounds(begin.isoformat("T", piece), UTC)[1]

    text = text_of(replace(asked("", ""), until=end)).removeprefix("… to ")

    said = moments.bounds(text.replace(" +0000", "Z"), UTC)
    # The moment of a whole second is said without its zeros.
    assert said[1] == end or said[0] + timedelta.resolution == end


def listed(console: Client, address: str) -> tuple[list[str], int]:
    """Return the pills of a list, as they are read, and how many events it shows."""
    answer = console.get(f"/audit/events/{address}")
    shown = [
        f"{pill.text}{' (off)' if pill.is_off else ''}"
        for pill in answer.context["pills"]
    ]
    return shown, len(answer.context["lines"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "pill"),
    [
        ("?type=OrderPaid", "type: OrderPaid"),
        ("?q=-type:OrderPlaced", "-type:OrderPlaced"),
        ("?has=redacted", "redacted"),
    ],
)
def test_a_filter_is_switched_off_and_on_again(
    console: Client, query: str, pill: str
) -> None:
    store.append_events(
        [new_event("OrderPaid"), new_event("OrderPlaced")], tenant_id=TENANT
    )
    shown, events = listed(console, query)
    assert shown == [pill]
    assert events < 2

    (switch,) = console.get(f"/audit/events/{query}").context["pills"]
    assert listed(console, switch.turn) == ([f"{pill} (off)"], 2)

    (switch,) = console.get(f"/audit/events/{switch.turn}").context["pills"]
    assert listed(console, switch.turn) == ([pill], events)
    assert listed(console, switch.remove) == ([], 2)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "entry",
    ["", "type=", "tenant=acme", "q=actr:x", "q=", "has=all", "type=a%00b", "nothing"],
)
def test_what_could_not_be_switched_on_is_no_filter(
    console: Client, entry: str
) -> None:

    assert listed(console, f"?off={entry}") == ([], 0)


@pytest.mark.django_db
def test_no_personal_value_is_switched_off_into_an_address(
    console: Client, settings
) -> None:
    address = "?off=q%3Dcorr:c-1"
    assert listed(console, address) == (["corr:c-1 (off)"], 0)

    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/metadata/correlation_id",)}

    assert listed(console, address) == ([], 0)


def test_a_filter_that_is_off_is_not_what_was_asked() -> None:
    shown = replace(asked("", ""), off=("type=OrderPaid",))

    assert "OrderPaid" not in shown.describe()
    assert QueryDict(shown.url()[1:])["off"] == "type=OrderPaid"


@pytest.mark.django_db
def test_no_more_filters_are_off_than_anybody_would_read(console: Client) -> None:
    many = "&".join(f"off=type=T{n % 60}" for n in range(200))

    shown, _events = listed(console, f"?{many}")

    assert len(shown) == 50


@pytest.mark.django_db
def test_a_query_that_has_a_fault_is_not_replaced_by_one_that_was_off(
    console: Client,
) -> None:
    answer = console.get("/audit/events/?q=actr:x&off=q=-actor:ci")

    (pill,) = answer.context["pills"]
    assert (pill.is_off, pill.turn) == (True, "")
    assert "q=actr%3Ax" in pill.remove
