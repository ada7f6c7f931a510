from __future__ import annotations

import re

import pytest

from eventstore import store
from eventstore.roles import Role
from tests.audit_console.pages.hostile import CORPUS, Markup
from tests.factories import new_event

pytestmark = pytest.mark.django_db


def pages_of(events):
    first, last = events[0], events[-1]
    key = {
        "tenant": first.tenant_id,
        "type": first.aggregate_type,
        "id": first.aggregate_id,
    }
    return [
        ("event", (first.position,), {}),
        ("event", (last.position,), {}),
        ("aggregate", (), key),
        ("aggregate", (), {**key, "view": "compact"}),
        ("aggregate", (), {**key, "view": "json"}),
        ("state", (), key),
        ("differences", (), {**key, "vs": 0}),
        ("causes", (), key),
        ("aggregate_print", (), key),
        ("aggregates", (), {"tenant": first.tenant_id, "id": first.aggregate_id}),
        ("aggregates", (), {"type": first.aggregate_type}),
        ("compare", (), {"e": [first.position, last.position, first.event_id]}),
        (
            "correlations",
            (),
            {"tenant": first.tenant_id, "id": first.metadata["correlation_id"]},
        ),
        ("correlations", (), {"tenant": first.tenant_id, "event": first.event_id}),
    ]


@pytest.mark.parametrize("evil", CORPUS)
def test_nothing_that_data_hold_becomes_markup(login, page, evil):
    metadata = {
        "actor": {"type": evil, "id": evil, "name": evil, "on_behalf_of": evil},
        "correlation_id": evil,
        "causation_id": evil,
        "ip": evil,
        evil: {evil: [evil]},
    }
    long = f"{evil} {'many words follow here ' * 4}"
    events = [
        store.append_event(
            new_event(
                evil,
                aggregate_type=evil,
                aggregate_id=evil,
                event_version=evil[:40],
                event_id=f"{evil}{number}",
                data={evil: evil, "nested": {evil: [evil]}, "long": f"{long}{number}"},
                metadata=metadata,
            ),
            "acme",
        )
        for number in range(2)
    ]
    store.redact_event(
        events[0].event_id,
        "acme",
        fields=["/data/nested"],
        reason=evil,
        actor={"type": evil, "id": evil, "name": evil},
    )
    console = login(Role.LEAD_AUDITOR, Role.PRIVACY_OFFICER)
    for name, args, query in pages_of(events):
        answer = console.get(page(name, *args, **query))
        assert answer.status_code == 200, (name, query)
        text = answer.content.decode()
        assert Markup(text).faults == [], name
        assert "{{" not in evil or "{{ 7*7 }}" in text
        # A form sends what an id is, not what it looks like.
        shown = re.sub('value="[^"]*"', "", text)
        assert "\u202e" not in shown
        assert "\u2066" not in shown
        assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_payloads_at_their_limits_are_shown(console, page, append):
    deep: object = 1
    for _ in range(95):
        deep = {"deeper": deep}
    event = append(
        {
            "deep": deep,
            "huge": 10**30,
            "text": 900_000 * "x",
            "many": list(range(3_000)),
            "empty": {"": "", "none": None},
        }
    )
    answer = console.get(page("event", event.position))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "1" + 30 * "0" in text
    assert "900,000 characters" in text
    assert len(text) < 600_000
