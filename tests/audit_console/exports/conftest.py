"""A place for the files, events that leave, and a worker without a process."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit_console.exports import making, queue
from audit_console.models import Export
from eventstore import store
from tests.audit_console.conftest import TENANT
from tests.factories import new_event


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the files lie."""
    return tmp_path / "exports"


@pytest.fixture(autouse=True)
def set_up(settings: Any, folder: Path) -> None:
    """Name a storage, and ask nobody why they read: that has tests of its own."""
    settings.STORAGES = {
        **settings.STORAGES,
        "exports": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
    }
    settings.AUDIT_CONSOLE = {"PURPOSES": {}, "EXPORT_STORAGE": "exports"}


@pytest.fixture
def events(db: None) -> Callable[..., None]:
    """Append events of one parcel each."""

    def append(count: int, tenant: str = TENANT, **fields: Any) -> None:
        given = {"aggregate_type": "Parcel", "data": {"note": "ok"}, **fields}
        name = given.pop("event_type", "ParcelMoved")
        store.append_events(
            [
                new_event(name, **{"aggregate_id": f"P-{n}", **given})
                for n in range(count)
            ],
            tenant_id=tenant,
        )

    return append


@pytest.fixture
def request_export() -> Callable[..., Export]:
    """Fill the form in as a person does, and return what lies in the queue."""

    def fill(browser: Client, query: str = "", **given: Any) -> Export:
        form = browser.get(f"/audit/exports/new/?{query}", follow=True)
        assert form.status_code == 200, form.status_code
        address = form.redirect_chain[-1][0]
        fields = {"format": "ndjson", **given}
        if "columns" not in fields:
            fields["columns"] = form.context["form"]["columns"].initial
        answer = browser.post(address, fields)
        assert answer.status_code == 302, answer.context["form"].errors
        return Export.objects.get(pk=answer["Location"].split("/")[-2])

    return fill


@pytest.fixture
def work() -> Callable[[], Export | None]:
    """Do what a worker does with the oldest export."""

    def run() -> Export | None:
        export = queue.claim("a worker")
        if export is not None:
            making.make(export, lambda: False)
            export.refresh_from_db()
        return export

    return run


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write pieces of ten events, read by four."""
    monkeypatch.setattr(making, "PIECE_EVENTS", 10)
    monkeypatch.setattr(making, "BATCH", 4)


def download(browser: Client, export: Export, part: str = "file") -> Any:
    """Post the button of a download."""
    return browser.post(f"/audit/exports/{export.pk}/{part}/")


def content(answer: Any) -> str:
    """Return what was downloaded."""
    body = io.BytesIO(
        b"".join(answer.streaming_content) if answer.streaming else answer.content
    )
    return body.getvalue().decode()
