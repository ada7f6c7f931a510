"""What the pages hide, no file tells."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from audit_console.exports.columns import exported
from audit_console.models import Export
from eventstore.models import TenantGrant
from eventstore.roles import Permission, Role
from tests.audit_console.exports.conftest import download


def test_a_personal_value_in_a_list_is_hidden_as_on_the_pages(settings: Any) -> None:
    settings.EVENTSTORE = {
        **settings.EVENTSTORE,
        "PERSONAL_PATHS": ("/data/lines/who",),
    }
    row: Any = SimpleNamespace(
        data='{"lines": [{"who": "anna@example.org", "n": 1}]}', metadata="{}"
    )

    found = exported(row, ["data"], {Permission.VIEW_PAYLOAD})

    assert "anna@example.org" not in found.values["data"]
    assert found.hidden == ("/data/lines/0/who",)


@pytest.mark.django_db(transaction=True)
def test_a_file_with_payloads_is_for_who_may_still_see_them(
    client: Client,
    reader: Callable[..., User],
    events: Callable[..., None],
    request_export: Callable[..., Export],
    work: Callable[[], Export | None],
) -> None:
    events(2)
    owner = reader(Role.AUDITOR)
    client.force_login(owner)
    export = request_export(client)
    work()
    TenantGrant.objects.filter(user=owner).update(role=Role.SECURITY)

    assert download(client, export).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_download_asks_for_the_purpose_that_has_ended(
    client: Client,
    reader: Callable[..., User],
    events: Callable[..., None],
    request_export: Callable[..., Export],
    work: Callable[[], Export | None],
    settings: Any,
) -> None:
    events(2)
    client.force_login(reader(Role.AUDITOR))
    export = request_export(client)
    work()
    settings.AUDIT_CONSOLE = {"EXPORT_STORAGE": "exports"}

    answer = download(client, export)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/audit/purpose/?next=")
