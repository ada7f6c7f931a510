from __future__ import annotations

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from eventstore import (
    Aggregate,
    CurrentState,
    EventStoreError,
    Projection,
    SubscriptionError,
    applies,
    handles,
    store,
)
from eventstore.projections import rebuild as rebuilding
from eventstore.projections.rebuild import Cancelled, rebuild
from eventstore.subscriptions.declaration import SubscriptionRegistry
from tests.eventstore.projections.counters import (
    BulkCounters,
    Counter,
    Counters,
    counted,
)
from tests.eventstore.subscriptions.bench import Bench
from tests.factories import new_event

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("counter_table"),
]


def count(*aggregates: str, **data: object) -> None:
    for aggregate_id in aggregates:
        event = new_event("Counted", aggregate_id=aggregate_id, data=data)
        store.append_event(event, "acme")


def bench_of(cls: type[Projection]) -> Bench:
    return Bench(cls().subscription())


@pytest.mark.parametrize("cls", [Counters, BulkCounters])
def test_rows_follow_the_log(cls):
    bench = bench_of(cls)
    count("a", "b", "a")
    bench.run()
    count("a")
    bench.run()
    assert counted() == {"a": (3, True), "b": (1, True)}


def test_rows_and_checkpoint_are_committed_together():
    bench = bench_of(Counters)
    count("a", "b", "a")
    # The checkpoint cannot be written: nothing of the rows may stay.
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'no'; END $$;"
            "CREATE TRIGGER refuse BEFORE UPDATE OF position ON event_subscriptions "
            "FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
    try:
        with pytest.raises(Exception, match="no"):
            bench.run()
        assert counted() == {}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION refuse CASCADE")
    bench.run()
    assert counted() == {"a": (2, True), "b": (1, True)}


def test_a_bad_event_takes_back_its_own_effect_alone():
    bench = bench_of(Counters)
    count("a", "b")
    count("a", bad=True)
    count("a", "b")
    bench.run()
    assert counted() == {"a": (1, True), "b": (2, True)}
    assert bench.failures() == [("a", "retrying", 1), ("a", "held", 0)]


def test_a_projection_that_copies_payloads_must_say_what_a_redaction_does():
    class Copies(Projection):
        name = "copies"

    with pytest.raises(SubscriptionError, match="has no on_redacted"):
        Copies.register(SubscriptionRegistry())


def test_redactions_reach_every_projection():
    reached = []

    class Watches(Projection):
        name = "watches"

        @handles("Counted")
        def count(self, event):
            pass

        def on_redacted(self, event):
            reached.append((event.data["event_id"], event.data["fields"]))

    bench = bench_of(Watches)
    event = store.append_event(new_event("Counted"), "acme")
    store.redact_event(event.event_id, "acme", ["/data/title"])
    bench.run()
    assert reached == [(event.event_id, ["/data/title"])]


def test_effects_after_commit_are_left_out_of_a_rebuild():
    told = []

    class Tells(Counters):
        name = "tells"

        @handles("Counted")
        def count(self, event):
            super().count(event)
            self.after_commit(lambda: told.append(event.aggregate_id))

    bench = bench_of(Tells)
    count("a")
    bench.run()
    rebuild(Tells)
    assert told == ["a"]


def test_a_rebuild_appends_nothing():
    class Appends(Counters):
        name = "appends"

        @handles("Counted")
        def count(self, event):
            store.append_event(new_event("Counted"), event.tenant_id)

    bench_of(Appends)
    count("a")
    with pytest.raises(EventStoreError, match="A rebuild folds history anew"):
        rebuild(Appends)


def test_a_rebuild_ends_equal_to_the_live_rows():
    bench = bench_of(Counters)
    count(*"abcabcab")
    bench.run()
    outcome = rebuild(Counters, compare=True)
    assert (outcome.handled, outcome.differences, outcome.is_switched) == (8, (), True)
    assert counted() == {"a": (3, True), "b": (3, True), "c": (2, True)}
    count("a")
    bench.run()
    assert counted()["a"] == (4, True)


def test_a_rebuild_mends_rows_that_had_gone_wrong_and_names_the_difference():
    bench = bench_of(Counters)
    count("a", "b")
    bench.run()
    Counter.objects.filter(aggregate_id="a").update(events=99)
    outcome = rebuild(Counters, compare=True)
    assert [
        (found.table, found.only_live, found.only_new) for found in outcome.differences
    ] == [("test_counters", 1, 1)]
    assert counted() == {"a": (1, True), "b": (1, True)}


def test_new_rows_after_a_rebuild_get_ids_of_their_own():
    bench = bench_of(Counters)
    count("a", "b")
    bench.run()
    rebuild(Counters)
    count("c")
    bench.run()
    assert len(set(Counter.objects.values_list("id", flat=True))) == 3


