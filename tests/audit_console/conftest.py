"""Readers with grants, and a little history for them to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from eventstore import store
from eventstore.models import TenantGrant
from eventstore.roles import Role
from tests.factories import new_event

TENANT = "acme"


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Hash passwords quickly: what is tried here is not how slowly they are hashed."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def reader(db: None) -> Callable[..., User]:
    """Make a user with the roles in the tenants; neither staff nor superuser."""

    def make(*roles: Role, name: str = "anna", tenants: tuple[str, ...] = (TENANT,)):
        user = User.objects.create_user(name, password="a long enough secret")
        TenantGrant.objects.bulk_create(
            TenantGrant(user=user, tenant_id=tenant, role=role)
            for tenant in tenants
            for role in roles
        )
        return user

    return make


@pytest.fixture
def auditor(reader: Callable[..., User]) -> User:
    return reader(Role.AUDITOR)


@pytest.fixture
def console(client: Client, auditor: User) -> Client:
    """A browser in which an auditor is logged in."""
    client.force_login(auditor)
    return client


@pytest.fixture
def history(db: None) -> None:
    """Two events of one requirement."""
    store.append_events(
        [new_event(), new_event("RequirementApproved", data={"by": "ben"})],
        tenant_id=TENANT,
    )
