from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import django
import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from eventstore import store
from eventstore.models import EventRedaction, EventSnapshot, StoredEvent, TenantGrant
from tests.eventstore.conftest import Session
from tests.factories import new_event

pytestmark = pytest.mark.django_db

LISTS = ("storedevent", "eventsnapshot", "eventredaction")
SCRIPT = "<script>alert(1)</script>"
#: Nothing in them may reach the page as markup.
HOSTILE = f"\"'>{SCRIPT}<img src=x onerror=alert(1)>{{{{ 7*7 }}}}"


def address(name: str = "storedevent", **query: Any) -> str:
    page = reverse(f"admin:eventstore_{name}_changelist")
    return f"{page}?{urlencode(query)}" if query else page


def change(row: Any) -> str:
    name = row._meta.model_name
    return reverse(f"admin:eventstore_{name}_change", args=(row.pk,))


@pytest.fixture
def ann() -> User:
    """An auditor of acme: staff that may look, and nothing more."""
    user = User.objects.create_user("ann", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            codename__in=[f"view_{name}" for name in LISTS],
        )
    )
    TenantGrant.objects.create(user=user, tenant_id="acme")
    return user


@pytest.fixture
def pages(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [event.event_id for event in answer.context["cl"].result_list]


def fill(tenant: str) -> StoredEvent:
    """One event, redacted, and a snapshot of another aggregate."""
    event = new_event(event_id=f"{tenant}-1", data={"mail": "x", "n": 1})
    store.append_event(event, tenant)
    store.redact_event(
        f"{tenant}-1", tenant, fields=["/data/mail"], reason="asked", actor="dpo"
    )
    store.append_event(new_event(event_id=f"{tenant}-2", aggregate_id="R-2"), tenant)
    store.record_snapshot("R-2", tenant, f"{tenant}-S", f"{tenant}-2", state={"n": 1})
    return StoredEvent.objects.get(tenant_id=tenant, event_id=f"{tenant}-1")


class TestPersonalActors:
    """The list has who did it from the metadata, which may be personal."""

    @pytest.fixture(autouse=True)
    def actors_are_personal(self, settings: Any) -> None:
        settings.EVENTSTORE = {"PERSONAL_PATHS": ("/metadata/actor",)}
        store.append_event(new_event(metadata={"actor": {"id": "u-mia"}}), "acme")

    def test_they_are_hidden_and_cannot_be_asked_for(self, pages: Client) -> None:
        shown = pages.get(address()).content.decode()

        assert "u-mia" not in shown
        assert "••••" in shown
        assert 'name="actor_id"' not in shown
        assert 'name="correlation_id"' in shown
        assert pages.get(address(actor_id="u-mia")).status_code == 400

    def test_who_may_see_personal_data_sees_and_asks(
        self, pages: Client, ann: User
    ) -> None:
        TenantGrant.objects.create(user=ann, tenant_id="acme", role="pii_reader")

        assert "u-mia" in pages.get(address(actor_id="u-mia")).content.decode()


def rows_of(tenant: str) -> list[Any]:
    return [
        model.objects.filter(tenant_id=tenant).first()
        for model in (StoredEvent, EventSnapshot, EventRedaction)
    ]


def test_the_lists_and_rows_of_ones_tenants_are_shown(pages: Client) -> None:
    fill("acme")
    for name in LISTS:
        assert pages.get(address(name)).context["cl"].result_list
    for row in rows_of("acme"):
        assert pages.get(change(row)).status_code == 200


def test_what_is_foreign_is_not_there(pages: Client) -> None:
    fill("acme")
    fill("foreign")
    for name in LISTS:
        shown = pages.get(address(name)).context["cl"].result_list
        assert {row.tenant_id for row in shown} == {"acme"}
        answer = pages.get(address(name, tenant="foreign"))
        assert not answer.context["cl"].result_list
    for row in rows_of("foreign"):
        for page in (change(row), change(row).replace("change", "history")):
            answer = pages.get(page)
            assert answer.status_code == 302
            assert answer.headers["Location"] == reverse("admin:index")


def test_a_superuser_without_a_grant_sees_why_there_is_nothing(root: Client) -> None:
    fill("acme")
    for name in LISTS:
        answer = root.get(address(name))
        assert not answer.context["cl"].result_list
        assert "You have no grant in any tenant" in answer.text
        assert reverse("admin:eventstore_tenantgrant_changelist") in answer.text
    for row in rows_of("acme"):
        assert root.get(change(row)).status_code == 302


def test_an_empty_list_says_whether_a_filter_is_the_reason(pages: Client) -> None:
    assert "Your tenants have none yet" in pages.get(address()).text
    filtered = pages.get(address(event_type="Nothing"))
    assert "Nothing in your tenants matches" in filtered.text


def test_staff_without_the_permission_to_view_see_nothing(
    client: Client, ann: User
) -> None:
    ann.user_permissions.clear()
    client.force_login(ann)
    for name in LISTS:
        assert client.get(address(name)).status_code == 403


def test_nothing_can_be_added_changed_or_deleted_not_even_by_a_superuser(
    root: Client,
) -> None:
    TenantGrant.objects.create(user=User.objects.get(), tenant_id="acme")
    fill("acme")
    for name in LISTS:
        assert root.get(f"{address(name)}add/").status_code == 403
        action = {"action": "delete_selected", "_selected_action": ["1"], "index": "0"}
        root.post(address(name), action)
    for row in rows_of("acme"):
        assert root.post(change(row), {"event_type": "Forged"}).status_code == 403
        assert root.post(change(row).replace("change", "delete")).status_code == 403
    assert all(rows_of("acme"))


@pytest.mark.parametrize(
    "probe",
    [
        "event_data__mail__startswith=a",
        "metadata__ip=127.0.0.1",
        "event_data__contains={}",
        "is_redacted__exact=1",
        "position__gt=0",
        "tenant_id=foreign",
        "tenant_id__exact=foreign",
        "event_type__startswith=R",
        "occurred_at__year=2026",
        "pk=1",
        "_to_field=event_data",
    ],
)
def test_the_address_of_a_page_asks_no_column(pages: Client, probe: str) -> None:
    fill("acme")
    assert pages.get(f"{address()}?{probe}").status_code == 400


@pytest.mark.parametrize(
    "harmless",
    [
        "_facets=1",
        "all=",
        "o=1.-2",
        "p=99",
        "q=x",
        "before=x",
        "before=-1",
        "after=%C2%B2",
        "before=99999999999999999999999",
        "event_type=a%00b",
        "e=1",
    ],
)
def test_odd_parameters_count_and_break_nothing(pages: Client, harmless: str) -> None:
    fill("acme")
    assert pages.get(f"{address()}?{harmless}").status_code in {200, 302}


def test_pages_lead_to_older_and_newer_ones_and_miss_nothing(pages: Client) -> None:
    store.append_events([new_event(event_id=f"e-{n}") for n in range(120)], "acme")
    newest = [f"e-{n}" for n in reversed(range(120))]
    first = pages.get(address())
    assert ids(first) == newest[:50]
    assert first.context["cl"].newer_link is None
    assert first.text.count('rel="next"') == 1
    second = pages.get(address() + first.context["cl"].older_link)
    third = pages.get(address() + second.context["cl"].older_link)
    assert ids(second) + ids(third) == newest[50:]
    assert third.context["cl"].older_link is None
    back = pages.get(address() + third.context["cl"].newer_link)
    assert ids(back) == newest[50:100]
    front = pages.get(address() + back.context["cl"].newer_link)
    assert ids(front) == newest[:50]
    assert front.context["cl"].newer_link is None


def test_filters_go_with_the_pages(pages: Client) -> None:
    store.append_events([new_event() for _ in range(60)], "acme")
    store.append_event(new_event("Other"), "acme")
    first = pages.get(address(event_type="RequirementCreated"))
    second = pages.get(address() + first.context["cl"].older_link)
    assert len(ids(second)) == 10


@pytest.mark.parametrize(
    "query",
    [
        {"event_type": "Paid"},
        {"aggregate_type": "Order"},
        {"aggregate_id": "7"},
        {"tenant": "acme", "aggregate_type": "Order", "aggregate_id": "7"},
        {"event_id": "e-1"},
        {"correlation_id": "c-1"},
        {"actor_id": "u-1"},
    ],
)
def test_each_filter_compares_the_whole_value(
    pages: Client, query: dict[str, str]
) -> None:
    event = new_event(
        "Paid",
        event_id="e-1",
        aggregate_type="Order",
        aggregate_id="7",
        metadata={"correlation_id": "c-1", "actor": {"type": "user", "id": "u-1"}},
    )
    store.append_event(event, "acme")
    store.append_event(new_event(), "acme")
    assert ids(pages.get(address(**query))) == ["e-1"]
    part = {
        name: value if name == "tenant" else value[:-1] + "?"
        for name, value in query.items()
    }
    assert ids(pages.get(address(**part))) == []


def test_view_on_timeline_leads_to_the_history_of_the_aggregate(pages: Client) -> None:
    store.append_events([new_event(event_id=f"e-{n}") for n in range(3)], "acme")
    store.append_event(new_event(event_id="other", aggregate_id="R-2"), "acme")
    event = StoredEvent.objects.get(event_id="e-1")
    page = pages.get(change(event))
    assert "View on timeline" in page.text
    timeline = pages.get(change(event).replace("change", "history"), follow=True)
    assert ids(timeline) == ["e-2", "e-1", "e-0"]
    assert "Stored events of Requirement R-1" in timeline.text


def test_a_list_stops_where_another_transaction_may_still_put_something_in(
    pages: Client, session: Session
) -> None:
    store.append_event(new_event(event_id="e-1"), "acme")
    session.begin()
    session.run(store.append_event, new_event(), "other")
    store.append_event(new_event(event_id="e-2"), "acme")
    assert ids(pages.get(address())) == ["e-1"]
    session.commit()
    assert ids(pages.get(address())) == ["e-2", "e-1"]


def test_an_event_shows_both_times_and_its_documents_exactly(pages: Client) -> None:
    occurred = datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC)
    event = new_event(
        occurred_at=occurred,
        data={"big": 12345678901234567890, "text": "\u00fc"},
        metadata={"ip": "10.0.0.1"},
    )
    stored = store.append_event(event, "acme")
    page = pages.get(change(StoredEvent.objects.get())).text
    assert "2026-01-31 12:00:00.000005 UTC" in page
    assert stored.stored_at.strftime("%Y-%m-%d %H:%M:%S.%f UTC") in page
    assert "12345678901234567890" in page
    assert "\u00fc" in page
    assert "10.0.0.1" not in page
    assert "/metadata/ip" in page

    TenantGrant.objects.update(role="pii_reader")
    assert "10.0.0.1" in pages.get(change(StoredEvent.objects.get())).text

    TenantGrant.objects.update(role="security")
    page = pages.get(change(StoredEvent.objects.get())).text
    assert "12345678901234567890" not in page
    assert "/data" in page


