from __future__ import annotations

from typing import Any

import pytest

from audit_console.presenters import documents
from audit_console.presenters.documents import Hidden
from audit_console.presenters.masking import Mask

DOCUMENT: dict[str, Any] = {
    "requester": {"name": "Anna", "email": "anna@example.org"},
    "lines": [{"sku": "A", "note": "for Bo"}, {"sku": "B", "note": "for Cy"}],
}


def mask_of(paths: list[str]) -> Mask:
    return Mask(tuple(("data", *path.split(".")) for path in paths))


@pytest.mark.parametrize(
    ("paths", "gone", "left"),
    [
        (["requester.email"], ["anna@"], ["Anna", "for Bo"]),
        (["requester"], ["Anna", "anna@"], ["sku"]),
        (["lines.*.note"], ["for Bo", "for Cy"], ["sku", "Anna"]),
        (["lines.note"], ["for Bo", "for Cy"], ["sku", "Anna"]),
        (["lines.1.note"], ["for Cy"], ["for Bo"]),
        (["*.email"], ["anna@"], ["Anna"]),
        ([], [], ["Anna", "for Bo"]),
    ],
)
def test_only_what_is_named_is_hidden(paths, gone, left):
    text = documents.dump(mask_of(paths).apply(DOCUMENT, "/data"))
    assert not [word for word in gone if word in text]
    assert [word for word in left if word in text] == left


@pytest.mark.parametrize("place", ["/data/requester/name", "/data/requester/list/0"])
def test_a_value_below_a_hidden_place_is_hidden(place):
    mask = mask_of(["requester"])
    assert isinstance(mask.apply("Anna", place), Hidden)


def test_a_place_inside_an_array_is_found_without_its_index():
    mask = mask_of(["lines.note"])
    assert isinstance(mask.apply("for Bo", "/data/lines/0/note"), Hidden)


def test_no_mask_hides_nothing():
    assert Mask().apply(DOCUMENT, "/data") == DOCUMENT


def test_the_original_is_not_touched():
    mask_of(["requester.email"]).apply(DOCUMENT, "/data")
    assert DOCUMENT["requester"]["email"] == "anna@example.org"
