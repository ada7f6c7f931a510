"""Answers that are kept for repeated requests, and the role of gateways."""

from __future__ import annotations

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0005_roles"),
    ]

    operations = [
        migrations.AlterField(
            model_name="tenantgrant",
            name="role",
            field=models.TextField(
                choices=[
                    ("reader", "Reader"),
                    ("pii_reader", "Reader of personal data"),
                    ("writer", "Writer"),
                    ("gateway", "Writer on behalf of others"),
                    ("redactor", "Redactor"),
                    ("auditor", "Auditor"),
                    ("lead_auditor", "Lead auditor"),
                    ("privacy_officer", "Privacy officer"),
                    ("dpo", "Data protection officer"),
                    ("security", "Security"),
                    ("platform_admin", "Platform administrator"),
                ],
                default="reader",
                verbose_name="role",
            ),
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("principal", models.TextField(verbose_name="principal")),
                ("key", models.TextField(verbose_name="key")),
                (
                    "fingerprint",
                    models.BinaryField(verbose_name="fingerprint of the request"),
                ),
                ("status", models.SmallIntegerField(verbose_name="status")),
                ("headers", models.JSONField(verbose_name="headers")),
                ("body", models.TextField(verbose_name="body")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "db_table": "eventstore_idempotency_keys",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["expires_at"], name="eventstore_idempotency_expiry"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "principal", "key"),
                        name="eventstore_idempotency_key",
                    )
                ],
            },
        ),
    ]
