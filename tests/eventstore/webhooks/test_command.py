from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from eventstore.models import WebhookSecret
from eventstore.webhooks import endpoints
from tests.eventstore.webhooks.receiver import receiving

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("intranet"),
]


def run(*arguments):
    said = StringIO()
    call_command("eventstore_webhooks", *map(str, arguments), stdout=said)
    return said.getvalue()


def test_add_prints_the_secret_and_list_does_not(receiver):
    said = run("add", "acme", receiver.url, "--event-type", "A", "--event-type", "B")
    [secret] = re.findall(r"whsec_\S+", said)
    assert WebhookSecret.objects.get().secret == secret
    endpoint = endpoints.listing().get()
    assert endpoint.event_types == ["A", "B"]
    assert said.startswith(f"Webhook {endpoint.pk} is added.")
    assert run("list") == f"{endpoint.pk}  acme  {receiver.url}  active\n"
    assert run("list", "globex") == ""


@pytest.mark.parametrize("start", ["now", "beginning", "0"])
def test_add_takes_every_start(receiver, start):
    assert "is added" in run("add", "acme", receiver.url, "--start", start)


def test_another_start_is_an_error_that_names_those_there_are(receiver):
    with pytest.raises(CommandError, match="now, beginning"):
        run("add", "acme", receiver.url, "--start", "yesterday")


def test_ping_says_how_it_went(receiver):
    run("add", "acme", receiver.url)
    number = endpoints.listing().get().pk
    assert run("ping", number).startswith("HTTP 200 (")
    with receiving(lambda request: (500, {}, b"")) as broken:
        endpoints.listing().update(url=broken.url)
        assert run("ping", number).startswith("HTTP 500 (")


def test_rotate_prints_the_new_secret(receiver):
    run("add", "acme", receiver.url)
    number = endpoints.listing().get().pk
    [secret] = re.findall(r"whsec_\S+", run("rotate", number, "--overlap", "1"))
    assert endpoints.valid_secrets(endpoints.get(number))[0] == secret


def test_disable_and_enable_switch_it(receiver):
    run("add", "acme", receiver.url)
    number = endpoints.listing().get().pk
    run("disable", number, "--reason", "they moved")
    assert run("list").endswith("disabled: they moved\n")
    run("enable", number)
    assert run("list").endswith("active\n")


@pytest.mark.parametrize("arguments", [("add", "acme", "gopher://x"), ("ping", 4711)])
def test_what_cannot_be_done_is_an_error_in_words(arguments):
    with pytest.raises(CommandError):
        run(*arguments)
