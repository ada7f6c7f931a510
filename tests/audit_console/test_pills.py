"""The pill of a range says what was meant: its end belongs to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from audit_console.language import moments
from audit_console.queries import Asked
from audit_console.views import pills

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
