"""The explorer as its readers meet it: without a script, by its addresses alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit_console.models import AccessRecord
from eventstore import store
from eventstore.models import TenantGrant
from eventstore.roles import Role
from tests.factories import new_event

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
PAGE = "/audit/events/"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def log(transactional_db: None) -> list[int]:
    events = [
        new_event(
            "OrderPaid" if n % 2 else "OrderPlaced",
            aggregate_type="Order",
            aggregate_id=f"O-{n}",
            event_id=f"event-{n}",
            occurred_at=MARCH + timedelta(hours=n),
            data={"total": n, "who": {"email": f"p{n}@example.org"}},
            metadata={"actor": {"type": "user", "id": "u-1", "name": "Anna <b>"}},
        )
        for n in range(60)
    ]
    stored = store.append_events(events, tenant_id="acme")
    store.append_event(new_event(event_id="theirs"), "other")
    return [event.position for event in stored]


@pytest.fixture
def agreed(console: Client) -> Client:
    """The auditor has said why they read."""
    console.post("/audit/purpose/", {"purpose": "audit", "next": PAGE})
    return console


def _text(client: Client, address: str = "") -> str:
    response = client.get(PAGE + address)
    assert response.status_code == 200
    return response.content.decode()


def _shown(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<tr id="p(\d+)"', html)]


def _said(html: str) -> str:
    """What is read, without what marks it."""
    return re.sub(r"<[^>]*>", "", html)


def _link(html: str, words: str) -> str:
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>[^<]*{words}', html)
    assert found is not None, words
    return unescape(found.group(1))


def _marked(html: str, words: str) -> str:
    """The link of a button that has a picture before its words."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*><svg [^>]*>.*?</svg>{words}', html)
    assert found is not None, words
    return unescape(found.group(1))


def test_the_first_view_is_full_and_its_rows_are_sentences(
    console: Client, log: list[int]
) -> None:
    html = _text(console)

    assert _shown(html) == log[:9:-1]
    assert "Anna &lt;b&gt; paid Order O-59" in _said(html)
    assert '<span class="nowrap">O-59</span>' in html
    assert "60 events match" in html
    assert "theirs" not in html
    assert "Complete up to position" in html


def test_pages_lead_to_each_other_and_back(console: Client, log: list[int]) -> None:
    first = _text(console)
    second = _text(console, _link(first, "Older"))

    assert _shown(second) == log[9::-1]
    assert _shown(_text(console, _link(second, "Newer"))) == _shown(first)
    assert _shown(_text(console, _link(first, "Oldest"))) == log[49::-1]
    assert '<span class="button" aria-disabled="true">Newest</span>' in first
    assert '<span class="button" aria-disabled="true">Older</span>' in second


def test_the_form_leads_to_the_address_of_its_question(
    console: Client, log: list[int]
) -> None:
    response = console.post(
        PAGE, {"q": "type:OrderPaid", "from": "2026-03-02", "to": "", "size": "100"}
    )

    assert response.status_code == 302
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["q"] == ["type:OrderPaid"]
    assert query["from"] == ["2026-03-02"]
    assert "to" not in query
    html = console.get(response["Location"]).content.decode()
    assert _shown(html) == [log[n] for n in range(59, 23, -2)]


