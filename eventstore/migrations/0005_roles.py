"""Roles of the console beside those of machines."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("eventstore", "0004_webhooks"),
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
    ]
