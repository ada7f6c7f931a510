"""The table of roles: what the console's page of roles and the machines need."""

from __future__ import annotations

import pytest

from eventstore.roles import (
    PERMISSIONS,
    Permission,
    Role,
    permissions_of_roles,
    roles_with,
)

CONSOLE = {
    Role.AUDITOR,
    Role.LEAD_AUDITOR,
    Role.PRIVACY_OFFICER,
    Role.DPO,
    Role.SECURITY,
    Role.PLATFORM_ADMIN,
}


def test_each_role_has_its_row_and_sees_events() -> None:
    assert list(PERMISSIONS) == list(Role)
    assert roles_with("view_event") == set(Role)


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        ("access_console", CONSOLE),
        ("view_access_log", CONSOLE),
        ("verify_integrity", CONSOLE),
        ("view_payload", set(Role) - {Role.SECURITY, Role.PLATFORM_ADMIN}),
        ("view_pii", {Role.PII_READER, Role.PRIVACY_OFFICER, Role.DPO}),
        ("export", set(Role) - {Role.PLATFORM_ADMIN}),
        ("export_pii", {Role.PII_READER, Role.PRIVACY_OFFICER, Role.DPO}),
        ("approve_export", {Role.DPO}),
        ("append", {Role.WRITER, Role.GATEWAY}),
        ("append_as", {Role.GATEWAY}),
        ("redact", {Role.REDACTOR}),
        ("search_subject", {Role.LEAD_AUDITOR, Role.PRIVACY_OFFICER, Role.DPO}),
        ("view_all_access_log", {Role.LEAD_AUDITOR, Role.DPO, Role.SECURITY}),
        ("view_operations", {Role.SECURITY, Role.PLATFORM_ADMIN}),
    ],
)
def test_a_permission_is_in_these_roles_and_no_other(
    permission: str, roles: set[Role]
) -> None:
    assert roles_with(permission) == roles


@pytest.mark.parametrize(
    ("asking", "approving"),
    [("request_redaction", "approve_redaction"), ("manage_hold", "release_hold")],
)
def test_no_role_both_asks_and_approves(asking: str, approving: str) -> None:
    assert roles_with(asking)
    assert roles_with(approving)
    assert not roles_with(asking) & roles_with(approving)


def test_no_role_of_the_console_writes_or_redacts_by_itself() -> None:
    alone = {Permission.APPEND, Permission.REDACT}
    assert not permissions_of_roles(CONSOLE) & alone
