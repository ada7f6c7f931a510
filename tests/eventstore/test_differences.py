from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from eventstore.differences import Difference, compare


def found(before: Any, after: Any) -> list[Difference]:
    differences = compare(before, after)
    assert differences.is_complete
    return list(differences.found)


@pytest.mark.parametrize(
    ("before", "after", "pointer", "kind"),
    [
        ({}, {"a": 1}, "/a", "added"),
        ({"a": 1}, {}, "/a", "removed"),
        ({"a": 1}, {"a": 2}, "/a", "changed"),
        ({"a": 1}, {"a": "1"}, "/a", "type changed"),
        ({"a": 1}, {"a": True}, "/a", "type changed"),
        ({"a": 0}, {"a": None}, "/a", "type changed"),
        ({"a": []}, {"a": {}}, "/a", "type changed"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "/a/b/1", "changed"),
        ({"a": [1]}, {"a": [1, 2]}, "/a/1", "added"),
        ({"a": [1, 2]}, {"a": [1]}, "/a/1", "removed"),
        ({"m/n": 1}, {"m/n": 2}, "/m~1n", "changed"),
        ({"m~n": 1}, {"m~n": 2}, "/m~0n", "changed"),
        ({"": 1}, {"": 2}, "/", "changed"),
        (1, 2, "", "changed"),
        ({"a": Decimal("1.1")}, {"a": Decimal("1.2")}, "/a", "changed"),
    ],
)
def test_each_kind_of_difference_is_named_with_its_place(
    before: Any, after: Any, pointer: str, kind: str
) -> None:
    (difference,) = found(before, after)
    assert (difference.pointer, difference.kind) == (pointer, kind)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, {"a": 1.0}),
        ({"a": Decimal("1.10")}, {"a": Decimal("1.1")}),
        ({"a": [None, {"b": False}]}, {"a": [None, {"b": False}]}),
        ({}, {}),
    ],
)
def test_equal_documents_do_not_differ(before: Any, after: Any) -> None:
    assert found(before, after) == []


def test_a_part_that_one_side_lacks_is_one_difference_with_all_of_it() -> None:
    assert found({}, {"address": {"city": "Ulm"}}) == [
        Difference("/address", "added", None, {"city": "Ulm"})
    ]
    assert found({"tags": ["a", "b"]}, {}) == [
        Difference("/tags", "removed", ["a", "b"], None)
    ]


def test_a_redacted_value_differs_from_what_it_was() -> None:
    (difference,) = found({"mail": "a@b"}, {"mail": {"redacted": True}})
    assert difference.after == {"redacted": True}


def test_the_limit_cuts_and_says_so() -> None:
    before, after = dict.fromkeys("abc", 1), dict.fromkeys("abc", 2)
    cut = compare(before, after, limit=2)
    assert [difference.pointer for difference in cut.found] == ["/a", "/b"]
    assert not cut.is_complete
    assert compare(before, after, limit=3).is_complete