def test_a_redacted_event_leads_to_its_records(pages: Client) -> None:
    event = fill("acme")
    page = pages.get(change(event)).text
    (link,) = re.findall(r'href="([^"]+)">Show the records', page)
    (record,) = pages.get(link.replace("&amp;", "&")).context["cl"].result_list
    assert record.event_id == event.event_id
    shown = pages.get(change(record)).text
    assert "/data/mail" in shown
    assert "asked" in shown


def test_nothing_of_an_event_reaches_a_page_as_markup(pages: Client, ann: User) -> None:
    tenant = HOSTILE[:100]
    TenantGrant.objects.create(user=ann, tenant_id=tenant)
    event = new_event(
        HOSTILE,
        event_id=HOSTILE,
        aggregate_type=HOSTILE,
        aggregate_id=HOSTILE,
        event_version=HOSTILE,
        data={HOSTILE: HOSTILE, "mail": HOSTILE},
        metadata={
            "actor": {"type": "user", "id": HOSTILE, "name": HOSTILE},
            "correlation_id": HOSTILE,
        },
    )
    store.append_event(event, tenant)
    store.record_snapshot(
        HOSTILE,
        tenant,
        HOSTILE,
        HOSTILE,
        state={HOSTILE: HOSTILE},
        fold_version=HOSTILE,
    )
    store.append_event(new_event(event_id="e-2", data={"mail": "x"}), tenant)
    store.redact_event(
        "e-2",
        tenant,
        fields=["/data/mail"],
        reason=HOSTILE,
        actor={"type": "user", "id": HOSTILE},
        request_id=HOSTILE,
    )
    timeline = {"tenant": tenant, "aggregate_type": HOSTILE, "aggregate_id": HOSTILE}
    shown = [address(name) for name in LISTS]
    shown += [change(row) for row in StoredEvent.objects.filter(tenant_id=tenant)]
    shown += [change(row) for row in rows_of(tenant)]
    shown += [address(**timeline), address(event_id=HOSTILE), address(actor_id=HOSTILE)]
    for page in shown:
        answer = pages.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "&lt;script&gt;alert(1)" in answer.text


