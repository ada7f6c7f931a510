"""The worker: stopped, killed, resumed; what it leaves is marked until it is whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from audit_console.exports import making, queue
from audit_console.exports.worker import AuditWorker
from audit_console.models import Export, ExportWorker
from eventstore.models import TenantGrant
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT
from tests.audit_console.exports.conftest import content, download

ROOT = Path(__file__).resolve().parents[3]

Fixture = Callable[..., Any]

#: A worker that is killed as power failures kill: while it writes its third piece.
KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.STORAGES = {**settings.STORAGES, "exports": {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": sys.argv[1]}}}
settings.AUDIT_CONSOLE = {"PURPOSES": {}, "EXPORT_STORAGE": "exports"}
from django.core.management import call_command
from audit_console.exports import files, making
making.PIECE_EVENTS, making.BATCH = 10, 4
save = files.save_piece
def save_and_die(export, number, ending, text):
    name = save(export, number, ending, text)
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return name
files.save_piece = save_and_die
call_command("audit_worker", "--once")
"""


def run_killed(folder: Path) -> int:
    known = connection.settings_dict
    user, password, host, port, name = (
        quote(str(known[key] or ""), safe="")
        for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")
    )
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "eventstore_project.settings",
            "DATABASE_URL": f"postgresql://{user}:{password}@{host}:{port}/{name}",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def without_head(text: str) -> list[str]:
    return text.splitlines()[1:]


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_marked_pieces_and_the_next_one_makes_the_whole(
    console: Client,
    events: Fixture,
    request_export: Fixture,
    folder: Path,
    small_pieces: None,
) -> None:
    events(57)
    first = request_export(console)
    AuditWorker().run(until_idle=True)
    first.refresh_from_db()
    undisturbed = content(download(console, first))
    export = request_export(console)

    assert run_killed(folder) == -signal.SIGKILL

    left = folder / "audit-exports" / str(export.pk)
    assert len(names(left)) == 4
    assert all(name.startswith("INCOMPLETE-") for name in names(left))
    for piece in left.glob("*.ndjson"):
        last = json.loads(piece.read_text().splitlines()[-1])
        assert (last["record"], last["complete"]) == ("INCOMPLETE", False)
    manifest = json.loads((left / "INCOMPLETE-manifest.json").read_text())
    assert manifest["complete"] is False
    export.refresh_from_db()
    assert (export.state, export.events) == ("running", 24)

    # Its lease runs out.
    ExportWorker.objects.update(seen_at=Now() - timedelta(seconds=queue.LEASE + 1))
    AuditWorker().run(until_idle=True)

    export.refresh_from_db()
    assert (export.state, export.events) == ("ready", 57)
    resumed = content(download(console, export))
    assert without_head(resumed) == without_head(undisturbed)
    assert names(left)[-1] == "manifest.json"


@pytest.mark.django_db
class TestClaims:
    def test_what_a_living_worker_has_in_hand_nobody_else_takes(
        self, console: Client, events: Fixture, request_export: Fixture
    ) -> None:
        events(1)
        request_export(console)
        queue.beat("first")

        assert queue.claim("first") is not None
        assert queue.claim("second") is None
        queue.leave("first")
        assert queue.claim("second") is not None

    def test_a_worker_that_was_taken_over_writes_nothing_more(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        small_pieces: None,
        folder: Path,
    ) -> None:
        events(25)
        request_export(console)
        first = queue.claim("first")
        assert first is not None

        def taken_over() -> bool:
            Export.objects.update(worker="second")
            return False

        with pytest.raises(queue.LostExport):
            making.make(first, taken_over)
        assert [name for name in names(folder) if name.endswith(".ndjson")] == []

    def test_a_stop_gives_it_back_and_the_next_goes_on_from_there(
        self,
        console: Client,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        small_pieces: None,
    ) -> None:
        events(25)
        export = request_export(console)
        claimed = queue.claim("first")
        assert claimed is not None
        answers = iter([False, True])
        making.make(claimed, lambda: next(answers))

        export.refresh_from_db()
        assert (export.state, export.events) == ("queued", 12)
        done = work()
        assert (done.state, done.events) == ("ready", 25)
        positions = [
            json.loads(line)["position"]
            for line in content(download(console, done)).splitlines()[1:-1]
        ]
        assert positions == sorted(set(positions))
        assert len(positions) == 25

    def test_what_was_written_under_wider_grants_is_written_anew(
        self,
        client: Client,
        reader: Fixture,
        events: Fixture,
        request_export: Fixture,
        work: Fixture,
        small_pieces: None,
    ) -> None:
        events(25, data={"note": "for few eyes"})
        user = reader(Role.AUDITOR)
        client.force_login(user)
        request_export(client)
        claimed = queue.claim("first")
        assert claimed is not None
        answers = iter([False, True])
        making.make(claimed, lambda: next(answers))
        TenantGrant.objects.all().delete()
        TenantGrant.objects.create(user=user, tenant_id=TENANT, role=Role.SECURITY)

        done = work()

        assert done.events == 25
        assert "for few eyes" not in content(download(client, done))

    def test_attempts_without_progress_come_to_an_end(
        self, console: Client, events: Fixture, request_export: Fixture
    ) -> None:
        events(1)
        request_export(console)
        Export.objects.update(attempts=queue.MOST_ATTEMPTS)
        claimed = queue.claim("a worker")
        assert claimed is not None

        AuditWorker()._make(claimed)

        export = Export.objects.get()
        assert export.state == "failed"
        assert "without progress" in export.failure
