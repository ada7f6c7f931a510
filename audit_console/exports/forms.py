"""What is chosen for an export; what of the log it is about stands in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit_console.exports.columns import COLUMNS
from audit_console.models import Export


class ExportForm(forms.Form):
    """Format, columns, and whether personal data may be among them."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=Export.Format.choices,
        initial=Export.Format.NDJSON,
        widget=forms.RadioSelect,
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=list(COLUMNS.items()),
        initial=list(COLUMNS),
        widget=forms.CheckboxSelectMultiple,
    )
    with_personal = forms.BooleanField(
        label=_("With what is declared personal"), required=False
    )

    def __init__(
        self, *args: Any, payloads: bool, personal: bool, **kwargs: Any
    ) -> None:
        """Offer what the grants allow.

        Args:
            args: as for every form.
            payloads: whether payloads may leave.
            personal: whether personal data may leave.
            kwargs: as for every form.
        """
        super().__init__(*args, **kwargs)
        if not payloads:
            columns = self.fields["columns"]
            offered = [pair for pair in COLUMNS.items() if pair[0] != "data"]
            if isinstance(columns, forms.MultipleChoiceField):
                columns.choices = offered
            columns.initial = [name for name, _label in offered]
        if not personal:
            del self.fields["with_personal"]

    def clean_columns(self) -> list[str]:
        """Return the columns in their order."""
        chosen = set(self.cleaned_data["columns"])
        return [name for name in COLUMNS if name in chosen]
