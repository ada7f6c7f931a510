"""``Idempotency-Key``: a repeated request acts once and is answered the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections, transaction
from django.test import override_settings
from rest_framework.test import APIClient

from eventstore import publisher, store
from eventstore.models import IdempotencyKey, TenantGrant
from tests.eventstore.api.appends import EVENTS, draft, post
from tests.eventstore.conftest import Session

KEY = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'


@pytest.mark.django_db
class TestARepeatedRequest:
    def test_gets_the_first_answer_and_stores_nothing(self, writer: APIClient) -> None:
        first = post(writer, draft(), idempotency_key=KEY)
        again = post(writer, draft(), idempotency_key=KEY)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        for name in ("Location", "ETag"):
            assert again[name] == first[name]
        assert again["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first
        assert len(store.get_events_after("acme", 0)) == 1

    def test_may_give_the_key_without_quotes(self, writer: APIClient) -> None:
        post(writer, draft(), idempotency_key=KEY)
        assert "Idempotency-Replayed" in post(
            writer, draft(), idempotency_key=KEY.strip('"')
        )

    def test_gets_it_though_the_version_has_moved_on(self, writer: APIClient) -> None:
        sent = {"idempotency_key": KEY, "if_none_match": "*"}
        first = post(writer, draft(), **sent)
        post(writer, draft())
        assert post(writer, draft(), **sent).json() == first.json()

    @pytest.mark.parametrize(
        ("body", "to", "headers"),
        [
            (draft(data={}), EVENTS, {}),
            (draft(), "/api/v1/aggregates/Requirement/R-1/events/", {}),
            (draft(), EVENTS, {"if_match": '"1"'}),
        ],
    )
    def test_that_differs_is_refused(
        self, writer: APIClient, body: Any, to: str, headers: dict[str, str]
    ) -> None:
        post(writer, draft(), idempotency_key=KEY)
        answer = post(writer, body, to, idempotency_key=KEY, **headers)
        assert answer.status_code == 422
        assert answer.json()["code"] == "idempotency_key_reused"
        assert len(store.get_events_after("acme", 0)) == 1

    def test_after_a_refusal_is_a_first_one(self, writer: APIClient) -> None:
        assert post(writer, {}, idempotency_key=KEY).status_code == 422
        assert post(writer, draft(), idempotency_key=KEY).status_code == 201

    def test_of_somebody_else_is_another(self, writer: APIClient) -> None:
        post(writer, draft(), idempotency_key=KEY)
        bob = User.objects.create_user("bob")
        TenantGrant.objects.create(user=bob, tenant_id="acme", role="writer")
        other = APIClient()
        other.force_authenticate(bob)
        answer = post(other, draft(), idempotency_key=KEY)
        assert answer.json()["aggregate_version"] == 2

    def test_in_another_tenant_is_another(self, writer: APIClient, ann: User) -> None:
        TenantGrant.objects.create(user=ann, tenant_id="umbrella", role="writer")
        for tenant in ("acme", "umbrella"):
            answer = post(
                writer, draft(), f"{EVENTS}?tenant={tenant}", idempotency_key=KEY
            )
            assert answer.json()["tenant_id"] == tenant
            assert "Idempotency-Replayed" not in answer

    def test_is_refused_once_the_grant_is_gone(
        self, writer: APIClient, ann: User
    ) -> None:
        post(writer, draft(), idempotency_key=KEY)
        TenantGrant.objects.filter(user=ann, role="writer").delete()
        assert post(writer, draft(), idempotency_key=KEY).status_code == 403

    def test_after_the_end_of_its_key_is_a_first_one(self, writer: APIClient) -> None:
        post(writer, draft(), idempotency_key=KEY)
        IdempotencyKey.objects.update(expires_at="2026-01-01T00:00:00Z")
        answer = post(writer, draft(), idempotency_key=KEY)
        assert answer.json()["aggregate_version"] == 2
        assert "Idempotency-Replayed" in post(writer, draft(), idempotency_key=KEY)

    def test_works_for_a_batch(self, writer: APIClient) -> None:
        first = post(writer, [draft(), draft()], idempotency_key=KEY)
        assert post(writer, [draft(), draft()], idempotency_key=KEY).json() == (
            first.json()
        )


@pytest.mark.django_db
def test_a_kept_answer_holds_no_payload(writer: APIClient) -> None:
    post(writer, draft(data={"email": "ann@example.com"}), idempotency_key=KEY)
    (kept,) = IdempotencyKey.objects.all()
    assert "ann@example.com" not in f"{kept.body}{kept.headers}{kept.fingerprint!r}"


@pytest.mark.django_db
def test_expired_answers_are_forgotten(writer: APIClient) -> None:
    for number in range(25):
        post(writer, draft(), idempotency_key=f"old-{number}")
    IdempotencyKey.objects.update(expires_at="2026-01-01T00:00:00Z")
    for number in range(3):
        post(writer, draft(), idempotency_key=f"new-{number}")
    assert IdempotencyKey.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a b", "é", '"a'])
def test_a_key_that_is_none_is_refused(writer: APIClient, key: str) -> None:
    answer = post(writer, draft(), idempotency_key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")
    assert [fault["header"] for fault in answer.json()["errors"]] == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
def test_a_request_is_refused_while_the_first_is_under_way(
    writer: APIClient, session: Session
) -> None:
    other = APIClient()
    other.force_authenticate(User.objects.get())
    session.begin()
    first = session.run(post, other, draft(), idempotency_key=KEY)
    answer = post(writer, draft(), idempotency_key=KEY)
    assert (answer.status_code, answer.json()["code"]) == (
        409,
        "idempotency_key_in_use",
    )
    elsewhere = draft(aggregate_id="R-2")
    assert post(writer, elsewhere, idempotency_key="another").status_code == 201
    session.commit()
    again = post(writer, draft(), idempotency_key=KEY)
    assert again.json() == first.json()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_acts_and_all_agree(writer: APIClient, ann: User) -> None:
    answers: list[Any] = []
    begin = threading.Barrier(8)

    def send() -> None:
        client = APIClient()
        client.force_authenticate(ann)
        begin.wait()
        while (answer := post(client, draft(), idempotency_key=KEY)).status_code == 409:
            pass
        answers.append(answer)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert len(store.get_events_after("acme", 0)) == 1


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_was_lost_after_the_commit_is_given_again(
    writer: APIClient,
) -> None:
    """What happens after the commit may fail: the process is killed, or this."""

    def die() -> None:
        raise SystemExit

    def publish_and_die(publish: Callable[..., Any]) -> Callable[..., Any]:
        def act(*args: Any) -> Any:
            stored = publish(*args)
            transaction.on_commit(die)
            return stored

        return act

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publisher, "publish_all", publish_and_die(publisher.publish_all))
        with pytest.raises(SystemExit):
            post(writer, draft(), idempotency_key=KEY)
    answer = post(writer, draft(), idempotency_key=KEY)
    assert (answer.status_code, answer["Idempotency-Replayed"]) == (201, "true")
    assert len(store.get_events_after("acme", 0)) == 1


@pytest.fixture
def atomic_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
class TestInAHostWithAtomicRequests:
    def test_what_is_refused_leaves_nothing(self, writer: APIClient) -> None:
        refusals = [
            post(writer, draft(expected_version=7), idempotency_key=KEY),
            post(writer, draft(), if_match='"7"', idempotency_key=KEY),
            post(writer, [draft(), {}], idempotency_key=KEY),
        ]
        assert [answer.status_code for answer in refusals] == [409, 412, 422]
        assert not IdempotencyKey.objects.exists()
        assert not store.get_events_after("acme", 0)

    def test_what_is_stored_is_replayed(self, writer: APIClient) -> None:
        first = post(writer, draft(), idempotency_key=KEY)
        again = post(writer, draft(), idempotency_key=KEY)
        assert (first.status_code, again.json()) == (201, first.json())


@pytest.mark.django_db
def test_for_how_long_an_answer_is_kept_is_a_setting(writer: APIClient) -> None:
    with override_settings(EVENTSTORE={"IDEMPOTENCY_KEY_SECONDS": 60}):
        post(writer, draft(), idempotency_key=KEY)
    (kept,) = IdempotencyKey.objects.all()
    assert 59 < (kept.expires_at - kept.created_at).total_seconds() < 61
