from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from audit_console.models import AccessRecord
from audit_console.queries import correlations
from audit_console.views import correlations as correlation_pages
from audit_console.views import objects
from audit_console.views.aggregates import TimelinePage
from eventstore.context import caused_by
from eventstore.roles import Role

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def text_of(answer):
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def travels(append):
    """Three versions, a day and more between them."""
    return [
        append({"status": "packed"}, occurred_at=NOON),
        append({"status": "sent", "by": "train"}, occurred_at=NOON + timedelta(days=2)),
        append({"status": "lost"}, occurred_at=NOON + timedelta(days=1)),
    ]


def test_a_timeline_says_what_each_event_changed(console, travels, page, parcel):
    answer = console.get(page("aggregate", **parcel))
    told = [[row.summary for row in step.named] for step in answer.context["steps"]]
    assert told == [
        ["status: sent → lost"],
        ["by: train", "status: packed → sent"],
        ["status: packed"],
    ]
    text = text_of(answer)
    assert "2 d without events" in text
    assert "\N{MINUS SIGN}1 d" in text
    assert page("event", travels[0].position) in text


def test_the_pages_of_a_timeline_know_the_state_before_them(
    console, append, page, parcel, monkeypatch
):
    monkeypatch.setattr(TimelinePage, "size", 2)
    for number in range(5):
        append({"n": number})
    answer = console.get(page("aggregate", **parcel, before=4))
    steps = answer.context["steps"]
    assert [step.event.aggregate_version for step in steps] == [3, 2]
    assert [row.summary for row in steps[1].named] == ["n: 0 → 1"]
    text = text_of(answer)
    assert "after=3" in text
    assert "before=2" in text


def test_what_follows_from_too_many_events_is_folded_when_it_is_asked_for(
    console, append, page, parcel, monkeypatch
):
    monkeypatch.setattr(objects, "_FOLDED", 2)
    *_before, last = [append({"n": number}) for number in range(5)]
    for name, args, query in (
        ("event", [last.position], {}),
        ("aggregate", [], {**parcel, "after": 3}),
    ):
        text = text_of(console.get(page(name, *args, **query)))
        assert "follows from more than 2 events before" in text
        assert "fold=all" in text
        text = text_of(console.get(page(name, *args, **query, fold="all")))
        assert "follows from more than" not in text
        assert "n: 3 → 4" in text or '<table class="diff">' in text


@pytest.mark.parametrize("view", ["feed", "compact", "json", "nonsense"])
def test_each_view_shows_all_events(console, travels, page, parcel, view):
    text = text_of(console.get(page("aggregate", **parcel, view=view)))
    for event in travels:
        assert page("event", event.position) in text


def test_a_state_can_be_had_at_each_version(console, travels, page, parcel):
    for version, status in enumerate([None, "packed", "sent", "lost"]):
        answer = console.get(page("state", **parcel, v=version))
        state = answer.context["run"].fold.state()
        assert state.get("status") == status
        assert answer.context["version"] == version
    assert AccessRecord.objects.filter(act="view state").count() == 4


def test_without_a_version_a_state_is_the_latest(console, travels, page, parcel):
    answer = console.get(page("state", **parcel))
    assert answer.context["version"] == 3
    assert [row.summary for row in answer.context["changes"].rows] == [
        "status: sent → lost"
    ]


@pytest.mark.parametrize("version", ["99", "9" * 30])
def test_a_version_beyond_the_latest_is_said_not_to_be(
    console, travels, page, parcel, version
):
    answer = console.get(page("state", **parcel, v=version))
    assert answer.context["version"] == 3
    assert "There is no version" in text_of(answer)


@pytest.mark.parametrize("version", ["-1", "x", "1.5", "²"])
def test_what_is_no_version_is_the_latest(console, travels, page, parcel, version):
    answer = console.get(page("state", **parcel, v=version))
    assert answer.context["version"] == 3


def test_a_day_of_occurred_time_is_meant_to_its_end(console, travels, page, parcel):
    answer = console.get(page("state", **parcel, at="2026-03-02"))
    assert answer.context["run"].fold.state() == {"status": "lost"}
    assert answer.context["run"].applied == 2
    assert "by occurred time" in text_of(answer)


def test_a_moment_of_stored_time_is_a_version(console, travels, page, parcel):
    stored = {**parcel, "basis": "stored"}
    answer = console.get(page("state", **stored, at="2026-03-02"))
    assert answer.context["version"] == (0 if travels[0].stored_at > NOON else 3)
    answer = console.get(page("state", **stored, at="9998"))
    assert answer.context["version"] == 3


def test_a_moment_is_read_in_the_readers_zone(console, travels, page, parcel):
    asked = {"at": "2026-03-01T12:59", "tz": "Europe/Berlin"}
    answer = console.get(page("state", **parcel, **asked))
    assert answer.context["run"].applied == 0
    answer = console.get(page("state", **parcel, **{**asked, "at": "2026-03-01T13:00"}))
    assert answer.context["run"].applied == 1


