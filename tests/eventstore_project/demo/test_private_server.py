"""The demo on the private PostgreSQL of a checkout that was never used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore_project.embedded import places

ROOT = Path(__file__).resolve().parents[3]
NEEDED = ("audit_console", "eventstore", "eventstore_project", "templates", "manage.py")


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="eventstore-demo-") as folder:
        root = Path(folder)
        for name in NEEDED:
            source = ROOT / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, root / name)
        yield root
        place = places.of(root)
        shutil.rmtree(place.home, ignore_errors=True)
        shutil.rmtree(place.sockets, ignore_errors=True)


def demo(checkout: Path, *options: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment["EXPORT_FOLDER"] = str(checkout / "exports")
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--check", *options],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_start_that_was_killed_while_filling_begins_afresh(checkout: Path) -> None:
    with demo(checkout) as killed:
        assert killed.stdout is not None
        assert "Filling the store" in killed.stdout.readline()
        time.sleep(0.5)
        killed.kill()

    said, complaint = demo(checkout).communicate(timeout=180)

    assert complaint == ""
    assert said.splitlines()[0] == (
        "An earlier start was interrupted; beginning afresh."
    )
    assert said.splitlines()[-1] == "The demo is ready."


def test_reset_drops_the_private_database_and_fills_it_anew(checkout: Path) -> None:
    process = demo(checkout, "--reset")
    said, complaint = process.communicate(timeout=180)

    assert (process.returncode, complaint) == (0, "")
    assert said.splitlines() == [
        "The private database was dropped; beginning afresh.",
        "Filling the store: ninety days of three tenants.",
        "The demo is ready.",
    ]
