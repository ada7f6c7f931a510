"""What is to be removed, who asks for it, and what became of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Sequence

_REFERENCE = re.compile(r"R-(\d{4})-(\d{4,9})", re.ASCII)


class RedactionStatus(models.TextChoices):
    """Where a request stands."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXECUTED = "executed", _("Executed")
    FAILED = "failed", _("Failed in part")


class RedactionRequest(models.Model):
    """A request: explicit events, a reason, and two people.

    People are kept by id and by the name they had: no deletion of a user takes them
    out of the record. A trigger holds each row to its way from status to status.
    """

    Status = RedactionStatus

    id = models.BigAutoField(primary_key=True)
    tenant_id = models.TextField(_("tenant"))
    year = models.SmallIntegerField(_("year"))
    number = models.IntegerField(_("number"))
    #: Of the form that made it: sent twice, it makes one.
    token = models.TextField(_("token"))
    status = models.TextField(
        _("status"), choices=RedactionStatus.choices, default=RedactionStatus.DRAFT
    )
    reason = models.TextField(_("reason"), blank=True)
    case_number = models.TextField(_("case number"), blank=True)
    #: What the setting said when it was submitted.
    needs_approval = models.BooleanField(_("needs a second person"), default=True)
    requester_id = models.TextField(_("requester's id"))
    requester_name = models.TextField(_("requester"))
    approver_id = models.TextField(_("approver's id"), null=True)  # noqa: DJ001 - none is not ""
    approver_name = models.TextField(_("approver"), blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        """Nobody approves what they ask for; numbered within tenant and year."""

        db_table = "event_redaction_requests"
        verbose_name = _("request for a redaction")
        verbose_name_plural = _("requests for redactions")
        default_permissions = ("view",)
        constraints = (
            models.UniqueConstraint(
                fields=("tenant_id", "year", "number"),
                name="eventstore_redaction_number",
            ),
            models.UniqueConstraint(
                fields=("tenant_id", "token"), name="eventstore_redaction_token"
            ),
            models.CheckConstraint(
                condition=Q(approver_id=None)
                | ~Q(approver_id=models.F("requester_id")),
                name="eventstore_redaction_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("approved", "executed", "failed"))
                | Q(approver_id__isnull=False)
                | Q(needs_approval=False),
                name="eventstore_redaction_approved",
            ),
        )
        indexes = (
            models.Index(
                fields=("tenant_id", "status", "id"), name="eventstore_redaction_status"
            ),
        )

    def __str__(self) -> str:
        """Give the number."""
        return self.reference

    @property
    def reference(self) -> str:
        """The number that people use, ``R-2026-0012``; unique within the tenant."""
        return f"R-{self.year}-{self.number:04d}"

    @property
    def is_open(self) -> bool:
        """Whether anything may still become of it."""
        return self.status not in {
            RedactionStatus.REJECTED,
            RedactionStatus.WITHDRAWN,
            RedactionStatus.EXECUTED,
        }

    @classmethod
    def named(cls, tenant_id: str, references: Sequence[str | None]) -> Q:
        """Return the condition for those of a tenant that have one of the numbers."""
        found = Q(pk__in=())
        for reference in references:
            parts = _REFERENCE.fullmatch(reference or "")
            if parts:
                found |= Q(year=int(parts[1]), number=int(parts[2]))
        return Q(tenant_id=tenant_id) & found


class RedactionItem(models.Model):
    """One event of a request, and what of it goes."""

    class Outcome(models.TextChoices):
        """What became of it."""

        PENDING = "", _("waits")
        REDACTED = "redacted", _("redacted")
        UNCHANGED = "unchanged", _("was gone already")
        FAILED = "failed", _("failed")

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(
        RedactionRequest,
        on_delete=models.PROTECT,
        related_name="items",
        verbose_name=_("request"),
    )
    tenant_id = models.TextField(_("tenant"))
    position = models.BigIntegerField(_("position"))
    event_id = models.TextField(_("event id"))
    event_type = models.TextField(_("event type"))
    #: RFC 6901 pointers; none for the whole payload.
    fields = models.JSONField(_("fields"), default=list)
    outcome = models.TextField(
        _("outcome"), choices=Outcome.choices, default=Outcome.PENDING, blank=True
    )
    failure = models.TextField(_("failure"), blank=True)
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        """Each event once in a request."""

        db_table = "event_redaction_items"
        verbose_name = _("event of a request")
        verbose_name_plural = _("events of requests")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=("request", "position"), name="eventstore_redaction_item"
            ),
        )

    def __str__(self) -> str:
        """Name the event."""
        return f"{self.event_type} {self.position}"

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to remove."""
        return self.outcome in {self.Outcome.REDACTED, self.Outcome.UNCHANGED}


class RedactionStep(models.Model):
    """A line of a request's timeline; append-only."""

    class Act(models.TextChoices):
        """What was done."""

        DRAFTED = "drafted", _("Drafted")
        SUBMITTED = "submitted", _("Submitted")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        LAPSED = "lapsed", _("Approval lapsed")
        EXECUTED = "executed", _("Executed")
        FAILED = "failed", _("Executed in part")

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(
        RedactionRequest,
        on_delete=models.PROTECT,
        related_name="steps",
        verbose_name=_("request"),
    )
    tenant_id = models.TextField(_("tenant"))
    at = models.DateTimeField(_("time"), db_default=Now())
    act = models.TextField(_("act"), choices=Act.choices)
    actor_id = models.TextField(_("who, by id"))
    actor_name = models.TextField(_("who"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        """Read by request, in order."""

        db_table = "event_redaction_steps"
        verbose_name = _("step of a request")
        verbose_name_plural = _("steps of requests")
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        """Say who did what."""
        return f"{self.actor_name}: {self.act}"
