from __future__ import annotations

import pytest

from audit_console.presenters import documents
from audit_console.presenters.documents import Hidden
from audit_console.presenters.masking import Mask

DOCUMENT = {
    "requester": {"name": "Anna", "email": "anna@example.org"},
    "lines": [{"sku": "A", "note": "for Bo"}, {"sku": "B", "note": "for Cy"}],
}


@pytest.mark.parametrize(
    ("paths", "gone", "left"),
    [
        (["requester.email"], ["anna@"], ["Anna", "for Bo"]),
        (["/requester/email"], ["anna@"], ["Anna", "for Bo"]),
        (["requester"], ["Anna", "anna@"], ["sku"]),
        (["lines.*.note"], ["for Bo", "for Cy"], ["sku", "Anna"]),
        (["lines.note"], ["for Bo", "for Cy"], ["sku", "Anna"]),
        (["lines.1.note"], ["for Cy"], ["for Bo"]),
        (["*.email"], ["anna@"], ["Anna"]),
        ([], [], ["Anna", "for Bo"]),
    ],
)
def test_only_what_is_named_is_hidden(paths, gone, left):
    text = documents.dump(Mask.of_paths(paths).apply(DOCUMENT, "/data"))
    assert not [word for word in gone if word in text]
    assert [word for word in left if word in text] == left


def test_the_address_in_the_metadata_is_always_personal():
    shown = Mask.of_paths([]).apply({"ip": "192.0.2.1", "x": 1}, "/metadata")
    assert documents.dump(shown) == '{"ip": {"hidden": true}, "x": 1}'


@pytest.mark.parametrize("place", ["/data/requester/name", "/data/requester/list/0"])
def test_a_value_below_a_hidden_place_is_hidden(place):
    mask = Mask.of_paths(["requester"])
    assert isinstance(mask.apply("Anna", place), Hidden)


def test_a_place_inside_an_array_is_found_without_its_index():
    mask = Mask.of_paths(["lines.note"])
    assert isinstance(mask.apply("for Bo", "/data/lines/0/note"), Hidden)


def test_no_mask_hides_nothing():
    assert Mask().apply(DOCUMENT, "/data") == DOCUMENT


def test_the_original_is_not_touched():
    Mask.of_paths(["requester.email"]).apply(DOCUMENT, "/data")
    assert DOCUMENT["requester"]["email"] == "anna@example.org"
