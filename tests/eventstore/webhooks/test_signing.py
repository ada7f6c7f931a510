from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.exceptions import WebhookError
from eventstore.webhooks import signing


def test_the_published_example_of_standard_webhooks_is_signed_as_published():
    # libraries/javascript/src/webhook.test.ts of standard-webhooks/standard-webhooks.
    signed = signing.headers(
        ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_give_two_signatures_parted_by_a_space():
    old, new = signing.new_secret(), signing.new_secret()
    both = signing.headers([new, old], "id", 1, b"x")["webhook-signature"]
    alone = [
        signing.headers([one], "id", 1, b"x")["webhook-signature"] for one in (new, old)
    ]
    assert both.split(" ") == alone
    assert alone[0] != alone[1]


def test_a_new_secret_is_32_random_bytes_in_base64_behind_its_prefix():
    secret = signing.new_secret()
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret[6:], validate=True)) == 32
    assert secret != signing.new_secret()


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "hunter2",
        "whsec_",
        "whsec_not base64",
        "whsec_" + base64.b64encode(bytes(23)).decode(),
        "whsec_" + base64.b64encode(bytes(65)).decode(),
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_repeated(secret):
    with pytest.raises(WebhookError) as refused:
        signing.check_secret(secret)
    assert str(refused.value) == (
        "A secret is 'whsec_' and the base64 of 24 to 64 random bytes."
    )


def test_a_secret_of_24_bytes_is_taken():
    secret = "whsec_" + base64.b64encode(bytes(24)).decode()
    assert signing.check_secret(secret) == secret


def test_the_id_of_a_usual_event_goes_into_the_header_as_it_is():
    assert signing.message_id("0199-abc_D") == "0199-abc_D"


@given(st.text(min_size=1).filter(lambda text: not text.isascii() or "." in text))
def test_any_other_id_becomes_one_that_is_safe_in_a_header_and_always_the_same(text):
    text = text.encode(errors="replace").decode()
    made = signing.message_id(text)
    assert made == signing.message_id(text)
    assert made.replace("_", "").isalnum()
    assert made.isascii()


@pytest.mark.parametrize("event_id", ["a.b", "a\nb", "a b", "é"])
def test_an_id_that_could_be_read_in_two_ways_is_replaced(event_id):
    assert signing.message_id(event_id).startswith("evt_")
