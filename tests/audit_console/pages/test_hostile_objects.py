from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from eventstore import store
from eventstore.roles import Role
from tests.factories import new_event

pytestmark = pytest.mark.django_db

#: What breaks out of texts, attributes, scripts, templates, addresses.
CORPUS = [
    "</script><script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    '" onfocus="alert(1)" autofocus="',
    "<svg onload=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }}{% debug %}",
    "<!--<style>]]>&lt;script&gt;",
    "\u202egnp.exe\u2066",
]
#: What the pages themselves are made of.
_SCRIPTS = {"theme.js", "htmx-2.min.js", "console.js"}


class Markup(HTMLParser):
    """Everything in a page that could run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        source = (given.get("src") or "").rpartition("/")[2]
        if tag in {"script", "iframe", "object", "embed"} and source not in _SCRIPTS:
            self.faults.append(f"<{tag}>")
        if tag in {"img", "style"}:
            self.faults.append(f"<{tag}>")
        for name, value in given.items():
            if name.startswith("on") or name in {"style", "srcdoc", "autofocus"}:
                self.faults.append(f"{tag} {name}")
            if name in {"href", "src", "action", "hx-get"} and not (
                (value or "").startswith(("/", "#", "?"))
            ):
                self.faults.append(f"{tag} {name}={value}")


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
