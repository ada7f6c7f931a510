"""The rollups that charts are drawn of."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0002_saved_searches"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActorCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("begins_at", models.DateTimeField(verbose_name="begins at")),
                ("actor_id", models.TextField(verbose_name="actor")),
                ("actor_kind", models.TextField(verbose_name="kind")),
                ("events", models.BigIntegerField(verbose_name="events")),
            ],
            options={
                "verbose_name": "actor count",
                "verbose_name_plural": "actor counts",
                "db_table": "audit_console_actor_counts",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant_id", "begins_at", "actor_id", "actor_kind"),
                        name="audit_actor_counts",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="EventCount",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("basis", models.TextField(verbose_name="basis")),
                (
                    "grain",
                    models.TextField(
                        choices=[("day", "Day"), ("hour", "Hour")], verbose_name="grain"
                    ),
                ),
                ("begins_at", models.DateTimeField(verbose_name="begins at")),
                ("event_type", models.TextField(verbose_name="event type")),
                ("events", models.BigIntegerField(verbose_name="events")),
            ],
            options={
                "verbose_name": "event count",
                "verbose_name_plural": "event counts",
                "db_table": "audit_console_event_counts",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "tenant_id",
                            "basis",
                            "grain",
                            "begins_at",
                            "event_type",
                        ),
                        name="audit_event_counts",
                    )
                ],
            },
        ),
    ]
