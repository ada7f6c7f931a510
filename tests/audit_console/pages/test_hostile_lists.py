"""Names that attack, in every list, chart and form that shows them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from audit_console.models import SavedSearch
from audit_console.queries import facets
from eventstore import redaction, store
from eventstore.models import TenantGrant
from eventstore.roles import Role
from tests.audit_console.pages.hostile import CORPUS, Markup
from tests.factories import new_event

pytestmark = pytest.mark.django_db

_COLUMNS = (
    "position,occurred,stored,actor,type,aggregate,summary,version,correlation,id"
)


@pytest.fixture(params=CORPUS)
def evil(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reader_of(evil: str, settings: Any) -> Client:
    """Somebody of that name, in a tenant of that name, where all is called so."""
    settings.AUDIT_CONSOLE = {
        "PURPOSES": {"evil": evil},
        "BADGE": evil,
        "TITLE": evil,
        "EXPORT_STORAGE": "exports",
        "SUMMARIES": {evil: "{actor} {type} {aggregate} {data.note}"},
    }
    user = User.objects.create_user(evil)
    TenantGrant.objects.bulk_create(
        TenantGrant(user=user, tenant_id=evil, role=role)
        for role in (Role.LEAD_AUDITOR, Role.PRIVACY_OFFICER)
    )
    event = store.append_event(
        new_event(
            evil,
            aggregate_type=evil,
            aggregate_id=evil,
            data={"note": evil},
            metadata={
                "actor": {"type": evil, "id": evil, "name": evil},
                "correlation_id": evil,
            },
        ),
        evil,
    )
    redaction.draft(user, [event.position], reason=evil, case_number=evil[:40])
    for number in range(2):
        SavedSearch.objects.create(
            owner=user,
            tenant_id=evil,
            name=f"{evil}{number}",
            description=evil,
            address=f"events/?q={evil}",
            is_pinned=True,
            is_shared=bool(number),
        )
    client = Client()
    client.force_login(user)
    client.post("/audit/purpose/", {"purpose": "evil", "reference": evil})
    return client


def test_names_that_attack_stay_text_in_lists_charts_and_forms(
    reader_of: Client, evil: str
) -> None:
    asked = [
        ("index", {}),
        ("events", {"cols": _COLUMNS}),
        ("events", {"q": evil}),
        ("events", {"q": f'"{evil}" nonsense:{evil}'}),
        ("events", {"type": evil, "agg": evil, "actor": evil, "corr": evil}),
        ("events", {"from": evil, "to": evil, "tz": evil, "cols": evil, "jump": evil}),
        ("events", {"live": "1"}),
        *(("events", {"facet": name}) for name in facets.FIELDS),
        ("aggregates", {}),
        ("access", {}),
        ("access", {"user_name": evil, "object": evil, "act": evil}),
        ("exports", {}),
        ("redactions", {}),
        ("saved", {}),
        ("saved", {"address": f"/audit/events/?q={evil}"}),
        ("goto", {"q": f"no {evil}"}),
        ("purpose", {"next": evil}),
        ("preferences", {}),
        ("help_query", {}),
    ]
    for name, query in asked:
        address = f"{reverse(f'audit_console:{name}')}?{urlencode(query)}"
        answer = reader_of.get(address, follow=True)

        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert Markup(text).faults == [], address
        assert "{{" not in evil or "{{ 7*7 }}" in text
        assert "default-src 'none'" in answer["Content-Security-Policy"]
    for name in facets.FIELDS:
        answer = reader_of.get(
            f"/audit/events/?facet={name}",
            headers={
                "HX-Request": "true",
                "HX-Target": f"facet-{name.replace('.', '-')}",
            },
        )

        assert answer.status_code == 200, name
        assert Markup(answer.content.decode()).faults == [], name
