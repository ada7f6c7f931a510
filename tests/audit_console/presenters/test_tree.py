from __future__ import annotations

import pytest

from audit_console.presenters import documents, tree
from audit_console.presenters.documents import Hidden
from audit_console.presenters.tree import Mark


def rows_of(document, **how):
    return tree.build(document, **how).rows


def leaves(document, **how):
    return {row.pointer: row for row in rows_of(document, **how) if row.kind == "leaf"}


def balanced(rows):
    return sum({"open": 1, "close": -1, "leaf": 0}[row.kind] for row in rows) == 0


def test_an_object_opens_holds_its_values_and_closes():
    rows = rows_of({"title": "Passkeys", "tags": [1, None]}, base="/data")
    assert [(row.kind, row.name, row.pointer) for row in rows] == [
        ("open", "", "/data"),
        ("leaf", "title", "/data/title"),
        ("open", "tags", "/data/tags"),
        ("leaf", "0", "/data/tags/0"),
        ("leaf", "1", "/data/tags/1"),
        ("close", "", ""),
        ("close", "", ""),
    ]


def test_pointers_escape_what_they_must():
    assert list(leaves({"a/b~c": 1})) == ["/a~1b~0c"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("null", "null"),
        ("true", "boolean"),
        ("1.50", "number"),
        ('"1.50"', "string"),
        ("{}", "object"),
        ("[]", "object"),
    ],
)
def test_each_kind_of_value_is_named_and_shown(text, kind):
    row = tree.leaf(documents.decode(text))
    assert row.value == kind
    assert row.text.head == text.strip('"')


def test_levels_below_the_third_are_closed():
    rows = rows_of({"a": {"b": {"c": {"d": {"e": 1}}}}})
    opened = [row.is_open for row in rows if row.kind == "open"]
    assert opened == [True, True, True, False, False]


def test_five_hundred_levels_end_in_text_and_are_balanced():
    document = documents.decode(500 * '{"a": ' + "1" + 500 * "}")
    rows = rows_of(document)
    assert balanced(rows)
    assert len(rows) < 200
    deepest = next(row for row in rows if row.kind == "leaf")
    assert deepest.text.head.startswith('{"a": {"a": ')


def test_a_long_object_is_written_line_by_line_and_a_short_one_is_not():
    short, long = {"a": [1, 2]}, {"name": "Mireille Hoxha", "email": 60 * "x"}

    assert tree.leaf(short).text.head == '{"a": [1, 2]}'
    assert tree.leaf(long).text.head.splitlines()[:2] == [
        "{",
        '  "name": "Mireille Hoxha",',
    ]


def test_a_long_string_is_folded_and_its_length_told():
    text = tree.leaf(2_000_000 * "x").text
    assert (len(text.head), text.length) == (tree.SHOWN, 2_000_000)
    assert text.left_out == 2_000_000 - tree.MAX_CARRIED
    assert len(text.head) + len(text.rest) == tree.MAX_CARRIED


def test_too_many_rows_are_cut_and_the_cut_is_told():
    cut = tree.build({"list": list(range(5_000))}, max_rows=100)
    assert cut.is_cut
    assert balanced(cut.rows)
    whole = tree.build({"list": list(range(10))}, max_rows=100)
    assert not whole.is_cut


def test_a_redacted_place_has_the_mark_of_its_record():
    mark = Mark("redacted", "0198", "asked by the customer")
    found = leaves(
        {"email": {"redacted": True}, "n": 1}, base="/data", marks={"/data/email": mark}
    )
    assert found["/data/email"].mark == mark
    assert found["/data/n"].mark is None


def test_a_payload_redacted_as_a_whole_is_one_mark():
    mark = Mark("redacted", "0198")
    (row,) = rows_of({"redacted": True}, base="/data", marks={"/data": mark})
    assert (row.value, row.mark) == ("redacted", mark)


def test_what_only_looks_redacted_is_shown_as_it_is():
    rows = rows_of({"flag": {"redacted": True}})
    assert [row.mark for row in rows] == [None] * 5
    assert "true" in [row.text.head for row in rows]


def test_a_hidden_value_is_a_mark_and_nothing_else():
    row = leaves({"email": Hidden()})["/email"]
    assert (row.value, row.text.head) == ("hidden", "")


def test_keys_show_what_nobody_could_see():
    assert rows_of({"a\u202eb": 1})[1].name == r"a\u202eb"
