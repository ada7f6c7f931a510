"""``If-Match`` and ``If-None-Match`` on appends."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from eventstore import store
from tests.eventstore.api.appends import EVENTS, HISTORY, draft, pointers, post
from tests.factories import new_event

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_two() -> None:
    store.append_events([new_event(), new_event()], "acme")


@pytest.mark.parametrize("to", [EVENTS, HISTORY])
@pytest.mark.parametrize("tag", ['"2"', 'W/"2"', '"1", "2"', "*", ' "2" '])
def test_what_names_the_current_version_lets_the_append_through(
    writer: APIClient, to: str, tag: str
) -> None:
    answer = post(writer, draft(), to, if_match=tag)
    assert (answer.status_code, answer["ETag"]) == (201, '"3"')


@pytest.mark.parametrize("tag", ['"1"', '"3"', '"0"', '"1", "7"', '"two"', '"*"'])
def test_a_tag_that_is_stale_fails_and_says_where_it_stands(
    writer: APIClient, tag: str
) -> None:
    answer = post(writer, draft(), HISTORY, if_match=tag)
    assert answer.status_code == 412
    assert answer.json()["code"] == "precondition_failed"
    assert answer.json()["current_version"] == 2
    assert store.get_aggregate_version("R-1", "acme") == 2


def test_a_new_aggregate_can_be_asked_for(writer: APIClient) -> None:
    new = draft(aggregate_id="R-2")
    assert post(writer, new, if_none_match="*").status_code == 201
    assert post(writer, new, if_none_match="*").status_code == 412
    assert post(writer, draft(aggregate_id="R-3"), if_match="*").status_code == 412


def test_a_tag_that_must_not_be_is_compared_as_well(writer: APIClient) -> None:
    assert post(writer, draft(), if_none_match='"2"').status_code == 412
    assert post(writer, draft(), if_none_match='"1"').status_code == 201


@pytest.mark.parametrize("tag", ["2", "'2'", '"2', "", "W/2"])
def test_a_header_that_is_no_tag_is_refused_in_words(
    writer: APIClient, tag: str
) -> None:
    answer = post(writer, draft(), if_match=tag)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert '"7"' in answer.json()["detail"]


def test_the_tag_of_an_answer_is_the_condition_of_the_next(writer: APIClient) -> None:
    first = post(writer, draft())
    second = post(writer, draft(), if_match=first["ETag"])
    assert second.status_code == 201
    assert post(writer, draft(), if_match=first["ETag"]).status_code == 412


def test_header_and_body_must_not_contradict_each_other(writer: APIClient) -> None:
    assert post(writer, draft(expected_version=2), if_match='"2"').status_code == 201
    answer = post(writer, draft(expected_version=2), if_match='"3"')
    assert (answer.status_code, pointers(answer)) == (422, ["#/expected_version"])


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_a_condition_that_is_no_tag_is_named(writer: APIClient, header: str) -> None:
    answer = post(writer, draft(), **{header: "3"})
    assert answer.status_code == 400
    assert [fault["header"] for fault in answer.json()["errors"]] == [header]


def test_a_condition_over_several_aggregates_is_refused(writer: APIClient) -> None:
    answer = post(writer, [draft(), draft(aggregate_id="R-2")], if_match='"2"')
    assert answer.status_code == 400
    assert "errors" not in answer.json()


def test_a_repeated_append_is_no_conflict_with_itself(writer: APIClient) -> None:
    event = draft(event_id="e-1")
    for _ in range(2):
        answer = post(writer, event, if_match='"2"')
        assert (answer.status_code, answer.json()["aggregate_version"]) == (201, 3)


def test_the_head_of_an_aggregate_carries_its_tag(writer: APIClient) -> None:
    head = writer.get("/api/v1/aggregates/Requirement/R-1/")
    assert post(writer, draft(), if_match=head["ETag"]).status_code == 201
