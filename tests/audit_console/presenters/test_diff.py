from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest

from audit_console.presenters import diff, words
from audit_console.presenters.masking import Mask

REDACTED = {"redacted": True}


def rows(before, after, **how):
    return diff.compare(before, after, **how).rows


@pytest.mark.parametrize(
    ("before", "after", "sign", "summary"),
    [
        ({}, {"a": 1}, "+", "a: 1"),
        ({"a": 1}, {}, "\N{MINUS SIGN}", "a: 1 →"),
        ({"a": "draft"}, {"a": "approved"}, "~", "a: draft → approved"),
        ({"a": ""}, {"a": "x"}, "~", 'a: "" → x'),
        ({"a": 1}, {"a": "1"}, "≈", 'a: 1 → "1"'),
        ({"a": "x"}, {"a": REDACTED}, "⟦⟧", "a: x → ⟦redacted⟧"),
        (
            {},
            {"a": {"name": "Mireille Hoxha", "email": 60 * "x"}},
            "+",
            'a: { "name": "Mireille Hoxha", "email": "x…',
        ),
    ],
)
def test_each_change_has_a_sign_and_a_summary(before, after, sign, summary):
    (row,) = rows(before, after)
    assert (row.sign, row.summary) == (sign, summary)


def test_paths_are_written_as_people_write_them():
    (row,) = rows({"a b": [{"c/d": 1}]}, {"a b": [{"c/d": 2}]})
    assert row.path == "a b[0].c/d"
    assert row.pointer == "/a b/0/c~1d"


def test_numbers_keep_their_digits():
    (row,) = rows({"n": 1}, {"n": Decimal("10000000000000000000000.10")})
    assert row.after is not None
    assert row.after.text.head == "10000000000000000000000.10"


def test_a_page_of_rows_says_that_there_are_more():
    many = diff.compare({}, {str(n): n for n in range(600)})
    assert len(many.rows) == 500
    assert not many.is_complete
    assert diff.compare({}, {"a": 1}).is_complete


def test_that_a_hidden_value_changed_is_told_and_nothing_of_it():
    mask = Mask((("data", "email"),))
    (row,) = rows({"email": "old@x"}, {"email": "new@x"}, base="/data", mask=mask)
    assert row.summary == "email: •••• → ••••"
    assert "@" not in repr(row)


def test_a_hidden_value_inside_an_added_object_stays_hidden():
    mask = Mask((("data", "who", "email"),))
    after = {"who": {"name": "Anna", "email": "anna@x"}}
    (row,) = rows({}, after, base="/data", mask=mask)
    assert "Anna" in repr(row)
    assert "anna@x" not in repr(row)


def test_long_strings_are_compared_word_by_word():
    before = "Log in with a passkey, on every device that we support today."
    after = before.replace("every", "each")
    assert [(piece.kind, piece.text) for piece in words.compare(before, after)] == [
        ("same", "Log in with a passkey, on "),
        ("removed", "every "),
        ("added", "each "),
        ("same", "device that we support today."),
    ]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("short", "shorter"),
        (50 * "a ", "nothing in common with it, though long enough"),
        (30_000 * "word ", 30_001 * "word "),
    ],
)
def test_strings_that_gain_nothing_stand_side_by_side(before, after):
    assert words.compare(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (". " * 999, ", . " * 499),
        ("word " * 999, "word " * 500 + "x " + "word " * 498),
        ("a b " * 450, "b a a " * 300),
    ],
)
def test_no_text_makes_the_comparison_take_long(before, after):
    started = time.monotonic()
    diff.compare(
        {str(n): before for n in range(50)}, {str(n): after for n in range(50)}
    )
    diff.compare({"list": before.split()}, {"list": after.split()})
    assert time.monotonic() - started < 2


def test_what_is_taken_out_of_a_list_does_not_change_what_stands_behind_it():
    before, after = {"open": ["R-1", "R-2", "R-3"]}, {"open": ["R-2", "R-3", "R-4"]}
    assert [(row.sign, row.summary) for row in rows(before, after)] == [
        ("\N{MINUS SIGN}", "open[0]: R-1 →"),
        ("+", "open[2]: R-4"),
    ]


def test_one_and_true_differ_in_a_list():
    (row,) = rows({"list": [1]}, {"list": [True]})
    assert row.sign == "≈"


def test_an_object_that_is_taken_out_of_a_list_is_one_difference():
    lines = [{"sku": f"A-{n}", "price": {"net": n}} for n in range(30)]
    changed = {**lines[20], "price": {"net": 7}}
    after = [*lines[:4], *lines[5:20], changed, *lines[21:], {"sku": "B"}]

    assert [
        (row.sign, row.path) for row in rows({"lines": lines}, {"lines": after})
    ] == [
        ("\N{MINUS SIGN}", "lines[4]"),
        ("~", "lines[19].price.net"),
        ("+", "lines[29]"),
    ]


def test_a_list_within_an_object_of_a_list_is_told_anew_too():
    (row,) = rows(
        {"orders": [{"n": 1, "tags": ["a", "b", "c"]}]},
        {"orders": [{"n": 1, "tags": ["b", "c"]}]},
    )
    assert row.summary == "orders[0].tags[0]: a →"


def test_lists_nested_without_end_are_told_in_no_time():
    before: Any = 1
    after: Any = 2
    for _level in range(200):
        before, after = [before, {"x": [1]}], [after, {"x": [1]}]
    started = time.monotonic()
    (row,) = rows(before, after)
    assert (row.before.text.head, row.after.text.head) == ("1", "2")
    assert time.monotonic() - started < 2


def test_of_lists_in_lists_the_outermost_that_grew_is_told():
    before, after = [[{"a": 1}], [{"b": 1}]], [[{"c": 1}], [{"a": 1}], [{"b": 1}]]

    (row,) = rows({"list": before}, {"list": after})

    assert (row.sign, row.path) == ("+", "list[0]")


def test_lists_of_objects_are_compared_index_by_index():
    (row,) = rows({"list": [{"a": 1}]}, {"list": [{"a": 2}]})
    assert row.path == "list[0].a"


def test_what_lies_below_a_hidden_place_is_one_change_without_names():
    mask = Mask((("data", "people"),))
    before = {"people": {"anna@x": {"age": 1}, "bo@x": 2}, "n": 1}
    after = {"people": {"anna@x": {"age": 2}, "cy@x": 2}, "n": 2}

    hidden, shown = sorted(
        rows(before, after, base="/data", mask=mask),
        key=lambda row: row.path != "people",
    )

    assert (hidden.path, hidden.pointer) == ("people", "/people")
    assert hidden.summary == "people: •••• → ••••"
    assert shown.path == "n"


def test_the_fields_of_a_document_that_is_hidden_whole_are_named():
    mask = Mask((("state",),))
    before, after = {"who": {"anna@x": 1}}, {"who": {"anna@x": 2}}

    (row,) = rows(before, after, base="/state", mask=mask)

    assert row.summary == "who: •••• → ••••"
