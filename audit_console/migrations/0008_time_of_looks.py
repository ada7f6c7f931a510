"""Looks of a day long ago are found without passing over all since."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0007_reasons_of_approvals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessrecord",
            index=models.Index(fields=["at"], name="audit_access_time"),
        ),
    ]
