from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from eventstore.grants import tenants_of
from eventstore.models import TenantGrant

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


def test_a_role_is_asked_for_by_itself(user: User) -> None:
    grant("acme", user=user, role="reader")
    grant("globex", user=user, role="redactor")
    assert tenants_of(user, "redactor") == {"globex"}
    assert tenants_of(user, "writer") == frozenset()


def test_inactive_and_anonymous_users_have_no_tenants(user: User) -> None:
    grant("acme", user=user)
    user.is_active = False
    assert tenants_of(user) == frozenset()
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
