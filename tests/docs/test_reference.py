"""The reference names everything that there is."""

from __future__ import annotations

import ast
import inspect
import json
import pkgutil
import re
from dataclasses import MISSING, fields

import pytest

import eventstore
import eventstore.management.commands
from audit_console import checks as console_checks
from audit_console.conf import ConsoleSettings
from eventstore import checks
from eventstore.api.documents import PATH as DOCUMENT
from eventstore.api.problems import KINDS
from eventstore.conf import StoreSettings
from eventstore.roles import PERMISSIONS, Permission, Role
from tests.docs import pages

REFERENCE = pages.ROOT / "docs" / "reference"


def text_of(page: str) -> str:
    return (REFERENCE / page).read_text()


def _commands() -> list[str]:
    found = pkgutil.iter_modules(eventstore.management.commands.__path__)
    return ["demo", *sorted(module.name for module in found)]


def _check_ids() -> list[str]:
    """The ids as the source of the checks writes them."""
    nodes = ast.walk(ast.parse(inspect.getsource(checks)))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return sorted(
        text
        for text in texts
        if isinstance(text, str) and re.fullmatch(r"eventstore\.[EWI]\d{3}", text)
    )


def _methods(name: str) -> list[str]:
    """The public methods of a class, without those that are twins of another."""
    members = vars(getattr(eventstore, name))
    own = [key for key, item in members.items() if not key.startswith("_")]
    return [
        f"{name}.{key}"
        for key in own
        if inspect.isroutine(members[key]) or isinstance(members[key], classmethod)
        if key[1:] not in members
    ]


@pytest.mark.parametrize("name", eventstore.__all__)
def test_each_name_of_the_front_door_is_in_the_reference(name: str) -> None:
    assert re.search(rf"`{name}\b", text_of("front-door.md"))


@pytest.mark.parametrize(
    "method",
    [
        method
        for name in (
            "Aggregate",
            "DomainEventPublisher",
            "DomainEventSubscriber",
            "EventMigrationHandler",
            "EventStorePublisher",
            "EventStoreService",
        )
        for method in _methods(name)
    ],
)
def test_each_method_of_the_front_door_is_in_the_reference(method: str) -> None:
    assert re.search(rf"`{method.partition('.')[2]}\b", text_of("front-door.md"))


@pytest.mark.parametrize("field", fields(StoreSettings), ids=lambda field: field.name)
def test_each_setting_is_in_the_reference_with_its_default(field: object) -> None:
    name, default = field.name, field.default  # type: ignore[attr-defined]  # a Field
    shown = f'"{default}"' if isinstance(default, str) else str(default)
    row = re.search(rf"^\| `{name}` .*$", text_of("settings.md"), re.MULTILINE)

    assert row is not None
    assert f"`{shown}`" in row[0]


@pytest.mark.parametrize("field", fields(ConsoleSettings), ids=lambda item: item.name)
def test_each_setting_of_the_console_is_in_the_reference(field: object) -> None:
    name, default = field.name, field.default  # type: ignore[attr-defined]  # a Field
    section = text_of("settings.md").partition("## The audit console")[2]
    row = re.search(rf"^\| `{name}` .*$", section, re.MULTILINE)

    assert row is not None
    if default is not MISSING:
        shown = f'"{default}"' if isinstance(default, str) else str(default)
        assert f"`{shown}`" in row[0]


def test_each_check_of_the_console_is_in_the_reference() -> None:
    source = inspect.getsource(console_checks)
    for check_id in re.findall(r"audit_console\.[EWI]\d{3}", source):
        assert f"| `{check_id}` |" in text_of("checks.md")


@pytest.mark.parametrize("name", _commands())
def test_each_command_is_in_the_reference(name: str) -> None:
    assert f"## `manage.py {name}" in text_of("commands.md")


@pytest.mark.parametrize("check_id", _check_ids())
def test_each_check_is_in_the_reference(check_id: str) -> None:
    assert f"| `{check_id}` |" in text_of("checks.md")


def test_the_reference_names_no_check_that_does_not_exist() -> None:
    shown = re.findall(
        r"^\| `(eventstore\.[EWI]\d{3})`", text_of("checks.md"), re.MULTILINE
    )

    assert sorted(shown) == _check_ids()


def test_each_error_is_in_the_reference() -> None:
    errors = {
        name
        for name in eventstore.__all__
        if inspect.isclass(getattr(eventstore, name))
        and issubclass(getattr(eventstore, name), Exception)
    }
    shown = re.findall(r"^\| `(\w+)` \|", text_of("errors.md"), re.MULTILINE)

    assert set(shown) == errors


@pytest.mark.parametrize("role", Role)
def test_each_role_is_in_the_reference_with_what_it_allows(role: Role) -> None:
    allowed = [name for name in Permission if name in PERMISSIONS[role]]
    shown = ", ".join(f"`{name}`" for name in allowed)

    assert f"| `{role.value}` | {shown} |" in text_of("roles.md")


@pytest.mark.parametrize("permission", Permission)
def test_each_permission_is_in_the_reference(permission: Permission) -> None:
    assert f"\n| `{permission}` | " in text_of("roles.md")


def test_each_problem_of_the_api_is_in_the_reference() -> None:
    shown = re.findall(
        r"^\| `(\w+)` \| (\d+) \| (.+) \| (.+) \|$", text_of("rest.md"), re.MULTILINE
    )

    assert shown == [
        (kind.code, str(kind.status), str(kind.title), str(kind.remedy))
        for kind in KINDS.values()
    ]


def test_each_operation_of_the_api_is_in_the_reference() -> None:
    document = json.loads(DOCUMENT.read_bytes())
    shown = re.findall(
        r"^\| `([A-Z]+) (.*)` \| `(\w+)` \| (.+) \|$", text_of("rest.md"), re.MULTILINE
    )

    assert shown == [
        (method.upper(), path[1:], operation["operationId"], operation["summary"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
