"""The models of the peers, and the rows of the projection that is measured."""

from __future__ import annotations

from django.db import models

from benchmarks.settings import PEER_APPS


class Document(models.Model):  # noqa: DJ008 - nobody prints it
    """What is saved; no trail."""

    title = models.TextField()
    status = models.TextField()
    revision = models.IntegerField(default=0)


if "auditlog" in PEER_APPS:
    from auditlog.registry import auditlog

    class AuditlogDocument(models.Model):  # noqa: DJ008 - nobody prints it
        """The same under django-auditlog."""

        title = models.TextField()
        status = models.TextField()
        revision = models.IntegerField(default=0)

    auditlog.register(AuditlogDocument)


if "simple_history" in PEER_APPS:
    from simple_history.models import HistoricalRecords

    class HistoryDocument(models.Model):  # noqa: DJ008 - nobody prints it
        """The same under django-simple-history."""

        title = models.TextField()
        status = models.TextField()
        revision = models.IntegerField(default=0)
        history = HistoricalRecords()


class Tally(models.Model):  # noqa: DJ008 - nobody prints it
    """The rows of a simple projection: how many events an aggregate has had."""

    tenant_id = models.TextField()
    aggregate_id = models.TextField()
    events = models.BigIntegerField()

    class Meta:
        """One row an aggregate."""

        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "aggregate_id"], name="benchmarks_tally_key"
            )
        ]


class EventRow(models.Model):  # noqa: DJ008 - nobody prints it
    """The store's own table as a plain model: what ``create()`` costs on it."""

    position = models.BigAutoField(primary_key=True)
    event_id = models.TextField()
    tenant_id = models.TextField()
    aggregate_type = models.TextField()
    aggregate_id = models.TextField()
    aggregate_version = models.BigIntegerField()
    event_type = models.TextField()
    event_version = models.TextField()
    occurred_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    event_data = models.JSONField()
    metadata = models.JSONField()
    is_redacted = models.BooleanField(default=False)

    class Meta:
        """The table is made by the store's migrations."""

        managed = False
        db_table = "stored_domain_events"
