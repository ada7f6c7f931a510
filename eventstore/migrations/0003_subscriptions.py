"""Durable subscriptions, projections and process managers."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from eventstore.sql.operations import CreateFunction


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0002_functions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AggregateState",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "projection",
                        "aggregate_type",
                        "aggregate_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("projection", models.TextField(verbose_name="projection")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                ("version", models.BigIntegerField(verbose_name="aggregate version")),
                ("state", models.JSONField(verbose_name="state")),
                (
                    "written_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="written at",
                    ),
                ),
            ],
            options={
                "verbose_name": "aggregate state",
                "verbose_name_plural": "aggregate states",
                "db_table": "event_aggregate_states",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="EventWorker",
            fields=[
                (
                    "owner",
                    models.TextField(
                        primary_key=True, serialize=False, verbose_name="worker"
                    ),
                ),
                (
                    "names",
                    models.JSONField(db_default=[], verbose_name="subscriptions"),
                ),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("alive_until", models.DateTimeField(verbose_name="alive until")),
            ],
            options={
                "verbose_name": "worker",
                "verbose_name_plural": "workers",
                "db_table": "event_workers",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="EventSubscription",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tenant_id",
                    models.TextField(blank=True, db_default="", verbose_name="tenant"),
                ),
                ("name", models.TextField(verbose_name="name")),
                (
                    "partition",
                    models.IntegerField(db_default=0, verbose_name="partition"),
                ),
                (
                    "partitions",
                    models.IntegerField(db_default=1, verbose_name="partitions"),
                ),
                (
                    "position",
                    models.BigIntegerField(db_default=0, verbose_name="checkpoint"),
                ),
                (
                    "handled",
                    models.BigIntegerField(db_default=0, verbose_name="events handled"),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("stopped", "Stopped by an alarm"),
                        ],
                        db_default="running",
                        verbose_name="state",
                    ),
                ),
                (
                    "last_error",
                    models.TextField(
                        blank=True, db_default="", verbose_name="last error"
                    ),
                ),
                ("moved_at", models.DateTimeField(null=True, verbose_name="moved at")),
                (
                    "lease_owner",
                    models.TextField(blank=True, db_default="", verbose_name="worker"),
                ),
                (
                    "lease_until",
                    models.DateTimeField(null=True, verbose_name="lease until"),
                ),
            ],
            options={
                "verbose_name": "subscription",
                "verbose_name_plural": "subscriptions",
                "db_table": "event_subscriptions",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "name", "partition"),
                        name="eventstore_subscription_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ProcessTimeout",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "process",
                        "correlation_id",
                        "name",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("process", models.TextField(verbose_name="process")),
                ("correlation_id", models.TextField(verbose_name="correlation id")),
                ("name", models.TextField(verbose_name="name")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
            ],
            options={
                "verbose_name": "process time-out",
                "verbose_name_plural": "process time-outs",
                "db_table": "event_process_timeouts",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["process", "due_at"], name="eventstore_timeout_due"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventFailure",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("position", models.BigIntegerField(verbose_name="position")),
                ("event_id", models.TextField(verbose_name="event id")),
                ("event_type", models.TextField(verbose_name="event type")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("retrying", "To be retried"),
                            ("held", "Waits for an earlier event of its aggregate"),
                            ("dead", "Given up: requeue or discard it"),
                            ("discarded", "Discarded"),
                        ],
                        verbose_name="state",
                    ),
                ),
                (
                    "attempts",
                    models.IntegerField(db_default=0, verbose_name="attempts"),
                ),
                (
                    "next_attempt_at",
                    models.DateTimeField(null=True, verbose_name="next attempt at"),
                ),
                (
                    "error",
                    models.TextField(blank=True, db_default="", verbose_name="error"),
                ),
                (
                    "failed_at",
                    models.DateTimeField(null=True, verbose_name="failed at"),
                ),
                (
                    "decided_at",
                    models.DateTimeField(null=True, verbose_name="decided at"),
                ),
                (
                    "decided_by",
                    models.TextField(
                        blank=True, db_default="", verbose_name="decided by"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="failures",
                        to="eventstore.eventsubscription",
                        verbose_name="subscription",
                    ),
                ),
            ],
            options={
                "verbose_name": "failed delivery",
                "verbose_name_plural": "failed deliveries",
                "db_table": "event_failures",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["subscription", "state", "next_attempt_at"],
                        name="eventstore_failure_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "discarded"), _negated=True),
                        fields=[
                            "subscription",
                            "tenant_id",
                            "aggregate_id",
                            "position",
                        ],
                        name="eventstore_failure_holds",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "subscription", "position"),
                        name="eventstore_failure_event",
                    )
                ],
            },
        ),
        CreateFunction("eventstore_open_appends_v1"),
    ]
