"""Saved searches and preferences."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit_console", "0001_access_log"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                (
                    "time_zone",
                    models.TextField(default="UTC", verbose_name="time zone"),
                ),
                (
                    "theme",
                    models.TextField(
                        choices=[
                            ("auto", "As the system"),
                            ("light", "Light"),
                            ("dark", "Dark"),
                        ],
                        default="auto",
                        verbose_name="theme",
                    ),
                ),
                (
                    "shortcuts",
                    models.BooleanField(
                        default=True,
                        help_text="Single keys such as j, k and /; never while you type.",
                        verbose_name="keyboard shortcuts",
                    ),
                ),
            ],
            options={
                "verbose_name": "preference",
                "verbose_name_plural": "preferences",
                "db_table": "audit_console_preferences",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant_id", models.TextField(verbose_name="tenant")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "description",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="description"
                    ),
                ),
                ("address", models.TextField(verbose_name="address")),
                (
                    "is_shared",
                    models.BooleanField(default=False, verbose_name="shared"),
                ),
                (
                    "is_pinned",
                    models.BooleanField(default=False, verbose_name="on the overview"),
                ),
                (
                    "created_at",
                    models.DateTimeField(auto_now_add=True, verbose_name="saved"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "saved search",
                "verbose_name_plural": "saved searches",
                "db_table": "audit_console_saved_searches",
                "ordering": ("name", "id"),
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["tenant_id"], name="audit_saved_tenant")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "tenant_id", "name"),
                        name="audit_console_saved_name",
                        violation_error_message="You have saved something by this name.",
                    )
                ],
            },
        ),
    ]
