"""Exports say what their second person is asked about: personal data, many events."""

from __future__ import annotations

from typing import Any

import django.contrib.postgres.fields
from django.db import migrations, models


def name_the_only_reason(apps: Any, schema_editor: Any) -> None:
    """Until now, only personal data waited."""
    exports = apps.get_model("audit_console", "Export").objects.using(
        schema_editor.connection.alias
    )
    waited = models.Q(state="waiting") | ~models.Q(approver_key="")
    exports.filter(waited).update(approval_reasons=["personal"])


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0006_second_person_of_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="counted",
            field=models.BigIntegerField(
                null=True, verbose_name="events, when asked for"
            ),
        ),
        migrations.AddField(
            model_name="export",
            name="approval_reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(
                    choices=[("personal", "personal data"), ("events", "many events")]
                ),
                blank=True,
                default=list,
                size=None,
                verbose_name="reasons for an approval",
            ),
        ),
        migrations.RunPython(name_the_only_reason, migrations.RunPython.noop),
    ]
