"""Grants by name, from the command line."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import CommandError

from eventstore.grants import roles_in, tenants_of
from eventstore.roles import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ada() -> User:
    return User.objects.create_user("ada")


def grant(*args: str, **options: Any) -> list[str]:
    out = StringIO()
    call_command("eventstore_grant", *args, stdout=out, **options)
    return out.getvalue().splitlines()


def test_a_role_is_given_in_several_tenants_and_taken_back(ada: User) -> None:
    where = ["--tenant", "acme", "--tenant", "globex"]
    assert grant("ada", "auditor", *where) == [
        "ada: auditor in acme given.",
        "ada: auditor in globex given.",
    ]
    assert tenants_of(ada, "access_console") == {"acme", "globex"}

    assert grant("ada", "auditor", "--tenant", "acme", "--revoke") == [
        "ada: auditor in acme taken back."
    ]
    assert tenants_of(ada) == {"globex"}


def test_giving_and_taking_twice_changes_nothing_and_says_so(ada: User) -> None:
    grant("ada", "dpo", "--tenant", "acme")
    assert "already" in grant("ada", "dpo", "--tenant", "acme")[0]
    assert roles_in(ada, "acme") == {Role.DPO}
    grant("ada", "dpo", "--tenant", "acme", "--revoke")
    assert "was not given" in grant("ada", "dpo", "--tenant", "acme", "--revoke")[0]


def test_a_group_is_named_with_its_kind(ada: User) -> None:
    group = Group.objects.create(name="Data protection")
    ada.groups.add(group)
    grant("group:Data protection", "dpo", "--tenant", "acme")
    assert roles_in(ada, "acme") == {Role.DPO}


def test_the_list_says_who_may_do_what_where() -> None:
    grant("ada", "dpo", "--tenant", "globex")
    grant("ada", "auditor", "--tenant", "acme")
    User.objects.create_user("bob")
    grant("bob", "reader", "--tenant", "acme")

    assert grant("--list") == [
        "ada: auditor in acme",
        "bob: reader in acme",
        "ada: dpo in globex",
    ]
    assert grant("ada", "--list") == ["ada: auditor in acme", "ada: dpo in globex"]
    assert grant("--list", "--tenant", "globex") == ["ada: dpo in globex"]


def test_the_roles_are_shown_with_what_they_allow() -> None:
    lines = grant("--roles")
    assert [line.split()[0] for line in lines] == Role.values
    assert "append" in lines[Role.values.index("writer")]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("eve", "reader", "--tenant", "acme"), "There is no 'eve'"),
        (("group:none", "reader", "--tenant", "acme"), "There is no 'group:none'"),
        (("ada", "root", "--tenant", "acme"), "invalid choice"),
        (("ada", "reader"), "Say who, which role and where"),
        (("ada", "reader", "--tenant", ""), "tenant_id: is empty"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    args: tuple[str, ...], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        grant(*args)
