"""The tables."""

from __future__ import annotations

import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AggregateHead",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tenant_id",
                        "aggregate_id",
                        "aggregate_type",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                (
                    "current_version",
                    models.BigIntegerField(verbose_name="current version"),
                ),
                ("last_stored_at", models.DateTimeField(verbose_name="last stored at")),
                (
                    "archived_through",
                    models.BigIntegerField(
                        db_default=0, verbose_name="archived through"
                    ),
                ),
            ],
            options={
                "verbose_name": "aggregate",
                "verbose_name_plural": "aggregates",
                "db_table": "event_aggregates",
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="EventRedaction",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("redaction_id", models.TextField(verbose_name="redaction id")),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("event_id", models.TextField(verbose_name="event id")),
                ("position", models.BigIntegerField(verbose_name="position")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                (
                    "aggregate_version",
                    models.BigIntegerField(verbose_name="aggregate version"),
                ),
                ("fields", models.JSONField(verbose_name="fields")),
                ("reason", models.TextField(verbose_name="reason")),
                ("actor", models.JSONField(verbose_name="actor")),
                ("request_id", models.TextField(null=True, verbose_name="request")),
                ("kind", models.TextField(verbose_name="kind")),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        verbose_name="recorded at",
                    ),
                ),
            ],
            options={
                "verbose_name": "redaction",
                "verbose_name_plural": "redactions",
                "db_table": "event_redactions",
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "position", "id"],
                        name="eventstore_redaction_event",
                    ),
                    models.Index(
                        fields=["tenant_id", "aggregate_id", "aggregate_type", "id"],
                        name="eventstore_redaction_aggregate",
                    ),
                    models.Index(
                        fields=["tenant_id", "id"], name="eventstore_redaction_tenant"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "redaction_id"),
                        name="eventstore_redaction_id",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventSnapshot",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("snapshot_id", models.TextField(verbose_name="snapshot id")),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                (
                    "aggregate_version",
                    models.BigIntegerField(verbose_name="aggregate version"),
                ),
                ("last_event_id", models.TextField(verbose_name="last event")),
                ("state", models.JSONField(null=True, verbose_name="state")),
                (
                    "fold_version",
                    models.TextField(db_default="", verbose_name="fold version"),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "snapshot",
                "verbose_name_plural": "snapshots",
                "db_table": "event_snapshots",
                "default_permissions": ("view", "delete"),
                "indexes": [
                    models.Index(
                        fields=[
                            "tenant_id",
                            "aggregate_id",
                            "aggregate_type",
                            "aggregate_version",
                        ],
                        name="eventstore_snapshot_aggregate",
                    ),
                    models.Index(
                        fields=["tenant_id", "id"], name="eventstore_snapshot_tenant"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "snapshot_id"),
                        name="eventstore_snapshot_id",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredEvent",
            fields=[
                (
                    "position",
                    models.BigAutoField(
                        primary_key=True, serialize=False, verbose_name="position"
                    ),
                ),
                ("event_id", models.TextField(verbose_name="event id")),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("aggregate_type", models.TextField(verbose_name="aggregate type")),
                ("aggregate_id", models.TextField(verbose_name="aggregate id")),
                (
                    "aggregate_version",
                    models.BigIntegerField(verbose_name="aggregate version"),
                ),
                ("event_type", models.TextField(verbose_name="event type")),
                ("event_version", models.TextField(verbose_name="event version")),
                ("occurred_at", models.DateTimeField(verbose_name="occurred at")),
                ("stored_at", models.DateTimeField(verbose_name="stored at")),
                ("event_data", models.JSONField(verbose_name="data")),
                ("metadata", models.JSONField(verbose_name="metadata")),
                (
                    "is_redacted",
                    models.BooleanField(db_default=False, verbose_name="redacted"),
                ),
            ],
            options={
                "verbose_name": "stored event",
                "verbose_name_plural": "stored events",
                "db_table": "stored_domain_events",
                "permissions": (("redact_storedevent", "Can redact stored events"),),
                "abstract": False,
                "default_permissions": ("view",),
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "event_type", "position"],
                        name="eventstore_ev_type",
                    ),
                    models.Index(
                        fields=["tenant_id", "occurred_at", "position"],
                        name="eventstore_ev_occurred",
                    ),
                    models.Index(
                        fields=["tenant_id", "aggregate_type", "position"],
                        name="eventstore_ev_aggregate",
                    ),
                    models.Index(
                        fields=["tenant_id", "position"], name="eventstore_ev_position"
                    ),
                    models.Index(
                        models.F("tenant_id"),
                        django.db.models.fields.json.KeyTextTransform(
                            "correlation_id", "metadata"
                        ),
                        models.F("position"),
                        condition=models.Q(
                            django.db.models.lookups.IsNull(
                                django.db.models.fields.json.KeyTextTransform(
                                    "correlation_id", "metadata"
                                ),
                                False,
                            )
                        ),
                        name="eventstore_ev_correlation",
                    ),
                    models.Index(
                        models.F("tenant_id"),
                        django.db.models.fields.json.KeyTextTransform(
                            "causation_id", "metadata"
                        ),
                        models.F("position"),
                        condition=models.Q(
                            django.db.models.lookups.IsNull(
                                django.db.models.fields.json.KeyTextTransform(
                                    "causation_id", "metadata"
                                ),
                                False,
                            )
                        ),
                        name="eventstore_ev_causation",
                    ),
                    models.Index(
                        models.F("tenant_id"),
                        django.db.models.fields.json.KeyTextTransform(
                            "id",
                            django.db.models.fields.json.KeyTransform(
                                "actor", "metadata"
                            ),
                        ),
                        models.F("position"),
                        condition=models.Q(
                            django.db.models.lookups.IsNull(
                                django.db.models.fields.json.KeyTextTransform(
                                    "id",
                                    django.db.models.fields.json.KeyTransform(
                                        "actor", "metadata"
                                    ),
                                ),
                                False,
                            )
                        ),
                        name="eventstore_ev_actor",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "event_id"), name="eventstore_ev_id"
                    ),
                    models.UniqueConstraint(
                        fields=(
                            "tenant_id",
                            "aggregate_id",
                            "aggregate_type",
                            "aggregate_version",
                        ),
                        name="eventstore_ev_version",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TenantGrant",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                (
                    "role",
                    models.TextField(
                        choices=[
                            ("reader", "Reader"),
                            ("writer", "Writer"),
                            ("redactor", "Redactor"),
                        ],
                        default="reader",
                        verbose_name="role",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tenant_grants",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tenant_grants",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "tenant grant",
                "verbose_name_plural": "tenant grants",
                "db_table": "eventstore_tenant_grants",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("user__isnull", True),
                            ("group__isnull", True),
                            _connector="XOR",
                        ),
                        name="eventstore_grant_principal",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant_id", "user", "role"),
                        name="eventstore_grant_user",
                    ),
                    models.UniqueConstraint(
                        fields=("tenant_id", "group", "role"),
                        name="eventstore_grant_group",
                    ),
                ],
            },
        ),
    ]
