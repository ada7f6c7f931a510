"""A host's own admin leads to the history of what it shows."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from unfold.sites import UnfoldAdminSite  # type: ignore[import-untyped]  # no stubs

from audit_console.histories import Audited, AuditHistoryMixin
from audit_console.site import audit_console
from eventstore.roles import Role
from tests.audit_console.conftest import TENANT

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class RequirementAdmin(AuditHistoryMixin):
    """Groups stand for the requirements of a host."""

    def get_audited(self, request: HttpRequest, obj: Group) -> Audited | None:
        if obj.name == "new":
            return None
        return Audited(TENANT, "Requirement", obj.name)


class ReplacingAdmin(RequirementAdmin):
    audit_replaces_history = True


plain, replacing = admin.AdminSite("plain"), admin.AdminSite("replacing")
unfolded = UnfoldAdminSite("unfolded")
plain.register(Group, RequirementAdmin)
unfolded.register(Group, RequirementAdmin)
replacing.register(Group, ReplacingAdmin)

urlpatterns = [
    path("plain/", plain.urls),
    path("unfolded/", unfolded.urls),
    path("replacing/", replacing.urls),
    path("audit/", audit_console.urls),
]


@pytest.fixture(params=["no theme", "unfold", "jazzmin"])
def place(request: pytest.FixtureRequest, settings: Any) -> str:
    """Where the host's admin is, in one theme or another."""
    if request.param != "no theme":
        settings.INSTALLED_APPS = [request.param, *settings.INSTALLED_APPS]
        settings.TEMPLATES = copy.deepcopy(settings.TEMPLATES)
    return "unfolded" if request.param == "unfold" else "plain"


@pytest.fixture
def requirement(db: None) -> Group:
    return Group.objects.create(name="R-1")


@pytest.fixture
def staff(client: Client, reader: Callable[..., User]) -> Callable[..., Client]:
    def make(*roles: Role, sees_groups: bool = True) -> Client:
        user = reader(*roles)
        user.is_staff = True
        user.save()
        if sees_groups:
            user.user_permissions.set(
                Permission.objects.filter(codename__endswith="_group")
            )
        client.force_login(user)
        return client

    return make


def test_an_object_leads_to_its_timeline_in_any_theme(
    place: str, staff: Callable[..., Client], requirement: Group, history: None
) -> None:
    browser = staff(Role.AUDITOR)
    address = f"/{place}/auth/group/{requirement.pk}/audit/"

    page = browser.get(address.replace("/audit/", "/change/")).content.decode()
    answer = browser.get(address)

    assert f'<a href="{address}">Audit timeline</a>' in page
    query = f"tenant={TENANT}&type=Requirement&id=R-1"
    assert answer["Location"] == f"/audit/aggregate/?{query}"
    assert browser.get(answer["Location"], follow=True).status_code == 200


def test_djangos_history_stays_unless_it_is_to_be_replaced(
    staff: Callable[..., Client], requirement: Group
) -> None:
    browser = staff(Role.AUDITOR)
    place = f"auth/group/{requirement.pk}/history/"

    assert browser.get(f"/plain/{place}").status_code == 200
    replaced = browser.get(f"/replacing/{place}")
    assert replaced["Location"].startswith("/audit/aggregate/?")


def test_who_may_not_enter_the_console_gets_no_link(
    staff: Callable[..., Client], requirement: Group
) -> None:
    browser = staff(Role.READER)

    page = browser.get(f"/plain/auth/group/{requirement.pk}/change/").content.decode()

    assert "Audit timeline" not in page


def test_an_object_without_a_history_leads_nowhere(
    staff: Callable[..., Client],
) -> None:
    browser = staff(Role.AUDITOR)
    new = Group.objects.create(name="new")

    page = browser.get(f"/plain/auth/group/{new.pk}/change/").content.decode()

    assert "Audit timeline" not in page
    assert browser.get(f"/plain/auth/group/{new.pk}/audit/").status_code == 404
    assert browser.get("/plain/auth/group/4711/audit/").status_code == 404


def test_who_may_not_see_the_object_is_not_told_whose_it_is(
    staff: Callable[..., Client], requirement: Group
) -> None:
    browser = staff(Role.AUDITOR, sees_groups=False)

    answer = browser.get(f"/plain/auth/group/{requirement.pk}/audit/")

    assert answer.status_code == 403


def test_a_stranger_is_asked_to_log_in(client: Client, requirement: Group) -> None:
    answer = client.get(f"/plain/auth/group/{requirement.pk}/audit/")

    assert answer.status_code == 302
    assert "/plain/login/" in answer["Location"]
