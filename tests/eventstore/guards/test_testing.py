"""Where the guard of TRUNCATE is lifted for tests, and where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from eventstore.exceptions import EventStoreError
from eventstore.hardening import inspection
from eventstore.hardening.test_databases import is_test_database
from eventstore.testing import lift_truncate_guards
from tests.eventstore.guards.conftest import World

Ask = Callable[..., list[tuple[Any, ...]]]


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("test_shop", None, True),
        ("test_shop_1", None, True),
        ("test_shop_gw0", None, True),
        ("shop", None, False),
        ("shop_test", None, False),
        ("trial", "trial", True),
        ("trial_2", "trial", True),
        ("trial_gw0", "trial_gw0", True),
        ("trial_prod", "trial", False),
        ("trials", "trial", False),
    ],
)
def test_a_test_database_is_known_by_its_name(
    name: str, wanted: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "NAME", name)
    monkeypatch.setitem(connection.settings_dict["TEST"], "NAME", wanted)
    assert is_test_database(connection) is expected


def test_lifting_is_refused_in_any_other_database(one_role: World) -> None:
    with (
        one_role.store(),
        pytest.raises(EventStoreError, match="no test database: the guards"),
    ):
        lift_truncate_guards(one_role.database)
    with one_role.store():
        assert inspection.guard_faults() == []


@pytest.mark.django_db
def test_in_a_test_database_truncate_is_all_that_is_lifted() -> None:
    assert {
        (guard.table, guard.trigger, what) for guard, what in inspection.guard_faults()
    } == {
        (table, inspection.NO_TRUNCATE, "is disabled")
        for table in inspection.GUARDED_TABLES
    }


@pytest.mark.django_db
def test_guards_that_stand_in_a_test_database_can_be_lifted(sql: Ask) -> None:
    for table in inspection.GUARDED_TABLES:
        sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {inspection.NO_TRUNCATE}")
    assert inspection.guard_faults() == []
    lift_truncate_guards()
    assert len(inspection.guard_faults()) == len(inspection.GUARDED_TABLES)
