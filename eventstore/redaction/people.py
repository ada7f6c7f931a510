"""Who asks and who approves: persons with grants, each counted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from eventstore.conf import store_settings
from eventstore.exceptions import RedactionNotApproved, RedactionRefused
from eventstore.grants import is_person, may, people_with
from eventstore.models import RedactionRequest
from eventstore.roles import Permission


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as the records keep them.

    Attributes:
        id: of the user, which no renaming changes.
        name: what to print.
    """

    id: str
    name: str


def person_of(user: Any) -> Person:
    """Return who ``user`` is.

    Raises:
        RedactionRefused: it is no person but a program, or nobody.
    """
    if not is_person(user):
        raise RedactionRefused(
            _("Redactions are requested and approved by people, not by API keys.")
        )
    login = str(user.get_username())
    full = str(user.get_full_name()).strip() if hasattr(user, "get_full_name") else ""
    name = f"{full} ({login})" if full and full != login else login
    return Person(str(user.pk), name)


def require(user: Any, permission: Permission, tenant_id: str) -> Person:
    """Return who ``user`` is, if a grant gives them ``permission``.

    Raises:
        RedactionRefused: it does not; being a superuser gives nothing.
    """
    person = person_of(user)
    if not may(user, permission, tenant_id):
        raise RedactionRefused(
            _("%(person)s has no grant with %(permission)s in this tenant.")
            % {"person": person.name, "permission": permission}
        )
    return person


def require_second_person(requester_id: str, tenant_id: str) -> None:
    """Refuse what nobody could approve.

    Raises:
        RedactionNotApproved: nobody but the requester has the grant.
    """
    others = people_with(Permission.APPROVE_REDACTION, tenant_id)
    if not any(str(user.pk) != requester_id for user in others):
        raise RedactionNotApproved(
            _(
                "Nobody else may approve in this tenant. Whoever runs the deployment "
                "can give a grant: manage.py eventstore_grant NAME dpo "
                "--tenant %(tenant)s"
            )
            % {"tenant": tenant_id}
        )


def require_approval(request: RedactionRequest) -> None:
    """Refuse to remove what is no longer asked for and approved, by whom it was.

    Raises:
        RedactionNotApproved: a grant has ended meanwhile, an account was closed, or a
            second person has come to be asked for.
    """
    tenant_id = request.tenant_id
    if not _still_may(request.requester_id, Permission.REQUEST_REDACTION, tenant_id):
        raise RedactionNotApproved(
            _("%(person)s may no longer request redactions in this tenant.")
            % {"person": request.requester_name}
        )
    if request.approver_id is None:
        if request.needs_approval or store_settings().REDACTION_SECOND_PERSON:
            raise RedactionNotApproved(_("A second person must approve it."))
    elif not _still_may(request.approver_id, Permission.APPROVE_REDACTION, tenant_id):
        raise RedactionNotApproved(
            _("%(person)s may no longer approve redactions in this tenant.")
            % {"person": request.approver_name}
        )


def _still_may(user_id: str, permission: Permission, tenant_id: str) -> bool:
    users = get_user_model()._default_manager  # noqa: SLF001 - Django's documented API of models
    user = users.filter(pk=user_id).first()
    return user is not None and may(user, permission, tenant_id)
