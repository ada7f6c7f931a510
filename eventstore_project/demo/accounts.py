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

#: The user who manages the others.
ADMIN = "admin"

_ALL = tuple(tenant.id for tenant in cast.TENANTS)


@dataclass(frozen=True, slots=True)
class Login:
    """A user of the demo.

    Attributes:
        name: the user name.
        can: what it may do, in words.
        tenants: where it has grants.
        roles: which ones.
        is_admin: whether it manages users and grants.
        is_for_api: whether it is there for the API, and has no place in the console.
    """

    name: str
    can: str
    tenants: tuple[str, ...]
    roles: tuple[Role, ...] = ()
    is_admin: bool = False
    is_for_api: bool = False


LOGINS = (
    Login(
        "auditor",
        "explores, compares and exports everything but personal data",
        _ALL,
        (Role.AUDITOR,),
    ),
    Login(
        "lead-auditor",
        "does the same, and sees who else looked at what",
        _ALL,
        (Role.LEAD_AUDITOR,),
    ),
    Login(
        "privacy-officer",
        "sees personal data too, and asks to redact it or take it out",
        _ALL,
        (Role.PRIVACY_OFFICER,),
    ),
    Login(
        "dpo",
        "sees personal data, and decides what others may redact or take out",
        _ALL,
        (Role.DPO,),
    ),
    Login(
        "security",
        "sees who did and who looked at what, and no payloads",
        _ALL,
        (Role.SECURITY,),
    ),
    Login(
        "operator",
        "sees that events arrive and workers run, and no payloads",
        _ALL,
        (Role.PLATFORM_ADMIN,),
    ),
    Login(
        "reader",
        f"reads {_ALL[0]} by the API",
        _ALL[:1],
        (Role.READER,),
        is_for_api=True,
    ),
    Login(
        "writer",
        f"reads {_ALL[1]} by the API, and writes there",
        _ALL[1:2],
        (Role.READER, Role.WRITER),
        is_for_api=True,
    ),
    Login(
        ADMIN,
        "manages users and grants; sees no events without one",
        (),
        is_admin=True,
        is_for_api=True,
    ),
)
#: Those who have something to do in the console, the one to begin with first.
FOR_CONSOLE = tuple(login for login in LOGINS if not login.is_for_api)


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
