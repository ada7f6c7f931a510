from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from eventstore.models import TenantGrant


@pytest.fixture
def ann(db: None) -> User:
    """A reader of acme and of nothing else."""
    user = User.objects.create_user("ann")
    TenantGrant.objects.create(user=user, tenant_id="acme")
    return user


@pytest.fixture
def client(ann: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(ann)
    return client


@pytest.fixture
def writer(ann: User, client: APIClient) -> APIClient:
    """Ann, who may also append in acme."""
    TenantGrant.objects.create(user=ann, tenant_id="acme", role="writer")
    return client
