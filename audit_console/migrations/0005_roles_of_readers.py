"""In which roles somebody looked."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0004_exports"),
    ]

    operations = [
        # A default of the database: rows that are there already are never updated.
        migrations.AddField(
            model_name="accessrecord",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                db_default=[],
                default=list,
                size=None,
                verbose_name="roles",
            ),
        ),
    ]
