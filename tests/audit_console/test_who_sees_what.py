"""Every route of the console, asked for by everybody.

The table below has a row for each route that the site mounts: one that is added without
a row fails here, before anybody can forget who may see it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit_console.models import Export
from audit_console.site import audit_console
from eventstore import redaction, store
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.factories import new_event

pytestmark = pytest.mark.django_db

FOREIGN = "globex"
SECRET = "told-to-few"
CONSOLE = frozenset(
    {
        Role.AUDITOR,
        Role.LEAD_AUDITOR,
        Role.PRIVACY_OFFICER,
        Role.DPO,
        Role.SECURITY,
        Role.PLATFORM_ADMIN,
    }
)
#: Who sees payloads.
READERS = CONSOLE - {Role.SECURITY, Role.PLATFORM_ADMIN}
EXPORTERS = CONSOLE - {Role.PLATFORM_ADMIN}
#: Who sees what everybody has exported and looked at.
OVERSEERS = frozenset({Role.LEAD_AUDITOR, Role.DPO, Role.SECURITY})


@dataclass(frozen=True)
class Of:
    """What an address names: an event and its aggregate, there or not."""

    tenant: str
    position: int
    event_id: str
    correlation: str
    request: int
    export: UUID

    def key(self) -> dict[str, str]:
        return {"tenant": self.tenant, "type": "Parcel/x", "id": "P:1"}


def nowhere(of: Of) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True)
class Row:
    """What a route answers.

    Attributes:
        to: who is answered; all others of the console are refused.
        not_theirs: who may open such pages, but finds no such thing.
        status: with what the others are answered.
        payload: whether readers of payloads find one in the answer.
        place: positional part of the address.
        query: the rest of it.
        method: how it is asked, with ``form``.
    """

    to: frozenset[Role] = CONSOLE
    not_theirs: frozenset[Role] = frozenset()
    status: int = 200
    payload: bool = False
    place: Callable[[Of], tuple[Any, ...]] = nowhere
    query: Callable[[Of], dict[str, Any]] | None = None
    method: str = "get"
    form: Mapping[str, str] = field(default_factory=dict)


def at(of: Of) -> tuple[Any, ...]:
    return (of.position,)


def asked(of: Of) -> tuple[Any, ...]:
    return (of.request,)


ROWS: dict[str, Row] = {
    "access": Row(),
    "aggregate": Row(payload=True, query=Of.key),
    "aggregate_print": Row(payload=True, query=Of.key),
    "aggregates": Row(query=lambda of: {"tenant": of.tenant, "id": "P"}),
    "causes": Row(query=Of.key),
    "compare": Row(payload=True, query=lambda of: {"e": of.position}),
    "correlations": Row(query=lambda of: {"tenant": of.tenant, "id": of.correlation}),
    "differences": Row(payload=True, query=lambda of: {**of.key(), "vs": 0}),
    "event": Row(payload=True, place=at),
    "event_by_id": Row(
        status=302, query=lambda of: {"tenant": of.tenant, "id": of.event_id}
    ),
    "event_raw": Row(to=READERS, payload=True, place=at),
    "events": Row(query=lambda of: {"tenant": of.tenant}),
    "export": Row(
        to=OVERSEERS,
        not_theirs=EXPORTERS - OVERSEERS,
        place=lambda of: (of.export,),
    ),
    "export_decide": Row(
        to=frozenset({Role.DPO}),
        not_theirs=EXPORTERS - {Role.DPO},
        status=302,
        place=lambda of: (of.export,),
        method="post",
        form={"act": "approve"},
    ),
    "export_download": Row(
        to=frozenset(),
        not_theirs=EXPORTERS,
        place=lambda of: (of.export, "file"),
        method="post",
    ),
    "export_new": Row(to=EXPORTERS, status=302),
    "exports": Row(to=EXPORTERS),
    "goto": Row(status=302, query=lambda of: {"q": of.event_id}),
    "help": Row(),
    "help_query": Row(),
    "index": Row(query=lambda of: {"tenant": of.tenant}),
    "language": Row(status=302, method="post", form={"language": "de"}),
    "login": Row(status=302),
    "logout": Row(method="post"),
    "password_change": Row(),
    "password_change_done": Row(),
    "preferences": Row(),
    "purpose": Row(),
    "redaction": Row(payload=True, place=asked),
    "redaction_decide": Row(place=asked),
    "redaction_fields": Row(
        to=frozenset({Role.PRIVACY_OFFICER}),
        place=lambda of: (of.request, of.position),
    ),
    "redaction_new": Row(
        to=frozenset({Role.PRIVACY_OFFICER}), query=lambda of: {"e": of.position}
    ),
    "redactions": Row(query=lambda of: {"tenant": of.tenant}),
    "saved": Row(),
    "state": Row(payload=True, query=Of.key),
    "zone": Row(status=302, method="post", form={"time_zone": "UTC"}),
}
#: Those that strangers may open: to enter and to leave.
DOORS = {"language", "login", "logout"}
NAMES = sorted(ROWS)
#: Those whose address names something that belongs to a tenant.
OBJECTS = [name for name in NAMES if ROWS[name].query or ROWS[name].place != nowhere]


@pytest.fixture(autouse=True)
def no_purposes(settings: Any) -> None:
    settings.AUDIT_CONSOLE = {"PURPOSES": {}, "EXPORT_STORAGE": "exports"}


@pytest.fixture
def logs(reader: Callable[..., User]) -> dict[str, Of]:
    """One parcel in each of two tenants, and one that is nowhere."""
    # Positions of many digits: a small number stands in every page anyway.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(seq, greatest(pg_sequence_last_value(seq), 7654321)) FROM"
            " (SELECT 'stored_domain_events_position_seq'::regclass AS seq) AS of_ours"
        )
    found = {}
    for tenant in (TENANT, FOREIGN):
        event = store.append_event(
            new_event(
                "ParcelMoved",
                event_id=f"{tenant}-event",
                aggregate_type="Parcel/x",
                aggregate_id="P:1",
                data={"note": f"{SECRET}-{tenant}"},
                metadata={"correlation_id": f"{tenant}-case"},
            ),
            tenant,
        )
        officer = reader(Role.PRIVACY_OFFICER, name=f"o-{tenant}", tenants=(tenant,))
        found[tenant] = Of(
            tenant,
            event.position,
            event.event_id,
            f"{tenant}-case",
            redaction.draft(officer, [event.position], reason="asked for").pk,
            _export_of(officer, tenant, event.position).pk,
        )
    # So that the horizon is nobody's position.
    store.append_event(new_event(), TENANT)
    absent = Of(
        "absent", 7 * 10**9, "absent-event", "absent-case", 7 * 10**9, UUID(int=7)
    )
    return {**found, "absent": absent}


def _export_of(owner: User, tenant: str, upto: int) -> Export:
    now = timezone.now()
    return Export.objects.create(
        owner=owner,
        owner_key=str(owner.pk),
        owner_name=owner.username,
        tenants=[tenant],
        description="everything",
        since=now,
        until=now,
        upto=upto,
        zone="UTC",
        language="en",
        columns=["position"],
        format=Export.Format.NDJSON,
        state=Export.State.WAITING,
    )


def ask(client: Client, name: str, of: Of, *, method: str = "") -> Any:
    row = ROWS[name]
    address = reverse(f"audit_console:{name}", args=row.place(of))
    if row.query:
        address = f"{address}?{urlencode(row.query(of))}"
    return getattr(client, method or row.method)(address, row.form)


def test_every_route_has_a_row() -> None:
    mounted = {route.name for route in audit_console.get_urls()}

    # The last one, without a name, answers 404 to everything else.
    assert mounted == {*ROWS, None}


@pytest.mark.parametrize("name", NAMES)
class TestWithoutAGrant:
    @pytest.fixture(params=["get", "post"])
    def method(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_a_stranger_is_asked_to_log_in(
        self, client: Client, logs: dict[str, Of], name: str, method: str
    ) -> None:
        answer = ask(client, name, logs[TENANT], method=method)

        if name in DOORS:
            assert answer.status_code in {200, 302, 405}
        else:
            assert answer.status_code == 302
            assert answer["Location"].startswith("/audit/login/?next=/audit/")
        assert SECRET not in answer.content.decode()

    @pytest.mark.parametrize("kind", ["staff", "superuser", "roles of the API"])
    def test_neither_staff_nor_superuser_nor_a_role_of_the_api_opens_anything(
        self,
        client: Client,
        reader: Callable[..., User],
        logs: dict[str, Of],
        name: str,
        method: str,
        kind: str,
    ) -> None:
        user = reader(*([Role.READER, Role.REDACTOR] if "roles" in kind else []))
        user.is_staff = True
        user.is_superuser = kind == "superuser"
        user.save()
        user.user_permissions.set(Permission.objects.all())
        client.force_login(user)

        answer = ask(client, name, logs[TENANT], method=method)

        if name not in DOORS:
            assert answer.status_code == 403
            assert (
                "eventstore_grant anna auditor --tenant TENANT"
                in answer.content.decode()
            )
        assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_each_role_is_answered_or_refused_and_sees_payloads_or_not(
    client: Client, reader: Callable[..., User], logs: dict[str, Of], name: str
) -> None:
    row = ROWS[name]
    for role in sorted(CONSOLE):
        client.force_login(reader(role, name=role.value))

        answer = ask(client, name, logs[TENANT])

        expected = row.status if role in row.to else 403
        if role in row.not_theirs:
            expected = 404
        assert (role, answer.status_code) == (role, expected)
        shows = row.payload and role in READERS
        assert (role, SECRET in answer.content.decode()) == (role, shows)


@pytest.mark.parametrize("name", OBJECTS)
def test_what_another_tenant_has_is_as_what_is_not_there(
    client: Client, reader: Callable[..., User], logs: dict[str, Of], name: str
) -> None:
    everything = reader(*CONSOLE)
    client.force_login(everything)

    foreign, missing = (
        (answer.status_code, _without_what_was_asked(answer, of))
        for of in (logs[FOREIGN], logs["absent"])
        for answer in [ask(client, name, of)]
    )

    assert foreign[0] == missing[0]
    assert foreign[1].splitlines() == missing[1].splitlines()
    assert SECRET not in foreign[1]


def _without_what_was_asked(answer: Any, of: Of) -> str:
    """Return the answer without what differs because the questions do."""
    text = answer.content.decode()
    for each in (f"{of.position:,}", of.position, of.tenant, of.export):
        text = text.replace(str(each), "asked")
    text = text.replace(f"/redactions/{of.request}/", "/redactions/asked/")
    text = text.replace(answer["X-Request-ID"], "number")
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)
    text = re.sub(r'"X-CSRFToken": "\w+"|csrf\w*="\w+"', "", text)
    return re.sub(r"\d\d:\d\d:\d\d(\.\d+)?", "time", text)
