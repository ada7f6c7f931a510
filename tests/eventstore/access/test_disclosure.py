"""What is hidden is hidden whole, named, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from eventstore.conf import store_settings
from eventstore.disclosure import disclose, is_personal
from eventstore.roles import PERMISSIONS, Permission, Role

READER = PERMISSIONS[Role.READER]
PII = PERMISSIONS[Role.PII_READER]
SECURITY = PERMISSIONS[Role.SECURITY]


def documents() -> dict[str, Any]:
    return {
        "data": {
            "title": "T",
            "owner": {"email": "ada@example.org", "team": "core"},
            "contacts": [{"phone": "1", "kind": "home"}, {"kind": "none"}],
            "a/b": {"~": 7},
        },
        "metadata": {"ip": "192.0.2.1", "actor": {"type": "user", "id": "7"}},
    }


@pytest.fixture(autouse=True)
def _personal(settings: Any) -> None:
    settings.EVENTSTORE = {
        **settings.EVENTSTORE,
        "PERSONAL_PATHS": (
            "/data/owner/email",
            "/data/contacts/*/phone",
            "/data/a~1b/~0",
            "/data/missing",
            "/data/first/0/name",
        ),
    }


def test_whoever_may_see_personal_data_sees_all() -> None:
    assert disclose(documents(), PII) == (documents(), [])


def test_personal_values_are_null_in_their_place_and_named() -> None:
    given = documents()
    shown, hidden = disclose(given, READER)

    assert shown["data"]["owner"] == {"email": None, "team": "core"}
    assert shown["data"]["contacts"] == [
        {"phone": None, "kind": "home"},
        {"kind": "none"},
    ]
    assert shown["data"]["a/b"] == {"~": None}
    assert shown["data"]["title"] == "T"
    assert shown["metadata"] == {"ip": None, "actor": {"type": "user", "id": "7"}}
    assert hidden == [
        "/metadata/ip",
        "/data/owner/email",
        "/data/contacts/0/phone",
        "/data/a~1b/~0",
    ]
    assert given == documents()


def test_without_view_payload_it_is_hidden_whole() -> None:
    shown, hidden = disclose({**documents(), "state": None}, SECURITY)

    assert shown["data"] is None
    assert shown["metadata"] == {"ip": None, "actor": {"type": "user", "id": "7"}}
    assert hidden == ["/data", "/metadata/ip"]


def test_nothing_is_said_to_be_hidden_that_is_not_there() -> None:
    given = {"data": {"title": "T"}, "metadata": {}}
    assert disclose(given, READER) == (given, [])


def test_a_document_of_an_odd_shape_hides_what_fits_and_raises_nothing() -> None:
    given = {"data": {"owner": "ada", "contacts": {"x": {"phone": "1"}}}}
    shown, hidden = disclose(given, READER)
    assert shown == {"data": {"owner": "ada", "contacts": {"x": {"phone": None}}}}
    assert hidden == ["/data/contacts/x/phone"]


def test_a_list_on_the_way_needs_no_star(settings: Any) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/lines/who", "/data/lines/1/n")}
    lines = [{"who": "ada", "n": 1}, {"who": "bob", "n": 2}, "x"]

    shown, hidden = disclose({"data": {"lines": lines}}, READER)

    assert shown == {
        "data": {"lines": [{"who": None, "n": 1}, {"who": None, "n": None}, "x"]}
    }
    assert hidden == ["/data/lines/0/who", "/data/lines/1/who", "/data/lines/1/n"]
    assert is_personal(("data", "lines", "7", "who"))
    assert lines[0] == {"who": "ada", "n": 1}


def test_a_state_is_hidden_whole_until_its_personal_paths_are_named(
    settings: Any,
) -> None:
    state = {"state": {"mail": "ada@example.org", "open": True}}
    assert disclose(state, READER) == ({"state": None}, ["/state"])
    assert disclose(state, PII) == (state, [])

    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/owner/email", "/state/mail")}
    shown, hidden = disclose(state, READER)
    assert (shown, hidden) == ({"state": {"mail": None, "open": True}}, ["/state/mail"])

    settings.EVENTSTORE = {"PERSONAL_PATHS": ()}
    assert disclose(state, READER) == (state, [])


def test_view_pii_alone_does_not_open_the_payload() -> None:
    shown, hidden = disclose(documents(), {Permission.VIEW_PII})
    assert (shown["data"], hidden) == (None, ["/data"])


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        (("data", "owner", "email"), True),
        (("data", "owner", "email", "domain"), True),
        (("data", "owner"), True),
        (("data", "contacts", "3", "phone"), True),
        (("data",), True),
        (("data", "first", "*", "name"), True),
        (("data", "first", "*", "age"), False),
        (("data", "title"), False),
        (("data", "owner", "team"), False),
        (("metadata", "ip"), True),
        (("metadata", "actor", "id"), False),
    ],
)
def test_a_path_is_personal_when_its_value_would_tell(
    path: tuple[str, ...], outcome: bool
) -> None:
    assert is_personal(path) is outcome


@pytest.mark.parametrize("path", ["data/email", "/payload/email", "/data", "", 7])
def test_a_path_that_leads_nowhere_is_found_at_start_up(
    settings: Any, path: Any
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": (path,)}
    with pytest.raises(ImproperlyConfigured, match="is no pointer into an event"):
        store_settings()
