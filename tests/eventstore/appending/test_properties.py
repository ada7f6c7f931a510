"""What any payload and any interleaving may do, tried at random."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eventstore import ConcurrencyError, InvalidEvent, StoredDomainEvent, store
from tests.factories import new_event, new_tenant

pytestmark = pytest.mark.usefixtures("either_way")

MODERATE = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

#: All of Unicode, with what PostgreSQL refuses: NUL and lone surrogates.
any_text = st.text(st.characters(exclude_categories=()), max_size=12)
numbers = (
    st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.decimals()
    | st.decimals(allow_nan=False, allow_infinity=False, places=30)
    | st.builds(
        lambda sign, digits, exponent: Decimal((sign, tuple(digits), exponent)),
        st.integers(0, 1),
        st.lists(st.integers(0, 9), min_size=1, max_size=20),
        st.integers(-17_000, 132_000),
    )
)
documents = st.dictionaries(
    any_text,
    st.recursive(
        st.none() | st.booleans() | any_text | numbers,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4)
        ),
        max_leaves=12,
    ),
    max_size=5,
)


def plain(value):
    """Return ``value`` with each number as the exact one that it stands for."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def stored_text(event):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_data::text FROM stored_domain_events WHERE position = %s",
            (event.position,),
        )
        return cursor.fetchone()[0]


@MODERATE
@given(data=documents, size=st.integers(1, 2))
@example(data={"a": Decimal("1E+131071")}, size=1)
@example(data={"a": Decimal("1E-16383")}, size=1)
@example(data={"a": -0.0, "b": Decimal("-0"), "c": Decimal("0E+9")}, size=1)
@example(data={"\\": "\\u0000", "\\\\u0000": "\x00"}, size=1)
def test_a_payload_comes_back_whole_or_is_refused_as_invalid(data, size):
    """Never a database error: that would end the caller's transaction."""
    batch = [new_event() for _ in range(size - 1)]
    try:
        stored = store.append_events([*batch, new_event(data=data)], new_tenant())[-1]
    except InvalidEvent as refusal:
        assert refusal.where.startswith("data")
        assert not may_be_stored(data)
        return
    found = json.loads(stored_text(stored), parse_float=Decimal, parse_int=Decimal)
    assert plain(found) == plain(data)
    again = store.append_event(
        new_event(event_id=stored.event_id, data=data), stored.tenant_id
    )
    assert again.position == stored.position
    assert store.get_event(stored.event_id, stored.tenant_id).position == again.position


def may_be_stored(value):
    """Say it once more, in other words than the store does."""
    if isinstance(value, dict):
        return all(map(may_be_stored, [*value, *value.values()]))
    if isinstance(value, list):
        return all(map(may_be_stored, value))
    if isinstance(value, str):
        return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return value - value == 0
    if isinstance(value, Decimal):
        return (
            value.is_finite()
            and value.adjusted() < 131_072
            and int(value.as_tuple().exponent) >= -16_383
        )
    return True


@MODERATE
@given(
    texts=st.fixed_dictionaries(
        {
            name: any_text | st.text(max_size=900)
            for name in (
                "event_id",
                "event_type",
                "aggregate_type",
                "aggregate_id",
                "event_version",
            )
        }
    ),
    tenant=any_text,
)
def test_any_texts_are_stored_as_they_are_or_refused(texts, tenant):
    with transaction.atomic():
        try:
            stored = store.append_event(new_event(**texts), tenant)
        except InvalidEvent as refusal:
            assert refusal.where in {*texts, "tenant_id"}
        else:
            found = store.get_event(texts["event_id"], tenant)
            assert {name: getattr(found, name) for name in texts} == texts
            assert found == stored
        # whatever it was, the transaction is usable
        assert store.stable_position() >= 0
        transaction.set_rollback(True)


steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("append"), st.lists(st.integers(0, 3), min_size=1, max_size=4)
        ),
        st.tuples(st.just("expect"), st.integers(0, 3), st.integers(0, 5)),
        st.tuples(st.just("retry"), st.integers(0, 30)),
        st.tuples(st.just("undo"), st.lists(st.integers(0, 3), max_size=3)),
        st.tuples(st.just("read"), st.integers(1, 4)),
    ),
    max_size=25,
)


@settings(parent=MODERATE, max_examples=60)
@given(acts=steps)
def test_any_sequence_of_appends_keeps_versions_dense_and_readers_miss_nothing(  # noqa: C901 - one branch an act
    acts,
):
    """A model beside the store: what was appended, by aggregate, in order."""
    tenant = new_tenant()
    model: list[StoredDomainEvent] = []
    batches: list[Any] = []
    seen: list[int] = []
    heads = dict.fromkeys(range(4), 0)

    def read_on(limit):
        last = seen[-1] if seen else 0
        page = store.get_events_after(tenant, last, limit=limit)
        seen.extend(event.position for event in page)

    for name, *args in acts:
        if name == "append":
            batch = [new_event(aggregate_id=f"R-{one}") for one in args[0]]
            stored = store.append_events(batch, tenant)
            batches.append((batch, stored))
            model += stored
            for one in args[0]:
                heads[one] += 1
        elif name == "expect":
            one, version = args
            event = new_event(aggregate_id=f"R-{one}")
            try:
                model.append(store.append_event(event, tenant, version))
                assert version == heads[one]
                heads[one] += 1
            except ConcurrencyError as refusal:
                assert refusal.actual == heads[one] != version
        elif name == "retry" and batches:
            batch, stored = batches[args[0] % len(batches)]
            assert store.append_events(batch, tenant) == stored
        elif name == "undo":
            with transaction.atomic():
                store.append_events(
                    [new_event(aggregate_id=f"R-{one}") for one in args[0]], tenant
                )
                transaction.set_rollback(True)
        elif name == "read":
            read_on(args[0])
    read_on(1000)
    assert seen == [event.position for event in model]
    for one, version in heads.items():
        found = [
            event.aggregate_version
            for event in store.get_events_for_aggregate(f"R-{one}", tenant)
        ]
        assert found == [*range(1, version + 1)]
        assert store.get_aggregate_version(f"R-{one}", tenant) == version


@pytest.mark.django_db(transaction=True)
@settings(parent=MODERATE, max_examples=25)
@given(data=st.data())
def test_any_interleaving_of_transactions_misses_nothing(data, session, waiting):
    """Two writers whose transactions overlap at will; a reader looks in between."""
    tenant = new_tenant()
    writers = {0: session, 1: waiting}
    is_open = {0: False, 1: False}
    seen: list[int] = []

    def read_on():
        last = seen[-1] if seen else 0
        page = store.get_events_after(tenant, last, limit=1000)
        seen.extend(event.position for event in page)

    try:
        for _ in range(data.draw(st.integers(3, 14))):
            one = data.draw(st.integers(0, 1))
            act = data.draw(
                st.sampled_from(["append", "append", "begin", "end", "undo"])
            )
            if act == "begin" and not is_open[one]:
                writers[one].begin()
                is_open[one] = True
            elif act == "append":
                # one aggregate each: nobody waits, and the end is known
                size = data.draw(st.integers(1, 3))
                batch = [new_event(aggregate_id=f"R-{one}") for _ in range(size)]
                writers[one].run(store.append_events, batch, tenant)
            elif act in ("end", "undo") and is_open[one]:
                (writers[one].commit if act == "end" else writers[one].roll_back)()
                is_open[one] = False
            read_on()
    finally:
        for one in (0, 1):
            if is_open[one]:
                writers[one].commit()
    read_on()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position FROM stored_domain_events WHERE tenant_id = %s ORDER BY 1",
            (tenant,),
        )
        assert seen == [position for (position,) in cursor.fetchall()]
    for one in (0, 1):
        history = store.get_events_for_aggregate(f"R-{one}", tenant)
        assert [event.aggregate_version for event in history] == [
            *range(1, len(history) + 1)
        ]