def test_our_pages_hold_no_inline_style_or_script(pages: Client) -> None:
    fill("acme")
    for page in (address(), change(rows_of("acme")[0])):
        text = pages.get(page).text
        ours = text[text.index('id="content"') :]
        assert "style=" not in ours
        assert not re.search(r"\son\w+=", ours)
        assert "eventstore/admin.css" in text


if django.VERSION >= (6, 0):  # Django 5.2 sends no policy of its own

    def test_pages_carry_a_policy_that_allows_nothing_inline(pages: Client) -> None:
        policy = pages.get(address()).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_grants_are_edited_in_the_admin(root: Client) -> None:
    user = User.objects.create_user("bob")
    page = reverse("admin:eventstore_tenantgrant_add")
    form = {"tenant_id": " acme ", "user": user.pk, "group": "", "role": "reader"}
    assert root.post(page, form).status_code == 302
    grant = TenantGrant.objects.get()
    assert (grant.tenant_id, grant.user) == ("acme", user)
    assert "already exists" in root.post(page, form).text
    listed = root.get(address("tenantgrant", q="bob", role__exact="reader"))
    assert list(listed.context["cl"].result_list) == [grant]
    assert not root.get(address("tenantgrant", q="bo")).context["cl"].result_list


def test_a_grant_for_both_or_none_is_refused_in_words(root: Client) -> None:
    user = User.objects.create_user("bob")
    group = Group.objects.create(name="auditors")
    page = reverse("admin:eventstore_tenantgrant_add")
    for principal in (
        {"user": "", "group": ""},
        {"user": user.pk, "group": group.pk},
    ):
        answer = root.post(page, {"tenant_id": "acme", "role": "reader", **principal})
        assert "Choose a user, a group or an API key" in answer.text
    assert not TenantGrant.objects.exists()
