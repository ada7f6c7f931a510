"""Keys in Django's admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from eventstore.keys import issuing
from eventstore.models import ApiKey

pytestmark = pytest.mark.django_db

LIST = "admin:eventstore_apikey_changelist"


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_keys_are_shown_without_their_secrets_and_changed_by_nobody(
    root: Client,
) -> None:
    key, text = issuing.create("ingest", role="writer", tenants=["acme"])
    page = reverse("admin:eventstore_apikey_change", args=(key.pk,))
    for shown in (root.get(reverse(LIST)), root.get(page)):
        assert key.prefix in shown.text
        assert text[15:] not in shown.text
        assert key.digest.hex() not in shown.text
    root.post(page, {"name": "other", "scopes": "null"})
    key.refresh_from_db()
    assert key.name == "ingest"
    assert root.get(reverse("admin:eventstore_apikey_add")).status_code == 403
    gone = reverse("admin:eventstore_apikey_delete", args=(key.pk,))
    assert root.post(gone, {"post": "yes"}).status_code == 403


def revoke(client: Client, key: ApiKey) -> str:
    form = {"action": "revoke", "_selected_action": key.pk}
    return client.post(reverse(LIST), form, follow=True).text


def test_a_key_is_revoked_by_those_who_may_change_keys(client: Client) -> None:
    key, _ = issuing.create("ingest")
    user = User.objects.create_user("ann", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_apikey"))
    client.force_login(user)
    revoke(client, key)
    key.refresh_from_db()
    assert key.is_active

    user.user_permissions.add(Permission.objects.get(codename="change_apikey"))
    assert "1 key is revoked." in revoke(client, key)
    key.refresh_from_db()
    assert not key.is_active
