"""One endpoint, delivered by hand: what each answer does to event and endpoint."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import connection

from eventstore import store
from eventstore.models import WebhookSecret
from eventstore.subscriptions import failures
from eventstore.subscriptions.checkpoints import LostLease
from eventstore.webhooks import endpoints, sending, subscribing
from tests.eventstore.subscriptions.bench import Bench
from tests.eventstore.webhooks.receiver import OK, receiving
from tests.factories import new_event

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("intranet"),
]


def append(*aggregates, tenant="acme", event_type="Seen", **fields):
    return [
        store.append_event(
            new_event(event_type, aggregate_id=aggregate_id, **fields), tenant
        )
        for aggregate_id in aggregates
    ]


def endpoint_at(url, **fields):
    """Return an endpoint, its secret, and the bench that delivers to it."""
    endpoint, secret = subscribing.add("acme", url, **fields)
    return endpoint, secret, Bench(subscribing.subscription_of(endpoint))


def states(bench):
    return [row[:2] for row in bench.failures()]


def test_an_event_arrives_signed_as_a_cloudevent(receiver):
    _, secret, bench = endpoint_at(receiver.url)
    [stored] = append("R-7")
    bench.run()
    [request] = receiver.requests
    assert request.is_signed_with(secret)
    assert request.headers["content-type"] == "application/cloudevents+json"
    assert request.headers["webhook-id"] == stored.event_id
    assert request.event["id"] == stored.event_id
    assert request.event["type"] == "Seen"
    assert request.event["subject"] == "R-7"
    assert request.event["position"] == str(stored.position)
    assert request.event["data"] == stored.data


def test_a_new_endpoint_gets_what_comes_from_its_making_on(receiver):
    append("before")
    endpoint, _ = subscribing.add("acme", receiver.url)
    append("between")  # no worker has seen the endpoint yet
    bench = Bench(subscribing.subscription_of(endpoint))
    append("after")
    bench.run()
    assert [r.event["subject"] for r in receiver.requests] == ["between", "after"]


def test_an_endpoint_can_begin_with_the_first_event(receiver):
    append("before")
    *_, bench = endpoint_at(receiver.url, start="beginning")
    bench.run()
    assert [r.event["subject"] for r in receiver.requests] == ["before"]


def test_other_tenants_events_are_never_sent(receiver):
    *_, bench = endpoint_at(receiver.url)
    append("theirs", tenant="globex")
    append("ours")
    bench.run()
    assert [r.event["tenantid"] for r in receiver.requests] == ["acme"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event_types": ["Approved"]}, ["b"]),
        ({"aggregate_types": ["Release"]}, ["c"]),
        ({"event_types": ["Approved"], "aggregate_types": ["Release"]}, []),
        ({"event_types": []}, []),
    ],
)
def test_filters_leave_out_what_they_say(receiver, filters, expected):
    *_, bench = endpoint_at(receiver.url, **filters)
    append("a")
    append("b", event_type="Approved")
    append("c", aggregate_type="Release")
    bench.run()
    assert [r.event["subject"] for r in receiver.requests] == expected


def test_a_redaction_reaches_whoever_was_sent_the_event_and_nobody_else(receiver):
    _, _, releases = endpoint_at(receiver.url, aggregate_types=["Release"])
    _, _, approvals = endpoint_at(receiver.url, event_types=["Approved"])
    [seen] = append("R-1")
    [release] = append("3.0", aggregate_type="Release")
    for event in (seen, release):
        store.redact_event(event.event_id, "acme", reason="asked for")
    releases.run()
    told = [r.event for r in receiver.requests]
    assert [event["type"] for event in told] == ["Seen", "eventstore.EventRedacted"]
    assert told[1]["data"]["event_id"] == release.event_id
    receiver.requests.clear()
    approvals.run()
    assert receiver.requests == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_means_delivered(status):
    with receiving(lambda request: (status, {}, b"")) as receiver:
        *_, bench = endpoint_at(receiver.url)
        append("a")
        bench.run()
    assert bench.failures() == []


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 500, 501])
def test_any_other_status_is_a_failed_attempt_that_is_recorded(status):
    with receiving(lambda request: (status, {"Location": "/"}, b"")) as receiver:
        endpoint, _, bench = endpoint_at(receiver.url)
        [stored] = append("a")
        bench.run()
        assert states(bench)[0] == ("a", "retrying")
    attempt = endpoints.attempts(endpoint.pk).get()
    assert (attempt.event_id, attempt.status) == (stored.event_id, status)
    assert attempt.error == f"HTTP {status}"


def test_a_receiver_that_fails_at_first_gets_the_event_again_under_the_same_id():
    answers = [500, 503, 404, 200]
    with receiving(lambda request: (answers.pop(0), {}, b"")) as receiver:
        endpoint, secret, bench = endpoint_at(receiver.url)
        [stored] = append("a")
        for _ in range(4):
            bench.make_due()
            endpoints.listing().update(rests_until=None)
            bench.run()
        assert receiver.ids == [stored.event_id] * 4
        assert all(request.is_signed_with(secret) for request in receiver.requests)
    assert bench.failures() == []
    found = list(endpoints.attempts(endpoint.pk).values_list("status", flat=True))
    assert found == [200, 404, 503, 500]


def test_a_poisoned_event_holds_its_own_aggregate_and_no_other():
    def refuse_poison(request):
        return (422, {}, b"") if request.event["data"].get("poison") else OK

    with receiving(refuse_poison) as receiver:
        endpoint, _, bench = endpoint_at(receiver.url)
        [poison] = append("a", data={"poison": True})
        append("a", "b", "b")
        for _ in range(6):
            bench.make_due()
            bench.run()
        done = [
            r.event["subject"]
            for r in receiver.requests
            if not r.event["data"].get("poison")
        ]
        assert done == ["b", "b"]
        assert states(bench) == [("a", "dead"), ("a", "held")]
        assert receiver.ids.count(poison.event_id) == 5
        failures.discard(endpoints.name_of(endpoint.pk), actor="mia")
        bench.run()
        assert receiver.requests[-1].event["aggregateversion"] == "2"


def test_a_given_up_event_is_sent_when_it_is_requeued():
    answers = [500] * 5
    with receiving(lambda _: (answers.pop() if answers else 200, {}, b"")) as receiver:
        endpoint, _, bench = endpoint_at(receiver.url)
        append("a")
        for _ in range(6):
            bench.make_due()
            bench.run()
        assert states(bench) == [("a", "dead")]
        failures.requeue(endpoints.name_of(endpoint.pk), actor="mia")
        bench.run()
        assert bench.failures() == []
        assert len(set(receiver.ids)) == 1


def test_410_disables_the_endpoint_and_keeps_what_was_not_delivered():
    answers = [410]
    with receiving(lambda _: (answers.pop() if answers else 200, {}, b"")) as receiver:
        endpoint, _, bench = endpoint_at(receiver.url)
        append("a", "b", "c")
        _run_until_it_stands_still(bench)
        assert len(receiver.requests) == 1
        found = endpoints.get(endpoint.pk)
        assert not found.is_active
        assert found.disabled_reason == "The receiver answered 410 Gone."
        assert found.disabled_at is not None
        assert bench.failures() == []
        assert list(subscribing.active()) == []
        endpoints.enable(endpoint.pk)
        bench.run()
        assert [r.event["subject"] for r in receiver.requests] == ["a", "a", "b", "c"]


def _run_until_it_stands_still(bench):
    bench.run()
    with pytest.raises(LostLease):
        bench.run()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_an_overloaded_receiver_gets_nothing_at_all_for_a_while(status):
    def answer(request):
        return (status, {"Retry-After": "60"}, b"") if is_busy else OK

    is_busy = [True]
    with receiving(answer) as receiver:
        *_, bench = endpoint_at(receiver.url)
        append("a", "b", "c")
        bench.run()
        assert [r.event["subject"] for r in receiver.requests] == ["a"]
        assert states(bench) == [("a", "retrying")]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM f.next_attempt_at - now()) > 55,"
                " extract(epoch FROM w.rests_until - now()) BETWEEN 55 AND 60"
                " FROM event_failures f, event_webhooks w"
            )
            assert cursor.fetchall() == [(True, True)]
        is_busy.clear()
        endpoints.listing().update(rests_until=None)
        bench.make_due()
        bench.run()
    assert [r.event["subject"] for r in receiver.requests] == ["a", "a", "b", "c"]


def test_a_rotated_endpoint_signs_with_both_secrets_and_later_with_the_new(receiver):
    endpoint, old, bench = endpoint_at(receiver.url)
    new = endpoints.rotate(endpoint.pk)
    append("a")
    bench.run()
    assert receiver.requests[0].is_signed_with(new)
    assert receiver.requests[0].is_signed_with(old)
    WebhookSecret.objects.filter(secret=old).update(expires_at="2020-01-01T00:00Z")
    append("a")
    bench.run()
    assert receiver.requests[1].is_signed_with(new)
    assert not receiver.requests[1].is_signed_with(old)


def test_there_are_never_more_than_two_secrets(receiver):
    endpoint, first, bench = endpoint_at(receiver.url)
    second, third = endpoints.rotate(endpoint.pk), endpoints.rotate(endpoint.pk)
    append("a")
    bench.run()
    signed = [receiver.requests[0].is_signed_with(s) for s in (first, second, third)]
    assert signed == [False, True, True]
    assert WebhookSecret.objects.count() == 2


def test_an_overlap_of_zero_ends_the_old_secret_at_once(receiver):
    endpoint, old, bench = endpoint_at(receiver.url)
    own = "whsec_" + "A" * 43 + "="
    assert endpoints.rotate(endpoint.pk, secret=own, overlap=timedelta(0)) == own
    append("a")
    bench.run()
    assert receiver.requests[0].is_signed_with(own)
    assert not receiver.requests[0].is_signed_with(old)


def test_nothing_that_is_logged_printed_or_recorded_holds_a_secret(caplog):
    caplog.set_level(logging.DEBUG)
    with receiving(lambda request: (500, {}, b"")) as receiver:
        endpoint, secret, bench = endpoint_at(receiver.url + "?token=hunter2")
        append("a")
        bench.run()
        new = endpoints.rotate(endpoint.pk)
        shown = [caplog.text, repr(endpoint), str(endpoint), repr(bench.subscription)]
        shown += [repr(one) + str(one) for one in endpoint.secrets.all()]
        shown += [repr(vars(one)) for one in endpoints.attempts(endpoint.pk)]
        with connection.cursor() as cursor:
            cursor.execute("SELECT error FROM event_failures")
            shown += [row[0] for row in cursor.fetchall()]
    for text in shown:
        assert secret not in text
        assert new not in text
        assert "hunter2" not in text
    assert any("RetryLater: HTTP 500" in text for text in shown)


def test_of_the_attempts_the_newest_are_kept(receiver, monkeypatch):
    monkeypatch.setattr(endpoints, "KEPT_ATTEMPTS", 3)
    endpoint, _, bench = endpoint_at(receiver.url)
    sent = append("a", "b", "c", "d", "e")
    bench.run()
    kept = endpoints.attempts(endpoint.pk).values_list("event_id", flat=True)
    assert list(kept) == [event.event_id for event in reversed(sent[2:])]


def test_an_event_id_with_a_full_stop_is_replaced_in_the_header_alone(receiver):
    _, secret, bench = endpoint_at(receiver.url)
    append("a", event_id="order.7")
    bench.run()
    [request] = receiver.requests
    assert request.headers["webhook-id"].startswith("evt_")
    assert request.event["id"] == "order.7"
    assert request.is_signed_with(secret)


def test_an_event_that_is_no_cloudevent_is_poison_and_says_why(receiver):
    *_, bench = endpoint_at(receiver.url)
    append("a", event_id="two\nlines")
    append("b")
    bench.run()
    assert [r.event["subject"] for r in receiver.requests] == ["b"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT error FROM event_failures")
        [(error,)] = cursor.fetchall()
    assert error.startswith("InvalidEvent: id: contains a control character")


def test_an_inner_address_is_refused_at_each_delivery(receiver, settings):
    endpoint, _, bench = endpoint_at(receiver.url)
    settings.EVENTSTORE = {**settings.EVENTSTORE, "WEBHOOK_ALLOW_PRIVATE": False}
    append("a")
    bench.run()
    assert receiver.connections == 0
    attempt = endpoints.attempts(endpoint.pk)[0]
    assert attempt.status is None
    assert attempt.error.startswith("127.0.0.1 resolves to an address that is not")


def test_a_receiver_that_is_down_is_a_failed_attempt():
    with receiving() as receiver:
        endpoint, _, bench = endpoint_at(receiver.url)
    append("a")
    bench.run()
    assert states(bench) == [("a", "retrying")]
    assert endpoints.attempts(endpoint.pk)[0].status is None


def test_the_connection_is_kept_between_events(receiver):
    sending.hang_up()
    *_, bench = endpoint_at(receiver.url)
    append(*"abcdefgh")
    bench.run()
    assert (len(receiver.requests), receiver.connections) == (8, 1)
