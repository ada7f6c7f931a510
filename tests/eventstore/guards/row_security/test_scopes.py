"""``tenancy.scoped``: nested, failing, in threads, with the store's own statements."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connections, transaction

from eventstore import NotPermitted, store
from eventstore.conf import store_settings
from eventstore.feeds import log
from eventstore.models import StoredEvent
from eventstore.tenancy import scoped
from tests.eventstore.guards.conftest import World
from tests.eventstore.guards.row_security.conftest import AWKWARD, TENANTS
from tests.factories import new_event, new_tenant


@pytest.fixture(autouse=True)
def _as_application(walled: World) -> Iterator[None]:
    with walled.store():
        yield


def seen() -> set[str]:
    """The tenants that a read past the store, without any filter, finds."""
    alias = store_settings().DATABASE
    found = StoredEvent.objects.using(alias).values_list("tenant_id", flat=True)
    return set(found)


def run(statements: str) -> None:
    with connections[store_settings().DATABASE].cursor() as cursor:
        cursor.execute(statements)


def setting() -> str | None:
    with connections[store_settings().DATABASE].cursor() as cursor:
        cursor.execute("SELECT current_setting('eventstore.tenants', true)")
        value: str | None = cursor.fetchone()[0]
    return value


def test_a_scope_shows_its_tenants_and_is_gone_after_it() -> None:
    with scoped({"initech", "globex"}):
        assert seen() == {"initech", "globex"}
    assert seen() == set()
    assert not setting()


def test_awkward_names_are_in_scope_together() -> None:
    with scoped(AWKWARD):
        assert seen() == set(AWKWARD)


def test_the_store_reads_within_the_scope_and_finds_nothing_outside_of_it() -> None:
    with scoped({"initech"}):
        assert len(store.get_events_after("initech", 0)) == 1
        assert not store.get_events_after("globex", 0)
    assert not store.get_events_after("initech", 0)


def test_a_scope_of_nobody_shows_nothing() -> None:
    with scoped(()):
        assert seen() == set()


def test_an_inner_scope_narrows_and_gives_the_outer_one_back() -> None:
    with scoped({"initech", "a,b"}):
        with scoped({"a,b", "globex"}):
            assert seen() == {"a,b"}
            with scoped({"initech"}):
                assert seen() == set()
            assert seen() == {"a,b"}
        assert seen() == {"initech", "a,b"}


def test_an_inner_scope_of_nobody_is_not_taken_for_none() -> None:
    with scoped(()), scoped({"initech"}):
        assert seen() == set()


def test_a_failure_gives_the_outer_scope_back() -> None:
    with scoped({"initech"}):
        with pytest.raises(DatabaseError), scoped({"globex"}):
            run("SELECT 1 / 0")
        assert seen() == {"initech"}
    assert not setting()


def test_a_failure_that_is_caught_inside_gives_the_outer_scope_back() -> None:
    alias = store_settings().DATABASE
    with scoped({"initech", "globex"}):
        with scoped({"globex"}):
            with pytest.raises(DatabaseError), transaction.atomic(using=alias):
                run("SET LOCAL eventstore.tenants = '{a}'; SELECT 1 / 0")
            assert seen() == {"globex"}
        assert seen() == {"initech", "globex"}


def test_an_exception_leaves_no_scope_behind() -> None:
    with pytest.raises(RuntimeError, match="on purpose"), scoped({"initech"}):
        raise RuntimeError("on purpose")
    assert not setting()
    assert seen() == set()


def test_a_scope_within_the_caller_s_transaction_ends_with_its_block() -> None:
    alias = store_settings().DATABASE
    with transaction.atomic(using=alias):
        with scoped({"initech"}):
            assert seen() == {"initech"}
        assert seen() == set()


def test_a_scope_that_is_rolled_back_by_its_block_ends_with_it() -> None:
    alias = store_settings().DATABASE
    with transaction.atomic(using=alias):
        with scoped({"initech"}):
            transaction.set_rollback(True, using=alias)
        assert seen() == set()


def test_a_thread_has_no_scope_of_another() -> None:
    def look() -> set[str]:
        try:
            return seen()
        finally:
            connections.close_all()

    with scoped({"initech"}), ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == set()


def test_tasks_at_once_see_their_own_scope_each() -> None:
    def look(tenant: str) -> set[str]:
        try:
            with scoped({tenant}):
                return seen()
        finally:
            connections.close_all()

    async def all_at_once() -> list[set[str]]:
        ask = sync_to_async(look, thread_sensitive=False)
        return await asyncio.gather(*(ask(tenant) for tenant in TENANTS))

    assert asyncio.run(all_at_once()) == [{tenant} for tenant in TENANTS]


def test_an_append_needs_no_scope_for_it_names_its_tenant() -> None:
    tenant = new_tenant()
    event = store.append_event(new_event(), tenant)
    with scoped({tenant}):
        assert store.get_event(event.event_id, tenant) == event


def test_an_append_inside_a_scope_works_and_so_does_its_retry() -> None:
    tenant = new_tenant()
    with scoped({tenant}):
        event = store.append_event(new_event(), tenant, expected_version=0)
        assert store.append_event(new_event(event_id=event.event_id), tenant) == event
        batch = [new_event(aggregate_id="1"), new_event(aggregate_id="2")]
        assert len(store.append_events(batch, tenant)) == 2


def test_an_append_outside_of_the_scope_is_refused() -> None:
    with (
        pytest.raises(NotPermitted, match="outside of the scope"),
        scoped({"initech"}),
    ):
        store.append_event(new_event(), "globex")


def test_a_batch_outside_of_the_scope_is_refused() -> None:
    with (
        pytest.raises(NotPermitted, match="outside of the scope"),
        scoped({"initech"}),
    ):
        store.append_events([new_event(), new_event()], "globex")


def test_a_redaction_inside_the_scope_works() -> None:
    tenant = new_tenant()
    with scoped({tenant}):
        event = store.append_event(new_event(), tenant)
        store.redact_event(event.event_id, tenant, reason="asked for")
        assert store.get_event(event.event_id, tenant).is_redacted


def test_a_redaction_outside_of_the_scope_is_refused() -> None:
    tenant = new_tenant()
    event = store.append_event(new_event(), tenant)
    with (
        pytest.raises(NotPermitted, match="outside of the scope"),
        scoped({"initech"}),
    ):
        store.redact_event(event.event_id, tenant, reason="asked for")


def test_a_snapshot_outside_of_the_scope_is_refused() -> None:
    tenant = new_tenant()
    event = store.append_event(new_event(aggregate_id="x"), tenant)
    with (
        pytest.raises(NotPermitted, match="outside of the scope"),
        scoped({"initech"}),
    ):
        store.record_snapshot(
            "x", tenant, "s-1", event.event_id, aggregate_type=event.aggregate_type
        )


def test_a_live_feed_reads_in_the_scope_of_its_clients() -> None:
    stable = log.bounds().stable
    page = log.read_news([("initech", frozenset())], 0, stable)
    assert len(page.items) == 1
