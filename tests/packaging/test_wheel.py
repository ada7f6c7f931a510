"""The wheel, in a fresh project outside of the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from sysconfig import get_path

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.not_run import not_run

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "eventstore_wheel"

_TEST = ("manage.py", "test", "--noinput")
_SETTINGS = """
import os

INSTALLED_APPS += ["eventstore", "host"]
TEST_RUNNER = "host.runner.Runner"
DATABASES = {{"default": {database!r}}}
DATABASES["default"]["TEST"] = {{"NAME": os.environ.get("TEST_NAME") or None}}
"""
_RUNNER = """
from django.test.runner import DiscoverRunner
from eventstore.testing import EventStoreTestRunnerMixin


class Runner(EventStoreTestRunnerMixin, DiscoverRunner):
    pass
"""
_APPEND = """
from eventstore import DomainEvent, store
event = DomainEvent(event_type="Opened", aggregate_type="Door", aggregate_id="front")
stored = store.append_event(event, "acme")
print(stored.aggregate_version, len(store.get_events_for_aggregate("front", "acme")))
"""
# Each test begins with an empty log, or its first version would not be 1.
_TESTS = """
from django.db import DatabaseError, connection
from django.test import TestCase, TransactionTestCase
from eventstore import DomainEvent, store


class Appends:
    def append(self):
        event = DomainEvent(
            event_type="Opened", aggregate_type="Door", aggregate_id="front"
        )
        stored = store.append_event(event, "acme", expected_version=0)
        self.assertEqual(stored.aggregate_version, 1)

    test_one = test_another = append

    def test_history_is_guarded_all_the_same(self):
        self.append()
        with self.assertRaisesMessage(DatabaseError, "stored events are never deleted"):
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM stored_domain_events")


class Tests(Appends, TestCase):
    pass


class TransactionTests(Appends, TransactionTestCase):
    pass
"""
_SERIALIZED = """
from django.test import TransactionTestCase
from host.tests import Appends


class SerializedTests(Appends, TransactionTestCase):
    serialized_rollback = True
"""


@dataclass(frozen=True)
class Host:
    """A project that has installed the wheel."""

    folder: Path
    python: Path

    def run(self, *arguments: str, **environment: str) -> str:
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        done = subprocess.run(
            [str(self.python), *arguments],
            cwd=self.folder,
            env={**kept, "DJANGO_SETTINGS_MODULE": "host.settings", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "Could not find a version" in done.stdout + done.stderr:
        not_run("the wheel", "hatchling cannot be installed without a package index")
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = out.iterdir()
    return built


@pytest.fixture(scope="session")
def host(
    wheel: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("host")
    python = _environment(folder / "venv", wheel)
    project = Host(folder / "project", python)
    project.folder.mkdir()
    project.run("-m", "django", "startproject", "host", ".", DJANGO_SETTINGS_MODULE="")
    package = project.folder / "host"
    with (package / "settings.py").open("a") as settings:
        settings.write(_SETTINGS.format(database=_database()))
    (package / "runner.py").write_text(_RUNNER)
    (package / "tests.py").write_text(_TESTS)
    (package / "serialized.py").write_text(_SERIALIZED)
    _recreate_database(django_db_blocker)
    yield project
    _drop_databases(django_db_blocker)


def _environment(folder: Path, wheel: Path) -> Path:
    """A virtual environment: the wheel, and from here what it depends on."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run(
        [*pip, "install", "-q", "--no-deps", "--no-index", wheel], check=True
    )
    [packages] = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(get_path("purelib"))
    return python


def _database() -> dict[str, object]:
    given = connection.settings_dict
    names = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT")
    return {**{name: given[name] for name in names}, "NAME": DATABASE}


def _recreate_database(blocker: DjangoDbBlocker) -> None:
    _drop_databases(blocker)
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {DATABASE}")


def _drop_databases(blocker: DjangoDbBlocker) -> None:
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [DATABASE])
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_wheel_holds_the_app_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops <= {"eventstore", "audit_console"}
    expected = {
        str(file.relative_to(ROOT))
        for package in ("eventstore", "audit_console")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert "eventstore/py.typed" in expected
    assert "eventstore/sql/schema/functions/eventstore_redact_v1.sql" in expected
    templates = {
        f"{file.parts[0]}/templates/{file}"
        for package in ("eventstore", "audit_console")
        for path in (ROOT / "templates" / package).rglob("*")
        if path.is_file()
        for file in [path.relative_to(ROOT / "templates")]
    }
    assert names >= expected | templates
    assert not [name for name in names if "/tests/" in name or name.endswith(".pyc")]


def test_a_fresh_project_migrates_checks_and_appends(host: Host) -> None:
    outside = host.run("-c", "import eventstore; print(eventstore.__file__)")
    assert str(host.folder.parent) in outside
    host.run("manage.py", "migrate", "-v0")
    assert "no issues" in host.run("manage.py", "check", "--database", "default")
    host.run("manage.py", "makemigrations", "--check", "--dry-run")
    assert host.run("-c", "import django; django.setup()" + _APPEND).split() == [
        "1",
        "1",
    ]


@pytest.mark.parametrize(
    "options", [(), ("--keepdb", "--parallel", "2")], ids=["alone", "in parallel"]
)
@pytest.mark.parametrize("name", ["", f"{DATABASE}_named"], ids=["", "with a name"])
def test_its_own_tests_pass_with_the_runner_s_mixin(
    host: Host, options: tuple[str, ...], name: str
) -> None:
    for _ in range(2 if options else 1):
        told = host.run(*_TEST, "host.tests", *options, TEST_NAME=name)
        assert "Ran 6 tests" in told


def test_its_tests_with_a_serialized_roll_back_pass(host: Host) -> None:
    assert "Ran 3 tests" in host.run(*_TEST, "host.serialized")


def test_its_own_tests_pass_with_pytest(host: Host) -> None:
    for option in ("--create-db", "--reuse-db"):
        told = host.run("-m", "pytest", "-q", option, "host/tests.py")
        assert "6 passed" in told
