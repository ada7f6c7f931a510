"""Exports with personal data wait for a second person."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0005_roles_of_readers"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="approver_key",
            field=models.TextField(
                blank=True, default="", verbose_name="approver's id"
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="approver_name",
            field=models.TextField(
                blank=True, default="", verbose_name="approver's name"
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="decided_at",
            field=models.DateTimeField(null=True, verbose_name="decided"),
        ),
        migrations.AlterField(
            model_name="export",
            name="state",
            field=models.TextField(
                choices=[
                    ("waiting", "Waits for a second person"),
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("ready", "Ready"),
                    ("failed", "Failed"),
                    ("expired", "Expired"),
                    ("cancelled", "Cancelled"),
                    ("rejected", "Rejected"),
                ],
                default="queued",
                verbose_name="state",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approver_key", ""),
                    models.Q(("approver_key", models.F("owner_key")), _negated=True),
                    _connector="OR",
                ),
                name="audit_export_second_person",
            ),
        ),
    ]
