from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eventstore import store
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def kept(value):
    stored = store.append_event(new_event(data={"n": value}), "acme")
    return store.get_event(stored.event_id, "acme").data["n"]


def text_of(value, sql):
    stored = store.append_event(new_event(data={"n": value}), "acme")
    return sql(
        "SELECT event_data ->> 'n' FROM stored_domain_events WHERE position = %s",
        stored.position,
    )[0][0]


@pytest.mark.parametrize(
    "number",
    [0, -1, 2**53 + 1, 2**63, -(2**64), 10**4000, 10**4299, 10**5000, -(10**5000)],
    ids=lambda number: f"{number.bit_length()} bits",
)
def test_whole_numbers_of_any_size_are_kept(number):
    assert kept(number) == number


@pytest.mark.parametrize("number", [0.1, -2.5, 1e308, 5e-324, 1.7976931348623157e308])
def test_floats_are_kept(number):
    """Large ones come back as the whole numbers that they are, as jsonb writes them."""
    assert float(kept(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "0.1",
        "0.10",
        "1.000000000000000000000000000001",
        "-12345678901234567890.12345678901234567890",
        "1E+400",
        "9E+131071",
        "1E-16383",
    ],
)
def test_decimals_are_kept_with_all_their_digits(text, sql):
    assert Decimal(text_of(Decimal(text), sql)) == Decimal(text)


def test_digits_after_the_point_are_history_too(sql):
    assert text_of(Decimal("0.10"), sql) == "0.10"


def test_fractions_are_read_as_decimals_by_setting(settings):
    settings.EVENTSTORE = {"DECIMAL_NUMBERS": True}
    found = kept(Decimal("12345678901234567890.10"))
    assert isinstance(found, Decimal)
    assert str(found) == "12345678901234567890.10"
    assert type(kept(7)) is int


def test_a_long_number_does_not_spoil_its_neighbours():
    data = {"long": 10**5000, "float": 0.5, "int": 7, "list": [1, {"a": None}]}
    stored = store.append_event(new_event(data=data), "acme")
    read = store.get_event(stored.event_id, "acme").data
    assert read == data
    assert (type(read["float"]), type(read["int"])) == (float, int)


def test_booleans_stay_booleans():
    assert kept(True) is True
    assert kept(False) is False


def test_what_is_read_can_be_appended_again():
    data = {"long": 10**5000, "tiny": 5e-324, "dec": Decimal("0.30")}
    stored = store.append_event(new_event(data=data), "acme")
    read = store.get_event(stored.event_id, "acme").data
    again = store.append_event(new_event(data=read), "acme")
    assert json.dumps(store.get_event(again.event_id, "acme").data["tiny"]) == "5e-324"