@pytest.mark.parametrize(
    "moment", ["nonsense", "2026-02-30", "2026-10-25T02:30", "2026-03-29T02:30"]
)
def test_a_moment_that_is_none_is_said_to_be_none(
    console, travels, page, parcel, moment
):
    answer = console.get(page("state", **parcel, at=moment, tz="Europe/Berlin"))
    assert answer.context["moment_fault"]
    assert 'id="at-fault"' in text_of(answer)


def test_the_slider_gets_the_panel_alone(console, travels, page, parcel):
    answer = console.get(
        page("state", **parcel, v=2),
        headers={"HX-Request": "true", "HX-Target": "state"},
    )
    text = text_of(answer)
    assert "<html" not in text
    assert text.lstrip().startswith('<div id="state"')
    assert AccessRecord.objects.get().act == "view state"


def test_any_two_versions_can_be_told_apart_in_any_order(
    console, travels, page, parcel
):
    for versions in ({"v": 3, "vs": 1}, {"v": 1, "vs": 3}):
        answer = console.get(page("differences", **parcel, **versions))
        assert [row.summary for row in answer.context["changes"].rows] == [
            "by: train",
            "status: packed → lost",
        ]
    answer = console.get(page("differences", **parcel))
    assert (answer.context["older"], answer.context["newer"]) == (2, 3)


def test_paper_has_every_event_in_order_and_whole(console, travels, page, parcel):
    text = text_of(console.get(page("aggregate_print", **parcel)))
    places = [text.index(f"v{version} ·") for version in (1, 2, 3)]
    assert places == sorted(places)
    assert "train" in text
    assert "Printed by anna" in text
    assert AccessRecord.objects.get().act == "print"


def test_paper_of_a_part_says_so(console, append, page, parcel, monkeypatch):
    from audit_console.views.aggregates import PrintPage

    monkeypatch.setattr(PrintPage, "size", 2)
    for _ in range(3):
        append()
    text = text_of(console.get(page("aggregate_print", **parcel)))
    assert "This is a part: versions 1 to 2 of 3." in text


OBJECT_PAGES = ["aggregate", "state", "differences", "aggregate_print"]


@pytest.mark.parametrize("name", OBJECT_PAGES)
def test_without_view_payload_no_state_is_there(login, travels, page, parcel, name):
    text = text_of(login(Role.SECURITY).get(page(name, **parcel)))
    assert "train" not in text
    assert "view_payload" in text


@pytest.mark.parametrize("name", OBJECT_PAGES)
def test_personal_values_are_in_no_state_and_no_difference(
    login, append, page, parcel, settings, name
):
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/who/email",)}
    append({"who": {"email": "old@example.org", "name": "Bo"}})
    append({"who": {"email": "new@example.org"}})
    text = text_of(login(Role.AUDITOR).get(page(name, **parcel)))
    assert "@example.org" not in text


@pytest.mark.parametrize("name", [*OBJECT_PAGES, "causes"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"tenant": "other"},
        {"tenant": ""},
        {"type": "Crate"},
        {"id": "P-2"},
        {"id": ""},
        {"id": "a\0b"},
        {"type": "x" * 2_000},
    ],
)
def test_an_aggregate_that_is_not_there_is_not_found(
    console, travels, append, page, parcel, name, wrong
):
    append(tenant="other")
    assert console.get(page(name, **{**parcel, **wrong})).status_code == 404


@pytest.mark.parametrize("name", [*OBJECT_PAGES, "causes"])
@pytest.mark.parametrize("odd", ["a/b:c", "ü x", "../..", "?&#%25", "日本", "a\u202eb"])
def test_ids_may_hold_whatever_text_may(console, append, page, name, odd):
    append({"n": 1}, aggregate_type=odd, aggregate_id=odd)
    given = {"tenant": "acme", "type": odd, "id": odd}
    assert console.get(page(name, **given)).status_code == 200


def test_aggregates_are_listed_by_type_and_found_by_id(console, travels, append, page):
    append(aggregate_type="Crate", aggregate_id="C-1")
    append(tenant="other", aggregate_type="Hidden")
    answer = console.get(page("aggregates"))
    assert [one.aggregate_type for one in answer.context["types"]] == [
        "Crate",
        "Parcel",
    ]
    assert [one.last.aggregate_id for one in answer.context["recent"]] == ["C-1", "P-1"]
    answer = console.get(page("aggregates", id=" P-1 ", type="Parcel"))
    assert [key.aggregate_type for key in answer.context["found"]] == ["Parcel"]
    assert "None in the chosen tenants" in text_of(
        console.get(page("aggregates", id="p-1"))
    )


def test_no_aggregates_is_said(console, page):
    assert "No events recorded yet" in text_of(console.get(page("aggregates")))