def test_a_fault_shows_its_place_and_a_repair_and_no_results(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?q=type%3AOrderPaid+actr%3Au-1")

    assert _shown(html) == []
    assert 'aria-invalid="true"' in html
    assert "Column 16" in html
    assert "did you mean “actor”" in html
    assert 'value="type:OrderPaid actor:u-1"' in html


def test_an_empty_list_offers_ways_out(console: Client, log: list[int]) -> None:
    html = _text(console, "?type=Nothing&from=2026-01-01&to=2026-01-02")

    assert "No events match" in html
    assert "Widen to all time" in html
    assert "Remove “type: Nothing”" in html
    assert _shown(_text(console, _link(html, "Clear all filters"))) != []


def test_a_bar_leads_to_the_events_that_it_counts(
    console: Client, log: list[int]
) -> None:
    html = _text(console)
    bars = re.findall(r'<a href="([^"]*)" aria-label="[^"]*: (\d+)"><title>', html)
    table = re.findall(r'<td class="numeric">(\d+)</td></tr>', html)

    assert [count for _, count in bars] == table[: len(bars)]
    assert sum(int(count) for _, count in bars) == 60
    address, count = next(bar for bar in bars if bar[1] != "0")
    assert len(_shown(_text(console, unescape(address)))) == int(count)


def test_facets_are_counted_when_they_are_opened(
    console: Client, log: list[int]
) -> None:
    html = _text(console)
    part = console.get(
        f"{PAGE}?facet=actor",
        headers={"HX-Request": "true", "HX-Target": "facet-actor"},
    ).content.decode()

    assert "u-1" not in html.partition('id="facet-actor"')[2].partition("</details>")[0]
    assert "<html" not in part
    assert "u-1" in part
    assert "60" in part
    assert "u-1" in _text(console, "?facet=actor").partition('id="facet-actor"')[2]


def test_a_pinned_link_shows_the_same_after_more_was_stored(
    console: Client, log: list[int]
) -> None:
    html = _text(console)
    pinned = re.search(r'data-copy="http://testserver/audit/events/([^"]*)"', html)
    assert pinned is not None
    store.append_event(
        new_event(event_id="late", occurred_at=MARCH + timedelta(days=2)), "acme"
    )

    again = _text(console, unescape(pinned.group(1)))

    assert _shown(again) == _shown(html)
    assert "60 events match" in again
    assert "pinned at position" in again


def test_following_says_how_many_are_new_and_is_recorded_once(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?live=1&type=OrderPaid")
    found = re.search(r'data-live hx-get="([^"]*)"', html)
    assert found is not None
    poll = unescape(found.group(1))
    headers = {"HX-Request": "true", "HX-Target": "live"}

    assert console.get(PAGE + poll, headers=headers).status_code == 204
    store.append_event(new_event("OrderPaid", event_id="new-1"), "acme")
    store.append_event(new_event("OrderPlaced", event_id="new-2"), "acme")
    news = console.get(PAGE + poll, headers=headers).content.decode()

    assert "1 new event" in news
    acts = AccessRecord.objects.order_by("id").values_list("act", flat=True)
    assert list(acts) == ["follow live", "list events"]
    _text(console, "?live=0")
    assert "stop live" in list(AccessRecord.objects.values_list("act", flat=True))


def test_what_was_looked_at_is_on_record(console: Client, log: list[int]) -> None:
    _text(console, "?type=OrderPaid&size=50")

    record = AccessRecord.objects.get()
    assert record.result_count == 30
    assert f"event:{log[59]}" in record.objects_seen
    assert "type=OrderPaid" in record.query


def test_a_payload_is_searched_only_with_a_purpose_and_the_right(
    agreed: Client, reader: Callable[..., User], client: Client, log: list[int]
) -> None:
    found = _text(agreed, "?q=data.total%3A7+type%3AOrderPaid")
    assert _shown(found) == [log[7]]
    assert "redacted since cannot match" in found

    client.force_login(reader(Role.SECURITY, name="sam"))
    html = client.get(f"{PAGE}?q=data.total%3A7+type%3AOrderPaid").content.decode()
    assert _shown(html) == []
    assert "payload" in html


@pytest.mark.parametrize(
    ("role", "personal", "expected"),
    [
        (Role.AUDITOR, (), "Anna &lt;b&gt; paid 59"),
        (Role.AUDITOR, ("/data/total",), "Anna &lt;b&gt; paid Order O-59"),
        (Role.DPO, ("/data/total",), "Anna &lt;b&gt; paid 59"),
        (Role.SECURITY, (), "Anna &lt;b&gt; paid Order O-59"),
        (Role.AUDITOR, ("/metadata/actor/name",), "•••• paid 59"),
    ],
)
def test_a_sentence_names_only_what_its_reader_may_see(
    reader: Callable[..., User],
    client: Client,
    log: list[int],
    settings: object,
    role: Role,
    personal: tuple[str, ...],
    expected: str,
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": personal}  # type: ignore[attr-defined]
    settings.AUDIT_CONSOLE = {  # type: ignore[attr-defined]
        "PURPOSES": {},
        "SUMMARIES": {"OrderPaid": "{actor} paid {data.total}"},
    }
    client.force_login(reader(role, name="rea"))

    assert expected in _said(_text(client))


def test_a_sentence_shows_no_payload_before_a_purpose_is_stated(
    console: Client, log: list[int], settings: object
) -> None:
    settings.AUDIT_CONSOLE = {"SUMMARIES": {"OrderPaid": "paid {data.total}"}}  # type: ignore[attr-defined]

    assert "paid 59" not in _text(console)


def test_a_personal_value_leaves_no_trace_in_addresses(
    reader: Callable[..., User], client: Client, log: list[int], settings: object
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/who/email",)}  # type: ignore[attr-defined]
    client.force_login(reader(Role.DPO, name="dora"))
    client.post("/audit/purpose/", {"purpose": "audit", "next": PAGE})

    response = client.post(PAGE, {"q": "type:OrderPaid data.who.email:p7@example.org"})

    # No token has a dot.
    assert "example.org" not in response["Location"]
    html = client.get(response["Location"]).content.decode()
    assert _shown(html) == [log[7]]
    assert "for nobody else" in html
    links = re.findall(r'(?:href|hx-get|data-copy|formaction)="([^"]*)"', html)
    assert not [link for link in links if "example.org" in link]
    assert not AccessRecord.objects.filter(query__contains="p7@").exists()
    assert _shown(client.get(f"{PAGE}?q=data.who.email%3Ap7").content.decode()) == []


def test_selected_events_are_compared(agreed: Client, log: list[int]) -> None:
    action = re.search(r'formaction="([^"]*)" data-compare', _text(agreed))
    assert action is not None

    compared = agreed.get(f"{action.group(1)}?e={log[1]}&e={log[3]}")

    assert b"O-1" in compared.content
    assert b"O-3" in compared.content


def test_a_stranger_sees_no_page(client: Client, log: list[int]) -> None:
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("nobody"))
    assert client.get(PAGE).status_code == 403


def test_another_tenant_is_not_found(console: Client, log: list[int]) -> None:
    assert console.get(f"{PAGE}?tenant=other").status_code == 404


def test_several_tenants_are_told_apart(
    reader: Callable[..., User], client: Client, log: list[int]
) -> None:
    client.force_login(reader(Role.AUDITOR, name="ada", tenants=("acme", "other")))

    html = _text(client, "?tenant=*&size=100")

    assert len(_shown(html)) == 61
    assert 'data-label="Tenant"' in html


def test_a_page_asks_the_log_a_fixed_number_of_times(
    console: Client, log: list[int]
) -> None:
    _text(console)
    counted = []
    for address in ("?size=50", "?size=100"):
        with CaptureQueriesContext(connection) as captured:
            _text(console, address)
        asked = [q for q in captured if "stored_domain_events" in q["sql"]]
        counted.append(len(asked))

    assert counted[0] <= 12
    assert counted[1] <= counted[0]


@pytest.mark.parametrize(
    "nasty",
    [
        '"><script>alert(1)</script>',
        "javascript:alert(1)",
        "' onmouseover='x",
        "\u202egnp.exe",
        "a/b:c?d#e&f=g%00 +",
    ],
)
def test_hostile_names_stay_text(console: Client, nasty: str, db: None) -> None:
    store.append_event(
        new_event(
            nasty,
            aggregate_type=nasty,
            aggregate_id=nasty,
            metadata={
                "actor": {"type": "user", "id": nasty, "name": nasty},
                "correlation_id": nasty,
            },
        ),
        "acme",
    )
    html = _text(
        console, "?cols=position,stored,type,actor,aggregate,summary,correlation,id"
    )

    assert "<script>alert" not in html
    assert 'href="javascript:' not in html
    assert "onmouseover='x" not in html
    assert "\u202e" not in html.partition("<tbody>")[2]
    row = html.partition('<tr id="p')[2]
    by_type = re.search(r'class="by mono" href="([^"]*)"', row)
    assert by_type is not None
    assert len(_shown(_text(console, unescape(by_type.group(1))))) == 1


def test_the_ways_out_of_an_empty_list_say_where_they_lead(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?type=OrderPaid&agg=Order:O-2&from=2020&to=2021")

    assert "Remove “agg: Order:O-2”: 0" in html
    html = _text(console, "?type=OrderPaid&agg=Order:O-2")

    assert "Remove “agg: Order:O-2”: 30" in html
    assert "Remove “type: OrderPaid”: 1<" in html


def test_a_pinned_list_tells_what_was_redacted_since(
    console: Client, log: list[int]
) -> None:
    store.redact_event("event-7", tenant_id="acme", reason="too much")
    pinned = _link(_text(console, "?type=OrderPaid"), "Pin<").partition("?")[2]
    assert "after this link was made" not in _text(console, f"?{pinned}")

    store.redact_event("event-9", tenant_id="acme", reason="too much")
    store.redact_event("event-10", tenant_id="acme", reason="of another type")

    assert "1 result was redacted after this link was made" in _text(
        console, f"?{pinned}"
    )


def test_a_pinned_link_says_in_which_zone_its_days_are(
    console: Client, log: list[int]
) -> None:
    here = "?from=2026-03-02&to=2026-03-02&tz=Asia/Kathmandu"
    console.post("/audit/zone/", {"time_zone": "Asia/Kathmandu", "next": PAGE})
    html = _text(console, "?from=2026-03-02&to=2026-03-02")
    assert len(_shown(html)) == 24
    pinned = _link(html, "Pin<").partition("?")[2]
    saved = parse_qs(urlsplit(_marked(html, "Save<")).query)["address"][0]

    console.post("/audit/zone/", {"time_zone": "America/St_Johns", "next": PAGE})

    assert _shown(_text(console, f"?{pinned}")) == _shown(html)
    assert _shown(console.get(saved).content.decode()) == _shown(html)
    assert _shown(_text(console, here)) == _shown(html)
    # And stays in it when the filters are changed.
    changed = console.post(
        PAGE,
        {"q": "", "from": "2026-03-02", "to": "2026-03-02", "tz": "Asia/Kathmandu"},
    )
    assert _shown(console.get(changed["Location"]).content.decode()) == _shown(html)
    assert 'name="tz" value="Asia/Kathmandu"' in _text(console, here)


def test_a_pinned_link_of_a_page_that_was_jumped_to_is_of_that_page(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?jump=2026-03-01")

    pinned = _link(html, "Pin<").partition("?")[2]

    assert _shown(html) == log[23::-1]
    assert _shown(_text(console, f"?{pinned}")) == _shown(html)


def test_following_begins_without_an_end_and_marks_what_is_new(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?from=2026-03-03&to=2026-03-04")
    live = _marked(html, "Follow live")
    assert parse_qs(urlsplit(live).query)["from"] == ["2026-03-03"]
    html = _text(console, live)
    assert ">new</span>" not in html
    assert "This list ends" not in html
    store.append_event(new_event("OrderPaid", event_id="new-1"), "acme")

    again = _text(console, _link(html, "Check for new events"))

    assert again.count(">new</span>") == 1
    assert ">new</span>" in again.partition('<tr id="p')[2].partition("</tr>")[0]
    assert "This list ends" in _text(console, "?live=1&q=occurred:2026-03")


def test_an_empty_list_names_the_type_that_was_meant(
    console: Client, log: list[int]
) -> None:
    for address in ("?q=type:orderpayd+actor:u-1", "?type=OrderPayed&actor=u-1"):
        html = _text(console, address)

        assert "Look for “OrderPaid” instead: 30" in html
        meant = _link(html, "Look for “OrderPaid” instead")
        assert len(_shown(_text(console, meant))) == 30
    assert "Look for" not in _text(console, "?type=OrderPaid&from=2020&to=2021")


def test_an_empty_list_says_where_a_word_was_looked_for(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?q=Anna")

    assert "never searched in payloads or names" in html
    assert "<bdi>Anna</bdi>" in html


def test_a_range_that_ends_before_it_begins_is_turned_by_one_click(
    console: Client, log: list[int]
) -> None:
    html = _text(console, "?from=2026-03-02&to=2026-03-01&q=type:OrderPaid")

    assert _shown(html) == []
    assert "<bdi>2026-03-02 to 2026-03-01</bdi>" in html
    form = html.partition('role="alert"')[2]
    given = dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form))
    assert (given["from"], given["to"]) == ("2026-03-01", "2026-03-02")
    turned = console.post(PAGE, given)
    assert len(_shown(console.get(turned["Location"]).content.decode())) == 24


def test_a_choice_of_tenants_stays_that_choice(
    reader: Callable[..., User], client: Client, log: list[int]
) -> None:
    store.append_event(new_event(event_id="third"), "third")
    client.force_login(reader(Role.AUDITOR, tenants=("acme", "other", "third")))

    html = _text(client, "?tenant=acme&tenant=other")
    assert "61 events match" in html
    for words in ("Oldest", "90 d"):
        query = urlsplit(_link(html, words)).query
        assert parse_qs(query)["tenant"] == ["acme", "other"], words
    assert "61 events match" in _text(client, _link(html, "Older"))
    assert "61 events match" in _text(client, _link(html, "All time"))


def test_a_pinned_link_to_all_tenants_names_them(
    reader: Callable[..., User], client: Client, log: list[int]
) -> None:
    user = reader(Role.AUDITOR, tenants=("acme", "other"))
    client.force_login(user)
    pinned = _link(_text(client, "?tenant=*"), "Pin<").partition("?")[2]

    store.append_event(new_event(event_id="third"), "third")
    TenantGrant.objects.create(user=user, tenant_id="third", role=Role.AUDITOR)

    assert parse_qs(pinned)["tenant"] == ["acme", "other"]
    assert "61 events match" in _text(client, f"?{pinned}")