@isolate_apps("eventstore")
def test_rows_of_others_that_refer_to_a_projection_outlive_its_rebuild():
    class Row(models.Model):  # noqa: DJ008 - for this test alone
        id = models.TextField(primary_key=True)

        class Meta:
            app_label = "eventstore"
            db_table = "test_rows"

    class Note(models.Model):  # noqa: DJ008 - for this test alone
        row = models.ForeignKey(Row, on_delete=models.CASCADE)

        class Meta:
            app_label = "eventstore"
            db_table = "test_notes"

    class Rows(Projection):
        name = "rows"
        models = (Row,)
        copies_payload = False

        @handles("Counted")
        def count(self, event):
            Row._default_manager.get_or_create(id=event.aggregate_id)

    with connection.schema_editor() as editor:
        editor.create_model(Row)
        editor.create_model(Note)
    try:
        bench = bench_of(Rows)
        count("a")
        bench.run()
        Note._default_manager.create(row_id="a")
        rebuild(Rows)
        assert Note._default_manager.values_list("row_id", flat=True).get() == "a"
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Note)
            editor.delete_model(Row)


def test_comparing_without_switching_leaves_the_live_rows():
    bench = bench_of(Counters)
    count("a")
    bench.run()
    Counter.objects.update(events=99)
    assert not rebuild(Counters, compare=True, switch=False).is_switched
    assert counted() == {"a": (99, True)}


def test_the_live_rows_are_readable_until_the_switch():
    bench = bench_of(Counters)
    count(*"ab")
    bench.run()
    seen = []
    rebuild(Counters, on_progress=lambda _: seen.append(counted()))
    assert seen == [{"a": (1, True), "b": (1, True)}]


def test_a_cancelled_rebuild_leaves_everything_as_it_was():
    bench = bench_of(Counters)
    count("a")
    bench.run()
    with pytest.raises(Cancelled):
        rebuild(Counters, is_cancelled=lambda: True)
    assert counted() == {"a": (1, True)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('eventstore_rebuild_counters')")
        assert cursor.fetchone() == (None,)


def test_two_rebuilds_of_one_projection_do_not_meet(session):
    bench_of(Counters)
    count("a")
    refused = []

    def second(_):
        with pytest.raises(SubscriptionError, match="is being rebuilt already"):
            session.run(rebuild, Counters)
        refused.append(True)

    rebuild(Counters, on_progress=second)
    assert refused == [True]


def test_a_comparison_gives_up_when_the_live_projection_stands_still(monkeypatch):
    monkeypatch.setattr(rebuilding, "_LEVEL_TIMEOUT", 0.3)
    bench_of(Counters)
    count("a")
    with pytest.raises(SubscriptionError, match="does not come level"):
        rebuild(Counters, compare=True)


def test_what_was_discarded_stays_out_of_a_rebuild_and_open_failures_are_settled():
    bench = bench_of(Counters)
    count("a", bad=True)
    count("a", "b")
    bench.run()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE event_failures SET state = 'discarded' WHERE attempts = 1"
        )
    rebuild(Counters)
    assert counted() == {"a": (1, True), "b": (1, True)}
    assert bench.failures() == [("a", "discarded", 1)]


class Tally(Aggregate):
    aggregate_type = "Requirement"

    def __init__(self, aggregate_id: str) -> None:
        super().__init__(aggregate_id)
        self.titles: list[str] = []

    @applies("Titled")
    def _titled(self, event):
        title = event.data.get("title")
        if isinstance(title, str):
            self.titles.append(title)


class Tallies(CurrentState):
    name = "tallies"
    aggregate = Tally


def test_the_current_state_of_each_aggregate_is_kept_and_cached(
    django_assert_num_queries,
):
    bench = bench_of(Tallies)
    for title in ("x", "y"):
        store.append_event(new_event("Titled", data={"title": title}), "acme")
    bench.run()
    assert Tallies.get("R-1", "acme") == {"titles": ["x", "y"]}
    with django_assert_num_queries(1):
        assert Tallies.get("R-1", "acme") == {"titles": ["x", "y"]}
    store.append_event(new_event("Titled", data={"title": "z"}), "acme")
    bench.run()
    assert Tallies.get("R-1", "acme") == {"titles": ["x", "y", "z"]}
    assert Tallies.get("R-1", "globex") is None


def test_a_redacted_value_leaves_the_current_state():
    bench = bench_of(Tallies)
    secret = store.append_event(new_event("Titled", data={"title": "secret"}), "acme")
    store.append_event(new_event("Titled", data={"title": "open"}), "acme")
    bench.run()
    store.redact_event(secret.event_id, "acme", ["/data/title"])
    bench.run()
    assert Tallies.get("R-1", "acme") == {"titles": ["open"]}