def test_a_conversation_is_a_tree(console, append, page):
    root = append()
    with caused_by(root):
        child = append()
    with caused_by(child):
        append(metadata={"correlation_id": root.event_id})
    lost = append(metadata={"correlation_id": root.event_id, "causation_id": "gone/ü"})
    answer = console.get(page("correlations", tenant="acme", id=root.event_id))
    nodes = answer.context["nodes"]
    assert [(node.depth, node.cause) for node in nodes] == [
        (0, "elsewhere"),
        (1, "shown"),
        (0, "missing"),
    ]
    text = text_of(answer)
    assert "Cause not in store" in text
    assert page("event", root.position) in text
    assert text.count("<ul>") == text.count("</ul>") - text.count("<ul ")
    assert AccessRecord.objects.get().objects_seen[-1] == f"event:{lost.position}"


def test_the_effects_of_an_event_are_a_tree(console, append, page):
    root = append()
    with caused_by(root):
        append()
    answer = console.get(page("correlations", tenant="acme", event=root.event_id))
    assert [node.depth for node in answer.context["nodes"]] == [0, 1]


def test_a_part_of_a_conversation_leads_to_the_next(console, append, page, monkeypatch):
    monkeypatch.setattr(correlations, "MAX_EVENTS", 2)
    for _ in range(3):
        append(metadata={"correlation_id": "c/1"})
    answer = console.get(page("correlations", tenant="acme", id="c/1"))
    assert "Next part" in text_of(answer)
    after = answer.context["last"].position
    answer = console.get(page("correlations", tenant="acme", id="c/1", after=after))
    assert len(answer.context["nodes"]) == 1


def test_an_aggregate_has_its_causes_and_effects_as_trees(
    console, append, page, parcel
):
    order = append(aggregate_type="Order", aggregate_id="O-1", data={"secret": 1})
    append()
    with caused_by(order):
        sent = append()
    with caused_by(sent):
        bill = append(aggregate_type="Invoice", aggregate_id="I/7")
    lost = append(metadata={"causation_id": "gone"})
    append(aggregate_type="Order", aggregate_id="O-2")

    answer = console.get(page("causes", **parcel))

    told = [
        (node.event.position, node.depth, node.cause)
        for node in answer.context["nodes"]
    ]
    assert told == [
        (order.position, 0, "none"),
        (sent.position, 1, "shown"),
        (bill.position, 2, "shown"),
        (lost.position, 0, "missing"),
    ]
    assert answer.context["marked"] == {sent.position, lost.position}
    assert answer.context["alone"] == 1
    assert answer.context["conversations"] == [(order.event_id, 1)]
    text = text_of(answer)
    assert text.count('class="current"') == 2
    assert "Cause not in store" in text
    assert page("event", bill.position) in text
    seen = AccessRecord.objects.get()
    assert seen.act == "view correlation"
    assert f"event:{bill.position}" in seen.objects_seen


def test_an_aggregate_without_causes_says_so(console, append, page, parcel):
    append()

    assert "No cause and no effect is named" in text_of(
        console.get(page("causes", **parcel))
    )


def test_the_causes_of_a_long_history_have_pages(
    console, append, page, parcel, monkeypatch
):
    monkeypatch.setattr(correlation_pages, "_OWN", 2)
    for n in range(3):
        append(metadata={"causation_id": f"gone-{n}"})

    newest = console.get(page("causes", **parcel))
    older = console.get(page("causes", **parcel, before=2))

    versions = [
        [node.event.aggregate_version for node in each.context["nodes"]]
        for each in (newest, older, console.get(page("causes", **parcel, before=1)))
    ]
    assert versions == [[2, 3], [1], []]
    assert "before=2" in text_of(newest)


def test_a_personal_conversation_is_not_named_with_the_causes(
    login, append, page, parcel, settings
):
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/metadata/correlation_id",)}
    append(metadata={"correlation_id": "anna@example.org"})

    text = text_of(login(Role.AUDITOR).get(page("causes", **parcel)))

    assert "anna@" not in text


@pytest.mark.parametrize("asked", [{}, {"id": "none"}, {"event": "none"}, {"id": "\0"}])
def test_a_conversation_that_is_not_there_is_not_found(console, append, page, asked):
    append(tenant="other", metadata={"correlation_id": "none"})
    assert console.get(page("correlations", tenant="acme", **asked)).status_code == 404


def test_the_versions_under_the_slider_are_links(console, append, page, parcel):
    for n in range(12):
        append({"n": n})

    text = text_of(console.get(page("state", **parcel)))

    ticks = re.search(r'<ol class="ticks".*?</ol>', text, re.DOTALL)
    assert ticks is not None
    assert re.findall(r">(\d+)</a>", ticks[0]) == [
        "0",
        "1",
        "2",
        "4",
        "5",
        "6",
        "7",
        "8",
        "10",
        "11",
        "12",
    ]
