from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from eventstore import DomainEvent, store
from eventstore.redacting import redactions_of
from tests.eventstore.conftest import Session
from tests.eventstore.transfer.conftest import Imported
from tests.eventstore.transfer.logs import new_line
from tests.factories import new_event

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = [
    Decimal("0.1000000000000000055511151231257827"),
    Decimal("1.00"),
    Decimal("1E+400"),
    Decimal("-1E-400"),
    10**5000,
    12345678901234567890123,
    -0.0,
    1e300,
]


@pytest.fixture
def log() -> None:
    """What a log can hold, and a float or a careless writer would lose."""
    store.append_events(
        [
            new_event(data={"numbers": NUMBERS}),
            new_event(
                data={"": {"שלום": ["🦊", '"', "\\", "/", "\x7f\n", None, True]}}
            ),
            new_event(aggregate_id='a/b?c "d" \\', data={}),
            new_event(occurred_at=datetime(1, 1, 1, tzinfo=UTC), event_version="v2"),
            new_event(occurred_at=datetime(2015, 9, 12, 1, 2, 3, 45, tzinfo=UTC)),
            new_event(
                event_id="secret",
                data={"email": "me@example.org", "all": {"a": [1, "gone"]}},
                metadata={"actor": {"type": "user", "id": "me"}, "ip": "::1"},
            ),
            new_event(event_id="blank", data={"all": "gone"}),
        ],
        "acme",
    )
    store.append_event(new_event(event_id="secret"), "other")
    store.redact_event(
        "secret", "acme", ["/data/email", "/data/all/a/1", "/metadata/actor/id"]
    )
    store.redact_event("secret", "acme", ["/metadata/ip"])
    store.redact_event("blank", "acme")


@pytest.mark.usefixtures("log")
def test_a_log_comes_back_whole_in_an_empty_store(
    bring_in: Callable[..., Imported],
    take_out: Callable[..., Path],
    stored: Callable[[], Any],
    sql: Callable[..., Any],
):
    before, first = stored(), take_out("first.jsonl")
    sql("TRUNCATE stored_domain_events, event_aggregates, event_redactions")
    imported = bring_in(first)
    assert imported.said == []
    assert imported.counts == (11, 0, 0)
    assert stored() == before
    second = take_out("second.jsonl")
    assert list(_lasting(second)) == list(_lasting(first))
    assert {record.kind for record in redactions_of("secret", "acme")} == {"imported"}
    assert redactions_of("blank", "acme")[0].fields == ("/data",)
    assert redactions_of("secret", "other") == []


@pytest.mark.usefixtures("log")
def test_an_export_has_every_digit(
    take_out: Callable[..., Path], sql: Callable[..., Any]
):
    lines = take_out().read_text().splitlines()
    found = sql(
        "SELECT e.event_data::text = (l.line::jsonb -> 'event_data')::text"
        " AND e.metadata::text = (l.line::jsonb -> 'metadata')::text"
        " AND e.occurred_at = (l.line::jsonb ->> 'occurred_at')::timestamptz"
        " AND e.stored_at = (l.line::jsonb ->> 'stored_at')::timestamptz"
        " FROM unnest(%s::text[]) AS l(line) JOIN stored_domain_events AS e"
        " ON e.position = (l.line::jsonb ->> 'position')::bigint",
        lines,
    )
    assert found == [(True,)] * 11
    assert '"numbers": [0.1000000000000000055511151231257827, 1.00, 1000' in lines[0]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tenant_id": "acme"}, [1, 2, 3, 4]),
        ({"tenant_id": None}, [1, 2, 3, 4, 5]),
        ({"event_type": "B"}, [2]),
        ({"aggregate_type": "Release"}, [3]),
        ({"aggregate_id": "R-2"}, [4]),
        ({"after_position": 2}, [3, 4, 5]),
        ({"until_position": 2}, [1, 2]),
        ({"after_position": 1, "until_position": 3, "tenant_id": "acme"}, [2, 3]),
        ({"occurred_since": datetime(2020, 1, 3, tzinfo=UTC)}, [3, 4, 5]),
        ({"occurred_until": datetime(2020, 1, 3, tzinfo=UTC)}, [1, 2]),
        ({"tenant_id": "nobody"}, []),
    ],
)
def test_filters_choose(
    filters: dict[str, Any], expected: list[int], take_out: Callable[..., Path]
):
    events = [
        _event(1),
        _event(2, event_type="B"),
        _event(3, aggregate_type="Release"),
        _event(4, aggregate_id="R-2"),
    ]
    start = store.append_events(events, "acme")[0].position - 1
    store.append_event(_event(5), "other")
    for name in ("after_position", "until_position"):
        if name in filters:
            filters = {**filters, name: filters[name] + start}
    lines = take_out(**filters).read_text().splitlines()
    assert [json.loads(line)["event_data"]["number"] for line in lines] == expected


def test_an_export_pages_through_all_of_it(
    bring_in_lines: Callable[..., Imported],
    take_out: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
):
    bring_in_lines(*(new_line(number) for number in range(20)))
    for page in (1, 7, 10, 20, 21):
        monkeypatch.setattr("eventstore.transfer.exporting.PAGE", page)
        assert len(take_out().read_text().splitlines()) == 20


def test_an_export_ends_where_the_log_is_not_final_yet(
    session: Session, take_out: Callable[..., Path]
):
    store.append_event(_event(1), "acme")
    session.begin()
    session.run(store.append_event, _event(2, aggregate_id="R-2"), "acme")
    store.append_event(_event(3), "acme")
    assert len(take_out().read_text().splitlines()) == 1
    session.commit()
    assert len(take_out().read_text().splitlines()) == 3
    with transaction.atomic():
        store.append_event(_event(4), "acme")
        assert len(take_out().read_text().splitlines()) == 3


def _event(number: int, **fields: Any) -> DomainEvent:
    moment = datetime(2020, 1, number, tzinfo=UTC)
    return new_event(**{"data": {"number": number}, "occurred_at": moment, **fields})


def _lasting(path: Path) -> Iterator[str]:
    """The lines but for what each store gives by itself, text as it is."""
    for line in path.read_text().splitlines():
        fields = json.loads(line, parse_float=str, parse_int=str)
        del fields["position"], fields["stored_at"]
        if fields["event_type"] == "eventstore.EventRedacted":
            del fields["event_data"]["position"]
        yield json.dumps(fields)
