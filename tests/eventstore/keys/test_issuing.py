"""Keys from the command line: made, listed, rotated, revoked."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from eventstore import granting
from eventstore.exceptions import GrantError
from eventstore.grants import may, permissions_of, roles_in, tenants_of
from eventstore.keys import issuing
from eventstore.keys.tokens import Token
from eventstore.models import ApiKey, TenantGrant
from eventstore.roles import Role

pytestmark = pytest.mark.django_db


def keys(*args: str) -> str:
    out = StringIO()
    call_command("eventstore_keys", *args, stdout=out)
    return out.getvalue()


def made(*args: str) -> Token:
    said = keys("create", "ingest", *args)
    token = Token.read(re.findall(r"es_\w+", said)[0])
    assert token is not None
    return token


def test_a_key_is_shown_once_and_its_secret_is_stored_nowhere() -> None:
    token = made("--role", "writer", "--tenant", "acme")
    (row,) = ApiKey.objects.values()
    assert bytes(row["digest"]) == token.digest
    assert token.text[15:] not in str(row)
    assert token.text[15:] not in keys("list")


def test_a_key_has_the_grants_that_it_is_made_with() -> None:
    made("--role", "writer", "--tenant", "acme", "--tenant", "globex")
    key = ApiKey.objects.get()
    assert tenants_of(key, "append") == {"acme", "globex"}
    assert roles_in(key, "acme") == {Role.WRITER}
    assert not may(key, "redact", "acme")


def test_a_key_gets_and_loses_grants_by_its_prefix() -> None:
    token = made()
    key = ApiKey.objects.get()
    assert tenants_of(key) == frozenset()
    granting.give(f"key:{token.prefix}", "reader", "acme")
    assert tenants_of(key) == {"acme"}
    assert str(granting.listing()[0]) == f"key:{token.prefix}: reader in acme"
    granting.take(f"key:{token.prefix}", "reader", "acme")
    assert tenants_of(key) == frozenset()
    with pytest.raises(GrantError, match="There is no 'key:none'"):
        granting.give("key:none", "reader", "acme")


def test_scopes_narrow_what_grants_give_and_give_nothing_themselves() -> None:
    made("--role", "writer", "--tenant", "acme", "--scope", "append", "--scope=redact")
    key = ApiKey.objects.get()
    assert may(key, "append", "acme")
    assert not may(key, "view_event", "acme")
    assert not may(key, "redact", "acme")
    assert tenants_of(key) == frozenset()
    assert permissions_of(key) == {"acme": {"append"}}


def test_a_key_that_has_ended_may_nothing() -> None:
    for field in ("expires_at", "revoked_at"):
        key, _ = issuing.create(field, role="reader", tenants=["acme"])
        assert tenants_of(key) == {"acme"}
        before = ApiKey.objects.get(pk=key.pk)
        setattr(key, field, timezone.now())
        key.save()
        # Also for those who hold the key as it was.
        for held in (key, before):
            assert tenants_of(held) == frozenset()
            assert not may(held, "view_event", "acme")


def test_a_rotated_key_stays_who_it_is() -> None:
    token = made("--role", "reader", "--tenant", "acme")
    said = keys("rotate", token.prefix, "--overlap", "1")
    fresh = Token.read(re.findall(r"es_\w+", said)[0])
    assert fresh is not None
    assert fresh.prefix == token.prefix
    assert fresh.text != token.text
    key = ApiKey.objects.get()
    assert bytes(key.digest) == fresh.digest
    assert bytes(key.former_digest or b"") == token.digest
    assert tenants_of(key) == {"acme"}


def test_the_list_says_how_each_key_stands() -> None:
    first = made()
    second = made("--days", "30")
    keys("revoke", f"key:{first.prefix}")
    one, two = keys("list").splitlines()
    assert re.match(rf"key:{first.prefix}  ingest  revoked 20.*never used", one)
    assert re.match(rf"key:{second.prefix}  ingest  until 20", two)
    assert "already" in keys("revoke", first.prefix)
    with pytest.raises(CommandError, match="has ended"):
        keys("rotate", first.prefix)


def test_the_list_says_what_a_key_is_held_to() -> None:
    made()
    made("--network", "10.0.0.0/8", "--scope", "append", "--rate", "60/min")
    free, held = keys("list").splitlines()
    assert free.endswith("  never used")
    assert held.endswith("  never used  from 10.0.0.0/8  only append  60/min")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("create", " "), "needs a name"),
        (("create", "a", "--role", "reader"), "together"),
        (("create", "a", "--network", "10.0.0.1/8"), "host bits"),
        (("create", "a", "--rate", "often"), "is no rate"),
        (("create", "a", "--days", "-1"), "is over already"),
        (("create", "a", "--scope", "all"), r"choose from '?view_event"),
        (("revoke", "nothing"), "There is no key with the prefix"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    args: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        keys(*args)
    assert not ApiKey.objects.exists()


def test_a_key_that_cannot_get_its_grants_is_not_made() -> None:
    with pytest.raises(GrantError, match="no role"):
        issuing.create("a", role="root", tenants=["acme"])
    assert not ApiKey.objects.exists()


def test_scopes_that_are_none_are_refused() -> None:
    for scopes in ([], ["everything"]):
        with pytest.raises(GrantError, match="No permissions"):
            issuing.create("a", scopes=scopes)


def test_a_grant_is_for_one_principal_alone(django_user_model: type) -> None:
    key, _ = issuing.create("a", expires_at=timezone.now() + timedelta(days=1))
    user = django_user_model.objects.create_user("ann")  # type: ignore[attr-defined]  # a user model
    with pytest.raises(IntegrityError), transaction.atomic():
        TenantGrant.objects.create(tenant_id="acme", user=user, key=key)
