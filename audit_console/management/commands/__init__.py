"""``manage.py audit_...``."""

from __future__ import annotations
