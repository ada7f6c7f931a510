from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from audit_console.presenters import causation, merging, timeline, versions
from audit_console.presenters.masking import Mask
from audit_console.presenters.versions import Lifted

REDACTED = {"redacted": True}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(microseconds=7), "7 µs"),
        (timedelta(milliseconds=250), "250 ms"),
        (timedelta(seconds=1, milliseconds=200), "1 s"),
        (timedelta(minutes=3, seconds=4), "3 min 4 s"),
        (timedelta(days=3, hours=4, minutes=59), "3 d 4 h"),
        (timedelta(days=120), "120 d"),
    ],
)
def test_a_length_of_time_has_its_two_largest_units(span, text):
    assert timeline.duration(span) == text


def test_a_gap_says_when_it_goes_back_and_when_it_is_long():
    back = timeline.gap(NOON, NOON - timedelta(minutes=5))
    assert (back.text, back.is_backward, back.is_long) == ("5 min", True, False)
    assert timeline.gap(NOON, NOON + timedelta(days=9)).is_long


def test_neighbours_of_one_key_are_a_group_and_others_stand_alone():
    steps = [("a", 0), ("a", 1), (None, 2), (None, 3), ("b", 4), ("a", 5)]
    groups = timeline.group(
        steps, lambda step: step[0], lambda step: NOON + timedelta(seconds=step[1])
    )
    assert [len(group.steps) for group in groups] == [2, 1, 1, 1, 1]
    assert groups[0].span == "1 s"


def test_a_merge_keeps_the_last_value_of_each_path():
    old = {"a": {"x": 1, "y": 2}, "list": [1, 2], "gone": 1}
    new = merging.merge(old, {"a": {"x": 9}, "list": [3], "gone": None})
    assert new == {"a": {"x": 9, "y": 2}, "list": [3], "gone": None}
    assert old["a"] == {"x": 1, "y": 2}


def test_a_payload_redacted_as_a_whole_changes_nothing():
    assert merging.merge({"a": 1}, REDACTED) == {"a": 1}


def test_a_redacted_value_takes_the_place_of_the_old_one():
    merged = merging.merge({"who": {"name": "Anna"}}, {"who": REDACTED})
    assert merged == {"who": REDACTED}
    assert merging.merge(merged, {"who": {"name": "Bo"}}) == {"who": {"name": "Bo"}}


def arrange(*events, known=()):
    nodes = causation.arrange(
        events,
        event_id=lambda event: event[0],
        causation_id=lambda event: event[1],
        known=frozenset(known),
    )
    return [(node.event[0], node.depth, node.cause) for node in nodes]


def test_effects_stand_below_their_cause_in_the_order_of_the_log():
    assert arrange(("a", None), ("b", "a"), ("x", None), ("c", "b"), ("d", "a")) == [
        ("a", 0, "none"),
        ("b", 1, "shown"),
        ("c", 2, "shown"),
        ("d", 1, "shown"),
        ("x", 0, "none"),
    ]


def test_a_cause_that_the_store_lacks_is_told_from_one_that_is_elsewhere():
    assert arrange(("a", "lost"), ("b", "far"), known=["far"]) == [
        ("a", 0, "missing"),
        ("b", 0, "elsewhere"),
    ]


def test_circles_end_and_show_each_event_once():
    assert arrange(("a", "c"), ("b", "a"), ("c", "b"), ("self", "self")) == [
        ("self", 0, "cycle"),
        ("a", 0, "cycle"),
        ("b", 1, "shown"),
        ("c", 2, "shown"),
    ]


def test_lists_that_open_also_close_however_deep():
    chain = [(str(n), str(n - 1) if n else None) for n in range(40)]
    nodes = causation.arrange(
        chain, event_id=lambda e: e[0], causation_id=lambda e: e[1]
    )
    assert sum(node.opens for node in nodes) == sum(node.closes for node in nodes)
    assert nodes[-1].depth == 39
    assert sum(node.opens for node in nodes) == causation.MAX_INDENT


def columns(steps, *, stored=None, **how):
    stored = {"approver": "anna"} if stored is None else stored
    return versions.columns("v1", stored, steps, met=stored, **how)


def test_each_version_is_a_column_with_what_its_migration_changed():
    first, second = columns(
        [Lifted("v2", "app.add_role", {"approver": "anna", "role": "REVIEWER"})],
        is_complete=True,
    )
    assert (first.is_stored, first.is_current, first.changes) == (True, False, None)
    assert (second.is_current, second.migration) == (True, "app.add_role")
    assert [row.summary for row in second.changes.rows] == ["role: REVIEWER"]


def test_a_failed_migration_leaves_the_columns_before_it():
    (only,) = columns([], is_complete=False)
    assert only.is_stored
    assert not only.is_current


def test_versions_hide_what_the_mask_hides():
    shown = columns(
        [Lifted("v2", "m", {"approver": "anna", "x": 1})],
        is_complete=True,
        mask=Mask((("data", "approver"),)),
    )
    assert "anna" not in repr(shown)
