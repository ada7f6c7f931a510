"""What a question finds, page by page, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import QueryDict

from audit_console import queries
from audit_console.queries import catalog, parameters, statements
from eventstore import store
from eventstore.roles import Permission
from tests.audit_console.queries.asking import Allowed, Asking
from tests.factories import new_event

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def log(db: None) -> list[int]:
    """Thirty events, the later ones stored first, and one of another tenant."""
    positions = []
    for n in range(30):
        event = new_event(
            "OrderPaid" if n % 3 else "OrderPlaced",
            aggregate_type="Order",
            aggregate_id=f"O-{n % 5}",
            event_id=f"event-{n}",
            occurred_at=MARCH + timedelta(hours=30 - n),
            data={"n": n, "who": {"email": f"p{n}@example.org"}, "tags": ["red", n]},
            metadata={
                "actor": {"type": "user", "id": f"u-{n % 2}", "name": "Anna"},
                "correlation_id": f"c-{n // 10}",
                "ip": "192.0.2.1",
            },
        )
        positions.append(store.append_event(event, "acme").position)
    store.append_event(new_event(event_id="theirs", aggregate_id="O-1"), "other")
    return positions


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("", range(30)),
        ("type=OrderPlaced", range(0, 30, 3)),
        ("q=-type:OrderPlaced", [n for n in range(30) if n % 3]),
        ("q=type:OrderP*", range(30)),
        ("q=type:OrderPl*", range(0, 30, 3)),
        ("q=type:Nothing*", []),
        ("type=OrderPlaced&type=OrderPaid", range(30)),
        ("actor=u-1", range(1, 30, 2)),
        ("q=actor.kind:user", range(30)),
        ("q=actor.kind:service", []),
        ("agg=Order", range(30)),
        ("agg=Order:O-3", range(3, 30, 5)),
        ("q=agg.id:O-3+-agg.version:1", range(8, 30, 5)),
        ("q=agg.version>=5", range(20, 30)),
        ("corr=c-1", range(10, 20)),
        ("corr=c-1&type=OrderPlaced", range(12, 20, 3)),
        ("q=id:event-4", [4]),
        ("q=event-4", [4]),
        ("q=O-4", range(4, 30, 5)),
        ("q=c-2", range(20, 30)),
        ("q=theirs", []),
        ("q=data.n:7+actor:u-1", [7]),
        ("q=data.n:7+actor:u-0", []),
        ('q=data.n:"7"+actor:u-1', []),
        ("q=data.tags:red+type:OrderPlaced", range(0, 30, 3)),
        ("q=-data.n:7+agg:Order", [n for n in range(30) if n != 7]),
        ("q=meta.correlation_id:c-0+type:OrderPlaced", range(0, 10, 3)),
        ("q=occurred:2026-03-02", range(7)),
        ("q=weekday:1", range(7)),
        ("q=-weekday:1", range(7, 30)),
        ("q=weekday:6..7+hour:22..23", (7, 8)),
        ("q=hour<2", (5, 6, 29)),
        ("q=redacted:no", range(30)),
        ("has=redacted", []),
        ("q=tenant:other", []),
        ("from=2026-03-01T10&to=2026-03-01T11Z", (19, 20)),
        ("q=occurred<2026-03-01T02Z", [29]),
    ],
)
def test_a_question_finds_what_it_asks_for(
    ask: Asking, log: list[int], filters: str, expected: list[int]
) -> None:
    for basis in ("occurred", "stored"):
        if "from=" in filters and basis == "stored":
            continue
        wanted = [log[n] for n in expected if 0 <= n < 30]
        newest_first = sorted(wanted, reverse=basis == "stored")
        page = ask(f"{filters}&basis={basis}&size=50").page()
        assert [row.position for row in page.rows] == newest_first, basis


def test_a_prefix_finds_its_types_where_there_are_too_many_to_list(
    ask: Asking, log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "MOST", 1)

    assert ask.every("q=type:OrderPl*") == log[::3]


def test_pages_follow_each_other_without_gap_or_repetition(
    ask: Asking, log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, "SIZES", (7, 100))

    assert ask.every("size=7") == log
    assert ask.every("size=7&basis=stored") == log[::-1]
    assert ask.every("size=7&type=OrderPlaced") == log[::3]


def test_a_search_that_looks_too_far_stops_says_so_and_goes_on(
    ask: Asking, log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "SCAN", 10)
    monkeypatch.setattr(statements.Walk.page, "__kwdefaults__", _with_scan("page"))
    monkeypatch.setattr(statements.Walk.scan_ends, "__kwdefaults__", _with_scan("ends"))
    query = ask("q=actor.kind:user+-agg:Order:O-1")

    page = query.page()

    assert page.is_cut
    assert len(page.rows) == 8
    assert ask.every("q=actor.kind:user+-agg:Order:O-1") == [
        position for n, position in enumerate(log) if n % 5 != 1
    ]


def _with_scan(name: str) -> dict[str, object]:
    defaults: dict[str, object] = {"start": None, "is_upwards": False, "scan": 10}
    return defaults


def test_newer_leads_back_to_where_older_came_from(
    ask: Asking, log: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, "SIZES", (10, 100))
    first = ask("size=10")
    second = ask(first.asked.url(before=first.page().older)[1:])
    newer = second.page().newer

    back = ask(second.asked.url(after=newer)[1:]).page()

    assert back.rows == first.page().rows
    assert back.newer is None
    oldest = ask("at=oldest").page()
    assert oldest.rows[-1].position == log[-1]
    assert oldest.older is None


def test_a_jump_shows_what_is_older_than_the_end_of_the_day(
    ask: Asking, log: list[int]
) -> None:
    assert ask("jump=2026-03-01T12").page().rows[0].occurred_at == MARCH.replace(
        hour=12
    )


def test_a_pinned_list_ends_where_it_was_pinned(ask: Asking, log: list[int]) -> None:
    assert ask.every(f"upto={log[9]}") == log[:10]


def test_several_tenants_are_merged_in_order(ask: Asking, log: list[int]) -> None:
    rows = ask("", "acme", "other").page().rows

    assert len(rows) == 31
    assert {row.tenant_id for row in rows} == {"acme", "other"}
    assert [row.occurred_at for row in rows] == sorted(
        (row.occurred_at for row in rows), reverse=True
    )


def test_an_export_has_every_match_with_documents_oldest_first(
    ask: Asking, log: list[int]
) -> None:
    rows = list(ask("type=OrderPlaced").export_iter(size=3))

    assert [row.position for row in rows] == log[::3][::-1]
    assert '"who"' in str(rows[0].data)
    assert '"ip"' in str(rows[0].metadata)


def test_a_payload_is_only_asked_within_something_narrow_or_by_an_index(
    ask: Asking, log: list[int]
) -> None:
    assert "eventstore_index payload" in ask("q=data.n:7").refusal
    assert ask("q=data.n:7+type:OrderPaid").refusal == ""
    assert ask("q=data.n:7&from=2026-03-01&to=2026-03-05").refusal == ""


def test_an_index_on_payloads_is_used_where_the_host_made_one(
    log: list[int], make_ask: Callable[[], Asking]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE INDEX payloads ON stored_domain_events"
            " USING gin (event_data jsonb_path_ops)"
        )
    query = make_ask()("q=data.n:7")

    assert query.refusal == ""
    assert [row.position for row in query.page().rows] == [log[7]]
    assert query.capped_count() == 1


def test_the_hour_is_that_of_the_clock_which_the_page_shows(
    ask: Asking, log: list[int]
) -> None:
    in_zone = ask("q=hour:23", zone=ZoneInfo("Europe/Berlin")).page()
    in_utc = ask("q=hour:22").page()

    assert in_zone.rows == in_utc.rows
    assert [row.position for row in in_utc.rows] == [log[8]]


@pytest.mark.parametrize(
    ("address", "missing", "words"),
    [
        ("q=data.n:7", Permission.VIEW_PAYLOAD, "do not show payloads"),
        ("q=data.who.email:x&sq=t", Permission.VIEW_PII, "declared personal"),
        ("q=-data.who.email:x&sq=t", Permission.VIEW_PII, "declared personal"),
        ("q=data.who.email.0:x&sq=t", Permission.VIEW_PII, "declared personal"),
        ("q=ip:192.0.2.1&sq=t", Permission.VIEW_PII, "declared personal"),
        ("q=meta.ip:192.0.2.1&sq=t", Permission.VIEW_PII, "declared personal"),
    ],
)
def test_a_value_that_may_not_be_seen_may_not_be_asked_for(
    settings: object, address: str, missing: Permission, words: str
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/who/email",)}  # type: ignore[attr-defined]
    params = QueryDict(address, mutable=True)
    kept = {"t": params.pop("q")[0]} if "sq" in params else {}

    asked = queries.read(params, Allowed(missing), UTC, kept=kept)

    assert words in asked.faults[0].message
    assert asked.faults[0].repair == ""


def test_a_personal_value_is_neither_taken_from_nor_put_into_an_address(
    settings: object,
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/who/email",)}  # type: ignore[attr-defined]
    text = 'type:A data.who.email:"p7@example.org"'
    params = QueryDict(mutable=True)
    params["q"] = text

    assert "submit it here" in queries.read(params, Allowed(), UTC).faults[0].message

    public, personal = queries.split(text, UTC)
    assert (public, personal) == ("type:A", ['data.who.email:"p7@example.org"'])
    asked = queries.read(
        QueryDict("q=type:A&sq=token"), Allowed(), UTC, kept={"token": personal[0]}
    )

    assert asked.faults == ()
    assert asked.query.clauses[1].path == ("who", "email")
    assert "p7" not in asked.url()
    assert "sq=token" in asked.url()
    assert "p7" not in asked.describe()
    public_clause, personal_clause = asked.query.clauses
    assert "sq=token" in asked.with_query(asked.query.without(public_clause)).url()
    assert "sq" not in asked.with_query(asked.query.without(personal_clause)).url()
    assert "data.who.email:•••" in asked.describe()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("from=soon", "from"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("before=x", "before"),
        ("upto=-1", "upto"),
        ("jump=x", "jump"),
        ("q=actr:x", "q"),
        ("type=a%00b", "type"),
        ("sq=gone", "q"),
    ],
)
def test_what_cannot_be_understood_is_said(address: str, name: str) -> None:
    assert queries.read(QueryDict(address), Allowed(), UTC).faults[0].name == name


def test_an_address_is_read_back_as_it_was_written() -> None:
    address = (
        "q=type%3AA+-actor%3Aci&type=A&type=B&actor=x&agg=O%3A1&corr=c&has=redacted"
        "&from=2026-03&to=2026-04&basis=stored&upto=9&size=100&cols=position,type"
        "&before=7"
    )
    asked = queries.read(QueryDict(address), Allowed(), UTC)
    again = queries.read(QueryDict(asked.url(before=asked.before)[1:]), Allowed(), UTC)

    assert asked.faults == ()
    assert again == asked


def test_of_a_faulty_query_nothing_is_put_into_an_address_or_the_log() -> None:
    assert queries.split('who:"p7', UTC) == ("", ['who:"p7'])

    asked = queries.read(QueryDict("sq=t"), Allowed(), UTC, kept={"t": 'who:"p7'})

    assert asked.faults
    assert asked.text == 'who:"p7'
    assert "p7" not in asked.url() + asked.describe()


@pytest.mark.parametrize("basis", ["occurred", "stored"])
def test_chosen_events_are_listed_alone_of_the_readers_tenants(
    log: list[int], ask: Asking, basis: str
) -> None:
    theirs = log[-1] + 1
    chosen = [log[3], log[11], log[27], theirs]
    address = "&".join(f"e={position}" for position in chosen)

    found = ask.every(f"{address}&basis={basis}")

    assert sorted(found) == chosen[:3]
    assert sorted(ask.every(f"{address}&type=OrderPaid")) == [log[11]]
    assert ask.every(address, "acme", "other").count(theirs) == 1


@pytest.mark.parametrize(
    "address",
    [
        *("e=", "e=x", "e=-1", "e=%D9%A1", "e=0"),
        "e=2&e=02",  # which would be found twice
        "&".join(f"e={n}" for n in range(1, 202)),
    ],
)
def test_what_is_no_choice_of_events_is_refused(log: list[int], address: str) -> None:
    asked = queries.read(QueryDict(address), Allowed(), UTC)

    assert [fault.name for fault in asked.faults] == ["e"]


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("from=0001-01-01T00Z", "America/New_York"),
        ("to=9999-12-31T22Z", "Europe/Berlin"),
    ],
)
def test_a_time_that_no_clock_of_the_reader_shows_is_a_fault(
    address: str, zone: str
) -> None:
    asked = queries.read(QueryDict(address), Allowed(), ZoneInfo(zone))

    assert [fault.name for fault in asked.faults] == [address[: address.index("=")]]
