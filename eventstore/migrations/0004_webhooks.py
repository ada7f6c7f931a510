"""Webhooks: endpoints, their secrets, what was tried."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0003_subscriptions"),
    ]

    operations = [
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("url", models.TextField(verbose_name="URL")),
                (
                    "description",
                    models.TextField(
                        blank=True, db_default="", verbose_name="description"
                    ),
                ),
                (
                    "event_types",
                    models.JSONField(null=True, verbose_name="event types"),
                ),
                (
                    "aggregate_types",
                    models.JSONField(null=True, verbose_name="aggregate types"),
                ),
                (
                    "partitions",
                    models.IntegerField(
                        db_default=1, verbose_name="requests at a time"
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(db_default=True, verbose_name="active"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "disabled_at",
                    models.DateTimeField(null=True, verbose_name="disabled at"),
                ),
                (
                    "disabled_reason",
                    models.TextField(
                        blank=True, db_default="", verbose_name="disabled because"
                    ),
                ),
                (
                    "rests_until",
                    models.DateTimeField(null=True, verbose_name="rests until"),
                ),
            ],
            options={
                "verbose_name": "webhook",
                "verbose_name_plural": "webhooks",
                "db_table": "event_webhooks",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="WebhookSecret",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("secret", models.TextField(verbose_name="secret")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "expires_at",
                    models.DateTimeField(null=True, verbose_name="expires at"),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to="eventstore.webhookendpoint",
                        verbose_name="webhook",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook secret",
                "verbose_name_plural": "webhook secrets",
                "db_table": "event_webhook_secrets",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WebhookAttempt",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.TextField(verbose_name="event id")),
                (
                    "position",
                    models.BigIntegerField(null=True, verbose_name="position"),
                ),
                (
                    "attempted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="attempted at",
                    ),
                ),
                ("seconds", models.FloatField(verbose_name="seconds")),
                ("status", models.IntegerField(null=True, verbose_name="HTTP status")),
                (
                    "retry_after",
                    models.FloatField(null=True, verbose_name="asked to wait, seconds"),
                ),
                (
                    "error",
                    models.TextField(blank=True, db_default="", verbose_name="error"),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="eventstore.webhookendpoint",
                        verbose_name="webhook",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook attempt",
                "verbose_name_plural": "webhook attempts",
                "db_table": "event_webhook_attempts",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["endpoint", "-id"], name="eventstore_webhook_attempt"
                    )
                ],
            },
        ),
    ]
