"""Who can log in to the demo. The password is no secret: see :mod:`.serving`."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, User
from django.db import transaction

from eventstore.models import TenantGrant
from eventstore.roles import Role
from eventstore_project.demo import cast

PASSWORD = "eventstore-demo"  # noqa: S105 - printed on the terminal, known to all

_ALL = tuple(tenant.id for tenant in cast.TENANTS)


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the demo.

    Attributes:
        name: the user name.
        can: what it is for, in words.
        tenants: where it has grants.
        roles: which ones.
        is_admin: whether it manages users and grants.
    """

    name: str
    can: str
    tenants: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    is_admin: bool = False


LOGINS = (
    Login("auditor", "reads all three tenants", _ALL, (Role.READER,)),
    Login("reader", f"reads {_ALL[0]} only", _ALL[:1], (Role.READER,)),
    Login(
        "writer",
        f"reads {_ALL[1]} and writes there",
        _ALL[1:2],
        (Role.READER, Role.WRITER),
    ),
    Login(
        "dpo",
        "reads all tenants and redacts",
        _ALL,
        (Role.READER, Role.REDACTOR),
    ),
    Login(
        "admin",
        "manages users and grants; sees no events without one",
        (),
        is_admin=True,
    ),
)


def create() -> None:
    """Create the users that are missing, with their grants; leave the others alone."""
    known = set(
        User.objects.filter(username__in=[login.name for login in LOGINS]).values_list(
            "username", flat=True
        )
    )
    missing = [login for login in LOGINS if login.name not in known]
    if missing:
        with transaction.atomic():
            password = make_password(PASSWORD)
            for login in missing:
                _create(login, password)


def strangers_exist() -> bool:
    """Return whether there are users that the demo did not make."""
    names = [login.name for login in LOGINS]
    return User.objects.exclude(username__in=names).exists()


def _create(login: Login, password: str) -> None:
    user = User.objects.create(
        username=login.name,
        email=f"{login.name}@demo.example",
        password=password,
        is_staff=True,
        is_superuser=login.is_admin,
    )
    TenantGrant.objects.bulk_create(
        TenantGrant(tenant_id=tenant_id, user=user, role=role)
        for tenant_id in login.tenants
        for role in login.roles
    )
    # In the admin a grant says which rows; Django's permission says which pages.
    wanted = Permission.objects.filter(
        content_type__app_label="eventstore", codename__startswith="view_"
    )
    user.user_permissions.set(wanted.exclude(codename="view_tenantgrant"))
    if Role.REDACTOR in login.roles:
        user.user_permissions.add(
            Permission.objects.get(
                content_type__app_label="eventstore", codename="redact_storedevent"
            )
        )
