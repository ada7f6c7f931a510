"""The pages of a redaction, as forms without script: who sees what, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_console.models import AccessRecord
from eventstore import redaction, store
from eventstore.models import EventRedaction, RedactionRequest, TenantGrant
from eventstore.roles import Role
from eventstore.types import StoredDomainEvent
from tests.audit_console.conftest import TENANT
from tests.audit_console.redactions.conftest import browser_of
from tests.factories import new_event

# The record of each access is committed for itself.
pytestmark = pytest.mark.django_db

LIST = "/audit/redactions/"
NEW = "/audit/redactions/new/"
GONE = {"redacted": True}
Events = list[StoredDomainEvent]


def at(request: RedactionRequest, below: str = "") -> str:
    return f"{LIST}{request.pk}/{below}"


def text_of(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def status_of(request: RedactionRequest) -> str:
    return RedactionRequest.objects.get(pk=request.pk).status


def new_draft(browser: Client, *positions: int, reason: str = "Erasure") -> str:
    """Fill the form of a new draft in and send it; return where it leads."""
    query = "&".join(f"e={position}" for position in positions)
    token = re.search(
        r'name="token" value="([^"]+)"', text_of(browser, f"{NEW}?{query}")
    )
    assert token is not None
    sent = {"e": positions, "reason": reason, "token": token[1]}
    first, again = (browser.post(NEW, sent)["Location"] for _twice in range(2))
    assert again == first
    return first


def test_a_request_goes_all_the_way_by_plain_forms(
    vera: Client, otto: Client, events: Events
) -> None:
    first, second, _third = events
    page = new_draft(vera, first.position, second.position)
    assert RedactionRequest.objects.count() == 1
    vera.post(
        f"{page}fields/{first.position}/",
        {"what": "fields", "field": ["/data/name", "/metadata/ip"]},
    )
    shown = text_of(vera, page)
    assert "1 whole payload, 2 fields" in " ".join(shown.split())
    assert "Ingrid Solheim" in shown

    sent = vera.post(page, {"act": "submit", "reason": "Erasure", "case_number": "D-1"})
    assert (sent.status_code, sent["Location"]) == (302, page)
    vera.post(page, {"act": "submit", "reason": "Erasure", "case_number": "D-1"})
    assert "Ingrid Solheim" in text_of(otto, f"{page}decide/")
    for _twice in range(2):
        answer = otto.post(f"{page}decide/", {"act": "approve", "events": "2"})
        assert answer["Location"] == page

    assert store.get_event(first.event_id, TENANT).data["name"] == GONE
    assert store.get_event(second.event_id, TENANT).data == GONE
    shown = text_of(otto, page)
    assert "2 of 2 events" in shown
    assert "Ingrid" not in shown
    for event in (first, second):
        (record,) = store.get_redactions(event.event_id, TENANT)
        assert record.redaction_id in shown
    assert EventRedaction.objects.count() == 2


def test_the_page_of_a_redacted_event_leads_to_the_request(
    otto: Client, dpo: User, waiting: RedactionRequest, events: Events
) -> None:
    redaction.approve(dpo, waiting, events=2)
    redaction.execute(dpo, waiting)

    shown = text_of(otto, f"/audit/events/{events[0].position}/")

    assert f'href="{at(waiting)}"' in shown
    assert waiting.reference in shown


def test_a_wrong_number_approves_nothing_and_says_so(
    otto: Client, waiting: RedactionRequest
) -> None:
    for given in ("3", "two", ""):
        answer = otto.post(
            at(waiting, "decide/"), {"act": "approve", "events": given}, follow=True
        )
        assert answer.status_code == 200
        assert status_of(waiting) == "submitted"
    assert EventRedaction.objects.count() == 0


def test_the_requester_and_others_without_the_role_cannot_decide(
    vera: Client, waiting: RedactionRequest, reader: Callable[..., User]
) -> None:
    root = reader(Role.AUDITOR, name="root")
    root.is_superuser = root.is_staff = True
    root.save()
    for browser in (vera, browser_of(root)):
        assert 'value="approve"' not in text_of(browser, at(waiting, "decide/"))
        for sent in (
            {"act": "approve", "events": "2"},
            {"act": "reject", "why": "no"},
        ):
            browser.post(at(waiting, "decide/"), sent)
        browser.post(at(waiting), {"act": "execute"})
    assert status_of(waiting) == "submitted"
    assert EventRedaction.objects.count() == 0


def test_a_rejection_shows_its_reason(
    vera: Client, otto: Client, waiting: RedactionRequest
) -> None:
    empty = otto.post(at(waiting, "decide/"), {"act": "reject", "why": " "})
    assert "This field is required" in empty.content.decode()
    otto.post(at(waiting, "decide/"), {"act": "reject", "why": "A dispute is open."})

    assert status_of(waiting) == "rejected"
    assert "A dispute is open." in text_of(vera, at(waiting))


def test_the_requester_withdraws_and_nobody_else_does(
    vera: Client, otto: Client, waiting: RedactionRequest
) -> None:
    otto.post(at(waiting), {"act": "withdraw", "why": "x"})
    assert status_of(waiting) == "submitted"
    vera.post(at(waiting), {"act": "withdraw", "why": "Wrong customer"})

    assert status_of(waiting) == "withdrawn"
    assert "Wrong customer" in text_of(otto, at(waiting))


def test_values_are_shown_to_whoever_may_see_them_alone(
    settings,
    waiting: RedactionRequest,
    reader: Callable[..., User],
    events: Events,
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/name",)}
    auditor = browser_of(reader(Role.AUDITOR, name="aud"))
    guard = browser_of(reader(Role.SECURITY, name="sec"))
    stranger = browser_of(reader(Role.DPO, name="far", tenants=("other",)))

    shown = text_of(auditor, at(waiting))
    assert "/data/name" in shown
    assert "Ingrid" not in shown
    assert "192.0.2.7" not in shown
    assert "Oslo" not in text_of(guard, at(waiting))
    for below in ("", "decide/", f"fields/{events[0].position}/"):
        assert stranger.get(at(waiting, below)).status_code in {403, 404}
    assert text_of(stranger, LIST).count(waiting.reference) == 0


def test_fields_that_a_person_does_not_see_cannot_be_chosen(
    settings, reader: Callable[..., User], dpo: User, events: Events
) -> None:
    settings.EVENTSTORE = {"PERSONAL_PATHS": ("/data/name",)}
    user = reader(Role.PRIVACY_OFFICER, name="vera")
    made = redaction.draft(user, [events[0].position], reason="why")
    browser, page = browser_of(user), at(made, f"fields/{events[0].position}/")
    assert 'value="/data/name"' in text_of(browser, page)

    # A role with request_redaction always sees personal values: narrow it by hand.
    from eventstore import roles

    allowed = dict(roles.PERMISSIONS)
    allowed[Role.PRIVACY_OFFICER] -= {roles.Permission.VIEW_PII}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roles, "PERMISSIONS", allowed)
        assert 'value="/data/name"' not in text_of(browser, page)
        browser.post(page, {"what": "fields", "field": "/data/name"})
    assert made.items.get().fields == []


def test_a_choice_holds_for_the_other_events_of_its_type_too(
    vera: Client, officer: User, events: Events
) -> None:
    made = redaction.draft(officer, [event.position for event in events], reason="why")
    page = at(made, f"fields/{events[0].position}/")
    sent = {"what": "fields", "field": ["/data/at/city", "/data/at"], "same": "1"}

    vera.post(page, sent)
    fields = list(made.items.order_by("position").values_list("fields", flat=True))
    assert fields == [["/data/at/city", "/data/at"]] * 2 + [[]]

    vera.post(page, {"what": "fields", "field": ["/data/none"]})
    assert made.items.order_by("position")[0].fields == fields[0]
    vera.post(page, {"what": "payload"})
    assert made.items.order_by("position")[0].fields == []


def test_fields_ticked_beside_the_whole_payload_are_asked_about(
    vera: Client, officer: User, events: Events
) -> None:
    made = redaction.draft(officer, [events[0].position], reason="why")
    page = at(made, f"fields/{events[0].position}/")

    answer = vera.post(page, {"what": "payload", "field": ["/data/name"]})

    text = answer.content.decode()
    assert "which is it?" in text
    assert re.search(r'value="/data/name"\s+checked', text)
    assert made.items.get().fields == []
    vera.post(page, {"what": "fields", "field": ["/data/name"]})
    # Somebody thinks better of it: what was chosen before is ticked still.
    assert vera.post(page, {"what": "payload", "field": ["/data/name"]})["Location"]
    assert made.items.get().fields == []


def test_an_event_is_taken_out_of_a_draft(
    vera: Client, officer: User, events: Events
) -> None:
    made = redaction.draft(officer, [event.position for event in events], reason="why")

    vera.post(at(made), {"act": "take_out", "position": events[1].position})

    assert made.items.count() == 2
    assert vera.post(at(made), {"act": "nonsense"}).status_code == 400


def test_more_than_200_events_are_refused_and_said(vera: Client, history: None) -> None:
    stored = store.append_events([new_event() for _ in range(201)], TENANT)
    positions = [event.position for event in stored]
    query = "&".join(f"e={position}" for position in positions)

    assert "more than 200 events" in text_of(vera, f"{NEW}?{query}")
    answer = vera.post(NEW, {"e": positions, "reason": "x", "token": "t"})
    assert "201 events; one request has 200 at most" in answer.content.decode()
    of_aggregate = f"{NEW}?tenant={TENANT}&type=Requirement&id=R-1"
    assert "more than 200 events" in text_of(vera, of_aggregate)
    assert RedactionRequest.objects.count() == 0


def test_events_of_several_tenants_are_split(
    reader: Callable[..., User], events: Events
) -> None:
    user = reader(Role.PRIVACY_OFFICER, name="vera", tenants=(TENANT, "other"))
    other = store.append_event(new_event(), "other")

    shown = text_of(
        browser_of(user), f"{NEW}?e={events[0].position}&e={other.position}"
    )

    assert "Make a request for each" in shown
    assert f"{NEW}?e={other.position}" in shown


def test_a_draft_begins_from_event_aggregate_and_selection(
    vera: Client, events: Events
) -> None:
    position = events[0].position
    assert f'href="{NEW}?e={position}"' in text_of(vera, f"/audit/events/{position}/")
    aggregate = f"tenant={TENANT}&type=Customer&id=C-17"
    shown = text_of(vera, f"/audit/aggregate/?{aggregate}")
    assert f'href="{NEW}?{aggregate.replace("&", "&amp;")}"' in shown
    assert f'formaction="{NEW}"' in text_of(vera, "/audit/events/")
    assert text_of(vera, f"{NEW}?{aggregate}").count('name="e"') == 3


def test_who_may_not_request_is_offered_nothing(
    console: Client, events: Events
) -> None:
    position = events[0].position
    for address in (f"/audit/events/{position}/", "/audit/events/"):
        assert NEW not in text_of(console, address)
    assert console.get(f"{NEW}?e={position}").status_code == 403


def test_each_view_and_each_act_is_on_record(
    otto: Client, waiting: RedactionRequest, events: Events
) -> None:
    otto.get(LIST)
    otto.get(at(waiting))
    otto.post(at(waiting, "decide/"), {"act": "approve", "events": "7"})
    otto.post(at(waiting, "decide/"), {"act": "approve", "events": "2"})

    rows = list(AccessRecord.objects.order_by("id").values_list("act", "outcome"))
    assert rows == [
        ("list redactions", "shown"),
        ("view redaction", "shown"),
        ("decide on redaction", "done"),
        ("decide on redaction", "denied"),
        ("decide on redaction", "done"),
        ("decide on redaction", "done"),
    ]
    seen = AccessRecord.objects.get(act="view redaction").objects_seen
    assert set(seen) == {
        f"redaction:{waiting.pk}",
        *(f"event:{event.position}" for event in events[:2]),
    }


def test_the_list_shows_what_waits(console: Client, waiting: RedactionRequest) -> None:
    assert waiting.reference in text_of(console, f"{LIST}?status=submitted")
    assert waiting.reference not in text_of(console, f"{LIST}?status=executed")
    assert waiting.reference in text_of(console, f"{LIST}?status=nonsense")


def test_a_removal_that_broke_off_is_taken_up_again(
    otto: Client, dpo: User, waiting: RedactionRequest
) -> None:
    redaction.approve(dpo, waiting, events=2)
    assert "Go on with the removal" in text_of(otto, at(waiting))

    otto.post(at(waiting), {"act": "execute"})

    assert status_of(waiting) == "executed"


def test_a_lapsed_approval_is_told_and_waits_again(
    vera: Client, dpo: User, waiting: RedactionRequest, reader: Callable[..., User]
) -> None:
    redaction.approve(dpo, waiting, events=2)
    TenantGrant.objects.filter(user=dpo).delete()

    shown = vera.post(at(waiting), {"act": "execute"}, follow=True).content.decode()

    assert "otto may no longer approve" in shown
    assert "a grant of the role" in shown
    assert status_of(waiting) == "submitted"


def test_what_failed_is_listed(
    vera: Client, otto: Client, officer: User, dpo: User, events: Events
) -> None:
    made = redaction.draft(officer, [event.position for event in events], reason="why")
    redaction.choose_fields(officer, made, {events[0].position: ["/data/nothing"]})
    redaction.submit(officer, made)
    assert "it will fail" in text_of(otto, at(made, "decide/"))
    otto.post(at(made, "decide/"), {"act": "approve", "events": "3"})

    shown = text_of(vera, at(made))
    assert "1 event could not be redacted" in " ".join(shown.split())
    assert "nothing at &#x27;/data/nothing&#x27;" in shown


def test_one_person_is_enough_where_the_settings_say_so(
    settings, vera: Client, officer: User, events: Events
) -> None:
    settings.EVENTSTORE = {"REDACTION_SECOND_PERSON": False}
    page = new_draft(vera, events[0].position)
    vera.post(page, {"act": "submit", "reason": "Erasure"})
    assert 'value="approve"' in text_of(vera, f"{page}decide/")
    vera.post(f"{page}decide/", {"act": "approve", "events": "1"})

    assert store.get_event(events[0].event_id, TENANT).data == GONE


def test_hostile_texts_stay_texts(
    vera: Client, otto: Client, reader: Callable[..., User], dpo: User
) -> None:
    evil = '"><script>alert(1)</script>'
    event = store.append_event(
        new_event(
            evil,
            aggregate_type=evil,
            aggregate_id=evil,
            data={evil: evil, "\u202e/~": ["<b>"]},
        ),
        TENANT,
    )
    page = new_draft(vera, event.position, reason=evil)
    fields = f"{page}fields/{event.position}/"
    vera.post(fields, {"what": "fields", "field": ["/data/\u202e~1~0"]})
    vera.post(page, {"act": "submit", "reason": evil, "case_number": evil[:20]})
    addresses = [page, fields, LIST, f"{NEW}?e={event.position}"]
    for browser, address in [(vera, each) for each in addresses] + [
        (otto, f"{page}decide/")
    ]:
        shown = text_of(browser, address)
        assert "<script>alert" not in shown
        assert "\u202e" not in shown.replace('value="/data/\u202e~1~0"', "")
    otto.post(f"{page}decide/", {"act": "approve", "events": "1"})
    assert store.get_event(event.event_id, TENANT).data["\u202e/~"] == GONE
