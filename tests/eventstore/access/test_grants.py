from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.models import Permission as DjangoPermission
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from eventstore.grants import may, permissions_of, roles_in, tenants_of
from eventstore.models import TenantGrant
from eventstore.roles import Permission, Role, permissions_of_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ann")


def grant(tenant: str, **principal_and_role: Any) -> TenantGrant:
    return TenantGrant.objects.create(tenant_id=tenant, **principal_and_role)


def test_without_a_grant_nobody_sees_a_tenant(user: User) -> None:
    other = User.objects.create_user("bob")
    grant("acme", user=other)
    grant("globex", group=Group.objects.create(name="not hers"))
    assert tenants_of(user) == frozenset()


def test_a_superuser_sees_what_the_grants_say() -> None:
    root = User.objects.create_superuser("root")
    grant("acme", user=User.objects.create_user("bob"))
    assert tenants_of(root) == frozenset()
    grant("acme", user=root)
    assert tenants_of(root) == {"acme"}


def test_grants_come_directly_and_by_groups_each_tenant_once(user: User) -> None:
    group = Group.objects.create(name="auditors")
    user.groups.add(group)
    grant("acme", user=user)
    grant("acme", user=user, role="writer")
    grant("acme", group=group)
    grant("globex", group=group)
    assert tenants_of(user) == {"acme", "globex"}


def test_a_permission_is_asked_for_by_itself(user: User) -> None:
    grant("acme", user=user, role="reader")
    grant("globex", user=user, role="redactor")
    assert tenants_of(user, Permission.REDACT) == {"globex"}
    assert tenants_of(user, "append") == frozenset()
    assert may(user, "redact", "globex")
    assert not may(user, "redact", "acme")
    assert not may(user, "view_event", "elsewhere")


def test_roles_add_up_within_a_tenant_and_not_across(user: User) -> None:
    group = Group.objects.create(name="officers")
    user.groups.add(group)
    grant("acme", user=user, role="reader")
    grant("acme", group=group, role="dpo")
    grant("globex", user=user, role="reader")

    assert roles_in(user, "acme") == {Role.READER, Role.DPO}
    assert may(user, Permission.APPROVE_REDACTION, "acme")
    assert not may(user, Permission.APPROVE_REDACTION, "globex")
    assert permissions_of(user) == {
        "acme": permissions_of_roles(["reader", "dpo"]),
        "globex": permissions_of_roles(["reader"]),
    }


def test_a_misspelt_permission_is_an_error_and_no_silent_refusal(user: User) -> None:
    with pytest.raises(ValueError, match="redcat"):
        may(user, "redcat", "acme")
    with pytest.raises(ValueError, match="reader"):
        tenants_of(user, "reader")


def test_a_role_that_is_none_of_ours_gives_nothing(user: User) -> None:
    grant("acme", user=user, role="root")
    assert tenants_of(user) == frozenset()
    assert permissions_of(user) == {"acme": frozenset()}
    assert roles_in(user, "acme") == frozenset()


def test_djangos_permissions_and_flags_give_nothing(user: User) -> None:
    user.user_permissions.set(DjangoPermission.objects.all())
    user.is_staff = user.is_superuser = True
    user.save()
    grant("acme", user=User.objects.create_user("bob"), role="dpo")
    for permission in Permission:
        assert not may(user, permission, "acme")
        assert not tenants_of(user, permission)


@pytest.mark.parametrize("tenant", ["", "a\0b", "\ud800"])
def test_what_cannot_be_a_tenant_gives_nothing(user: User, tenant: str) -> None:
    assert not may(user, "view_event", tenant)
    assert roles_in(user, tenant) == frozenset()


def test_inactive_and_anonymous_users_have_no_tenants(user: User) -> None:
    grant("acme", user=user)
    user.is_active = False
    assert tenants_of(user) == frozenset()
    assert not may(user, "view_event", "acme")
    assert tenants_of(AnonymousUser()) == frozenset()


def test_leaving_a_group_takes_its_tenants_away(user: User) -> None:
    group = Group.objects.create(name="auditors")
    user.groups.add(group)
    grant("acme", group=group)
    assert tenants_of(user) == {"acme"}
    user.groups.remove(group)
    assert tenants_of(user) == frozenset()


def test_it_takes_one_query_and_none_for_strangers(
    user: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    group = Group.objects.create(name="auditors")
    user.groups.add(group)
    grant("acme", group=group)
    with django_assert_num_queries(1):
        tenants_of(user)
    with django_assert_num_queries(0):
        tenants_of(AnonymousUser())


def test_a_grant_is_for_a_user_or_a_group_and_never_for_both_or_none(
    user: User,
) -> None:
    group = Group.objects.create(name="auditors")
    principals: list[dict[str, Any]] = [{}, {"user": user, "group": group}]
    for principal in principals:
        with pytest.raises(IntegrityError), transaction.atomic():
            grant("acme", **principal)
