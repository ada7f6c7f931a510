"""Requests for redactions, with the rules that the database holds them to."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from eventstore.sql.operations import CreateFunction, RunSQLFile


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0008_api_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="RedactionRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("year", models.SmallIntegerField(verbose_name="year")),
                ("number", models.IntegerField(verbose_name="number")),
                ("token", models.TextField(verbose_name="token")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "Waits for approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("executed", "Executed"),
                            ("failed", "Failed in part"),
                        ],
                        default="draft",
                        verbose_name="status",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                (
                    "case_number",
                    models.TextField(blank=True, verbose_name="case number"),
                ),
                (
                    "needs_approval",
                    models.BooleanField(
                        default=True, verbose_name="needs a second person"
                    ),
                ),
                ("requester_id", models.TextField(verbose_name="requester's id")),
                ("requester_name", models.TextField(verbose_name="requester")),
                (
                    "approver_id",
                    models.TextField(null=True, verbose_name="approver's id"),
                ),
                (
                    "approver_name",
                    models.TextField(blank=True, verbose_name="approver"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
            ],
            options={
                "verbose_name": "request for a redaction",
                "verbose_name_plural": "requests for redactions",
                "db_table": "event_redaction_requests",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "status", "id"],
                        name="eventstore_redaction_status",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "year", "number"),
                        name="eventstore_redaction_number",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant_id", "token"), name="eventstore_redaction_token"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approver_id", None),
                            models.Q(
                                ("approver_id", models.F("requester_id")), _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="eventstore_redaction_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("status__in", ("approved", "executed", "failed")),
                                _negated=True,
                            ),
                            ("approver_id__isnull", False),
                            ("needs_approval", False),
                            _connector="OR",
                        ),
                        name="eventstore_redaction_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RedactionStep",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="time",
                    ),
                ),
                (
                    "act",
                    models.TextField(
                        choices=[
                            ("drafted", "Drafted"),
                            ("submitted", "Submitted"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("lapsed", "Approval lapsed"),
                            ("executed", "Executed"),
                            ("failed", "Executed in part"),
                        ],
                        verbose_name="act",
                    ),
                ),
                ("actor_id", models.TextField(verbose_name="who, by id")),
                ("actor_name", models.TextField(verbose_name="who")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="eventstore.redactionrequest",
                        verbose_name="request",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a request",
                "verbose_name_plural": "steps of requests",
                "db_table": "event_redaction_steps",
                "ordering": ("id",),
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="RedactionItem",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("position", models.BigIntegerField(verbose_name="position")),
                ("event_id", models.TextField(verbose_name="event id")),
                ("event_type", models.TextField(verbose_name="event type")),
                ("fields", models.JSONField(default=list, verbose_name="fields")),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("", "waits"),
                            ("redacted", "redacted"),
                            ("unchanged", "was gone already"),
                            ("failed", "failed"),
                        ],
                        default="",
                        verbose_name="outcome",
                    ),
                ),
                ("failure", models.TextField(blank=True, verbose_name="failure")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="eventstore.redactionrequest",
                        verbose_name="request",
                    ),
                ),
            ],
            options={
                "verbose_name": "event of a request",
                "verbose_name_plural": "events of requests",
                "db_table": "event_redaction_items",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "position"), name="eventstore_redaction_item"
                    )
                ],
            },
        ),
        CreateFunction("eventstore_guard_request_v1"),
        CreateFunction("eventstore_guard_request_item_v1"),
        RunSQLFile(
            "triggers/redaction_requests",
            reverse="triggers/remove_redaction_requests",
        ),
    ]
