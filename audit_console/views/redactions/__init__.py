"""Redactions with a second person: drafted, reviewed, decided, executed."""

from __future__ import annotations

from audit_console.views.redactions.deciding import DecisionPage
from audit_console.views.redactions.drafting import FieldsPage, NewRequestPage
from audit_console.views.redactions.listing import RedactionsPage
from audit_console.views.redactions.request import RedactionPage

__all__ = [
    "DecisionPage",
    "FieldsPage",
    "NewRequestPage",
    "RedactionPage",
    "RedactionsPage",
]
