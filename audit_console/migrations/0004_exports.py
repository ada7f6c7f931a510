"""Exports: what is taken out as a file, piece by piece."""

from __future__ import annotations

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0003_rollups"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ExportWorker",
            fields=[
                (
                    "name",
                    models.TextField(
                        primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                (
                    "started_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="started",
                    ),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="last seen",
                    ),
                ),
            ],
            options={
                "db_table": "audit_console_export_workers",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Export",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, primary_key=True, serialize=False
                    ),
                ),
                ("owner_key", models.TextField(verbose_name="owner's id")),
                ("owner_name", models.TextField(verbose_name="owner's name")),
                (
                    "tenants",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="tenants"
                    ),
                ),
                ("parameters", models.TextField(blank=True, verbose_name="parameters")),
                (
                    "kept",
                    models.JSONField(default=dict, verbose_name="personal filters"),
                ),
                ("description", models.TextField(verbose_name="query")),
                ("since", models.DateTimeField(verbose_name="from")),
                ("until", models.DateTimeField(verbose_name="before")),
                ("upto", models.BigIntegerField(verbose_name="up to position")),
                ("zone", models.TextField(verbose_name="time zone")),
                ("language", models.TextField(verbose_name="language")),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="columns"
                    ),
                ),
                (
                    "format",
                    models.TextField(
                        choices=[
                            (
                                "ndjson",
                                "NDJSON: every value as stored, with all its digits",
                            ),
                            ("csv", "CSV: a copy for spreadsheets"),
                            ("html", "Report: an HTML page to read and print"),
                        ],
                        verbose_name="format",
                    ),
                ),
                (
                    "with_personal",
                    models.BooleanField(default=False, verbose_name="personal data"),
                ),
                ("purpose", models.TextField(blank=True, verbose_name="purpose")),
                ("reference", models.TextField(blank=True, verbose_name="reference")),
                ("request_id", models.TextField(blank=True, verbose_name="request")),
                ("is_demo", models.BooleanField(default=False, verbose_name="demo")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        verbose_name="state",
                    ),
                ),
                (
                    "failure",
                    models.TextField(blank=True, verbose_name="what went wrong"),
                ),
                (
                    "requested_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="requested",
                    ),
                ),
                ("began_at", models.DateTimeField(null=True, verbose_name="begun")),
                (
                    "finished_at",
                    models.DateTimeField(null=True, verbose_name="finished"),
                ),
                (
                    "expires_at",
                    models.DateTimeField(null=True, verbose_name="file deleted"),
                ),
                ("worker", models.TextField(blank=True, verbose_name="worker")),
                (
                    "attempts",
                    models.PositiveSmallIntegerField(
                        default=0, verbose_name="attempts"
                    ),
                ),
                ("cursor", models.TextField(blank=True, verbose_name="place")),
                ("events", models.BigIntegerField(default=0, verbose_name="events")),
                (
                    "has_pieces",
                    models.BooleanField(default=False, verbose_name="unfinished files"),
                ),
                ("file", models.TextField(blank=True, verbose_name="file")),
                ("bytes", models.BigIntegerField(null=True, verbose_name="bytes")),
                ("sha256", models.TextField(blank=True, verbose_name="SHA-256")),
                ("manifest", models.JSONField(null=True, verbose_name="manifest")),
                (
                    "downloads",
                    models.PositiveIntegerField(default=0, verbose_name="downloads"),
                ),
                (
                    "downloaded_at",
                    models.DateTimeField(null=True, verbose_name="last download"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "db_table": "audit_console_exports",
                "ordering": ("-requested_at",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ExportPiece",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("name", models.TextField(verbose_name="file")),
                ("bytes", models.BigIntegerField(verbose_name="bytes")),
                (
                    "export",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pieces",
                        to="audit_console.export",
                    ),
                ),
            ],
            options={
                "db_table": "audit_console_export_pieces",
                "ordering": ("number",),
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                fields=["state", "requested_at"], name="audit_export_state"
            ),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(
                fields=["owner_key", "requested_at"], name="audit_export_owner"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ready"), _negated=True),
                    models.Q(
                        models.Q(("file", ""), _negated=True),
                        models.Q(("sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="audit_export_ready_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="exportpiece",
            constraint=models.UniqueConstraint(
                fields=("export", "number"), name="audit_export_piece_number"
            ),
        ),
    ]
