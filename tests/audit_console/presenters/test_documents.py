from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit_console.presenters import documents
from audit_console.presenters.documents import Hidden

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "digits",
    [
        "0",
        "-0.10",
        "12.50",
        "0.0000001",
        "9007199254740993",
        "1" + 30 * "0",
        "3.14159265358979323846264338327950288",
        6000 * "9",
    ],
)
def test_numbers_are_written_digit_by_digit(digits):
    text = f'{{"n": {digits}}}'
    assert documents.dump(documents.decode(text)) == text


@given(JSON)
def test_a_document_is_written_as_it_was_read(document):
    text = json.dumps(document, ensure_ascii=False)
    assert documents.dump(documents.decode(text)) == text


def test_an_indent_changes_nothing_but_the_layout():
    text = '{"a": [1, {"b": []}], "c": {}}'
    pretty = documents.dump(documents.decode(text), indent=2)
    assert pretty.splitlines()[1:4] == ['  "a": [', "    1,", "    {"]
    assert json.loads(pretty) == json.loads(text)


def test_five_hundred_levels_are_written():
    text = 500 * "[" + 500 * "]"
    assert documents.dump(documents.decode(text)) == text


@pytest.mark.parametrize(
    ("unseen", "seen"),
    [
        ("a\u202egnp.exe", r"a\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\x07bell", r"\u0007bell"),
        ("\x7frubout", r"\u007frubout"),
        ("tag\U000e0041", r"tag\udb40\udc41"),
        ("lone\ud800", r"lone\ud800"),
    ],
)
def test_what_nobody_can_see_is_written_out(unseen, seen):
    assert documents.visible(unseen) == seen


@pytest.mark.parametrize("text", ["Tomáš", "日本語", "שלום", "two\nlines\tand a tab"])
def test_what_people_write_stays_as_it_is(text):
    assert documents.visible(text) == text


def test_a_hidden_value_looks_redacted_to_code_and_is_never_written():
    assert Hidden() == {"redacted": True}
    assert documents.dump({"email": Hidden()}) == '{"email": {"hidden": true}}'
