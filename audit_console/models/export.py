"""What is taken out of the console as a file, and who makes the files."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """A list of the console, pinned, on its way to a file.

    What it says of the request never changes; the worker moves the rest on.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", _("Waits for a second person")
        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        REJECTED = "rejected", _("Rejected")

    class Format(models.TextChoices):
        """What the file is."""

        NDJSON = "ndjson", _("NDJSON: every value as stored, with all its digits")
        CSV = "csv", _("CSV: a copy for spreadsheets")
        HTML = "html", _("Report: an HTML page to read and print")

    class Reason(models.TextChoices):
        """Why a second person must approve it."""

        PERSONAL = "personal", _("personal data")
        EVENTS = "events", _("many events")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    #: As text too: no deletion of a user may take it along.
    owner_key = models.TextField(_("owner's id"))
    owner_name = models.TextField(_("owner's name"))
    tenants = ArrayField(models.TextField(), verbose_name=_("tenants"))
    #: The pinned address of the list, without what names personal values ...
    parameters = models.TextField(_("parameters"), blank=True)
    #: ... which are kept by token, as long as the export needs them.
    kept = models.JSONField(_("personal filters"), default=dict)
    description = models.TextField(_("query"))
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("before"))
    upto = models.BigIntegerField(_("up to position"))
    zone = models.TextField(_("time zone"))
    language = models.TextField(_("language"))
    columns = ArrayField(models.TextField(), verbose_name=_("columns"))
    format = models.TextField(_("format"), choices=Format.choices)
    with_personal = models.BooleanField(_("personal data"), default=False)
    purpose = models.TextField(_("purpose"), blank=True)
    reference = models.TextField(_("reference"), blank=True)
    request_id = models.TextField(_("request"), blank=True)
    is_demo = models.BooleanField(_("demo"), default=False)
    #: How many events matched when it was asked for, if that was counted in time.
    counted = models.BigIntegerField(_("events, when asked for"), null=True)

    #: What a second person is needed for, and is asked about.
    approval_reasons = ArrayField(
        models.TextField(choices=Reason.choices),
        verbose_name=_("reasons for an approval"),
        blank=True,
        default=list,
    )
    #: The second person, if one was needed; as text, as the owner.
    approver_key = models.TextField(_("approver's id"), blank=True, default="")
    approver_name = models.TextField(_("approver's name"), blank=True, default="")
    decided_at = models.DateTimeField(_("decided"), null=True)

    state = models.TextField(_("state"), choices=State.choices, default=State.QUEUED)
    failure = models.TextField(_("what went wrong"), blank=True)
    requested_at = models.DateTimeField(_("requested"), db_default=Now())
    began_at = models.DateTimeField(_("begun"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    expires_at = models.DateTimeField(_("file deleted"), null=True)
    worker = models.TextField(_("worker"), blank=True)
    #: How often a worker began or resumed since the last progress.
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    #: The place in the list from which to go on; "" for its beginning.
    cursor = models.TextField(_("place"), blank=True)
    events = models.BigIntegerField(_("events"), default=0)
    #: Whether pieces, or what is beside them, may lie in the storage.
    has_pieces = models.BooleanField(_("unfinished files"), default=False)

    file = models.TextField(_("file"), blank=True)
    bytes = models.BigIntegerField(_("bytes"), null=True)
    sha256 = models.TextField("SHA-256", blank=True)
    manifest = models.JSONField(_("manifest"), null=True)
    downloads = models.PositiveIntegerField(_("downloads"), default=0)
    downloaded_at = models.DateTimeField(_("last download"), null=True)

    class Meta:
        """Found by state, for the worker, and by owner, for people."""

        db_table = "audit_console_exports"
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        default_permissions = ()
        ordering = ("-requested_at",)
        constraints = (
            models.CheckConstraint(
                name="audit_export_ready_is_whole",
                condition=~models.Q(state="ready")
                | (~models.Q(file="") & ~models.Q(sha256="")),
            ),
            models.CheckConstraint(
                name="audit_export_second_person",
                condition=models.Q(approver_key="")
                | ~models.Q(approver_key=models.F("owner_key")),
            ),
        )
        indexes = (
            models.Index(fields=("state", "requested_at"), name="audit_export_state"),
            models.Index(
                fields=("owner_key", "requested_at"), name="audit_export_owner"
            ),
        )

    def __str__(self) -> str:
        """Say whose it is and how far."""
        return f"{self.owner_name}: {self.format}, {self.state}"

    @property
    def is_active(self) -> bool:
        """Whether a worker has yet to come, or to finish."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it is not over yet."""
        return self.is_active or self.state == self.State.WAITING

    @property
    def reasons_in_words(self) -> str:
        """What a second person is needed for."""
        return ", ".join(str(self.Reason(each).label) for each in self.approval_reasons)

    @property
    def has_had_its_days(self) -> bool:
        """Whether the file is to be deleted; a worker may not have come to it yet."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class ExportPiece(models.Model):
    """A part of the file that is written already: what a next worker goes on from."""

    id = models.BigAutoField(primary_key=True)
    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="pieces")
    number = models.PositiveIntegerField(_("number"))
    name = models.TextField(_("file"))
    #: Without the mark at its end that says that it is incomplete.
    bytes = models.BigIntegerField(_("bytes"))

    class Meta:
        """In their order."""

        db_table = "audit_console_export_pieces"
        default_permissions = ()
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("export", "number"), name="audit_export_piece_number"
            ),
        )

    def __str__(self) -> str:
        """Name the file."""
        return self.name


class ExportWorker(models.Model):
    """A process that makes exports, and when it was last alive."""

    name = models.TextField(_("name"), primary_key=True)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    seen_at = models.DateTimeField(_("last seen"), db_default=Now())

    class Meta:
        """One row a process."""

        db_table = "audit_console_export_workers"
        default_permissions = ()

    def __str__(self) -> str:
        """Name it."""
        return self.name
