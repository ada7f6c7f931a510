from __future__ import annotations

import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from eventstore import store
from eventstore.subscriptions.declaration import Subscription
from tests.eventstore.subscriptions.bench import Bench, Collector
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    said = io.StringIO()
    call_command("eventstore_subscriptions", *arguments, stdout=said)
    return said.getvalue()


def failing_bench() -> Bench:
    seen = Collector()
    seen.fails = lambda _: True
    store.append_event(new_event(), "acme")
    bench = Bench(Subscription(name="mails", handle=seen, max_attempts=1))
    bench.run()
    return bench


def test_without_subscriptions_it_says_how_they_come_to_be() -> None:
    assert "a worker creates them" in run()


def test_the_list_says_where_each_partition_stands() -> None:
    failing_bench()
    line = run().strip()
    assert re.fullmatch(
        r"mails 1/1: running; at \d+, lag 0 events and 0\.0 s, 1 handled, "
        r"0 to retry, 1 given up",
        line,
    )


def test_the_rate_is_watched_for_as_long_as_asked() -> None:
    failing_bench()
    assert run("list", "mails", "--rate", "0.1").strip().endswith(", 0.0 events/s")
    (row,) = json.loads(run("--json", "--rate", "0.1"))
    assert (row["name"], row["rate"], row["dead"]) == ("mails", 0.0, 1)


def test_given_up_events_are_requeued_and_discarded() -> None:
    failing_bench()
    assert run("requeue", "mails") == "mails: 1 events requeued.\n"
    with pytest.raises(CommandError, match="has given up no event"):
        run("discard", "mails")


def test_a_subscription_is_paused_moved_and_resumed() -> None:
    failing_bench()
    with pytest.raises(CommandError, match="pause it before"):
        run("move", "mails", "--to", "0")
    assert run("pause", "mails") == "mails: 1 partitions are paused.\n"
    assert "go on after position 0" in run("move", "mails", "--to", "0")
    assert run("resume", "mails") == "mails: 1 partitions are running.\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("pause",), "needs the name"),
        (("pause", "nobody"), "has no checkpoint yet"),
        (("move", "mails"), "needs --to"),
    ],
)
def test_what_is_missing_is_said(arguments: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        run(*arguments)
