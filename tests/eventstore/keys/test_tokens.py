"""How a key is written."""

from __future__ import annotations

import hashlib
import re

from eventstore.keys.tokens import Token


def test_a_key_has_a_form_that_scanners_find() -> None:
    token = Token.new()
    assert re.fullmatch(r"es_[0-9A-Za-z]{10}_[0-9A-Za-z]{49}", token.text)
    assert token.text.startswith(f"es_{token.prefix}_")
    assert Token.read(token.text) == token


def test_a_misspelt_key_is_known_without_the_database() -> None:
    text = Token.new().text
    other = "1" if text[20] == "0" else "0"
    assert Token.read(text[:20] + other + text[21:]) is None
    assert Token.read(text[:-1]) is None
    assert Token.read(text + "\n") is None
    assert Token.read("") is None


def test_another_secret_of_the_same_key_keeps_its_prefix() -> None:
    first = Token.new()
    second = Token.new(first.prefix)
    assert second.prefix == first.prefix
    assert second.text != first.text


def test_the_digest_is_the_sha_256_of_the_text() -> None:
    token = Token.new()
    assert token.digest == hashlib.sha256(token.text.encode()).digest()
