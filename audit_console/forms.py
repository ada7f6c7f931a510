"""Input and its errors."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit_console import zones
from audit_console.access import Act, Outcome
from audit_console.conf import console_settings
from audit_console.language.moments import NotAMoment, by_clock, end_of
from audit_console.models import Preference, SavedSearch
from audit_console.presenters import acts, dates
from audit_console.queries import working_hours

if TYPE_CHECKING:
    _PreferenceForm = forms.ModelForm[Preference]
    _SavedSearchForm = forms.ModelForm[SavedSearch]
else:  # Django's classes take no parameters when they run.
    _PreferenceForm = _SavedSearchForm = forms.ModelForm

_REFERENCE_LENGTH = 120
_CASE_LENGTH = 60
#: What the browser's own field for a time can show.
_LOCAL = re.compile(r"|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)


class PurposeForm(forms.Form):
    """Why somebody reads."""

    purpose = forms.ChoiceField(label=_("Purpose"))
    reference = forms.CharField(
        label=_("Reference"),
        help_text=_("The number of a case, a ticket or an engagement."),
        max_length=_REFERENCE_LENGTH,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the purposes of the settings."""
        super().__init__(*args, **kwargs)
        purpose = self.fields["purpose"]
        if isinstance(purpose, forms.ChoiceField):
            offered = list(console_settings().PURPOSES.items())
            purpose.choices = [("", _("Choose …")), *offered]


class MomentField(forms.DateTimeField):
    """A time by the reader's clock, or with an offset where that shows one twice."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the moment that ``value`` names.

        Raises:
            ValidationError: it names none, or two; then both are offered.
        """
        if value in self.empty_values:
            return None
        try:
            return end_of(str(value), timezone.get_current_timezone(), 0)
        except NotAMoment as error:
            raise forms.ValidationError(str(error)) from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what is shown of an address: by the reader's clock if that can be."""
        return by_clock(data, timezone.get_current_timezone()) if data else data


class AccessFilterForm(forms.Form):
    """What the access log can be filtered by; the address holds it all."""

    user_name = forms.CharField(label=_("Reader"), required=False, max_length=150)
    act = forms.ChoiceField(label=_("Act"), required=False)
    object = forms.CharField(label=_("What was seen"), required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False)
    since = MomentField(label=_("From"), required=False)
    until = MomentField(
        label=pgettext_lazy("a bound of time", "Before"), required=False
    )
    hours = forms.ChoiceField(label=_("Working hours"), required=False)
    before = forms.IntegerField(required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the acts, outcomes and purposes that there are."""
        super().__init__(*args, **kwargs)
        self.offered: dict[str, list[tuple[str, Any]]] = {
            "act": [(act, acts.act(act)) for act in Act],
            "outcome": [(each, acts.outcome(each)) for each in Outcome],
            "purpose": list(console_settings().PURPOSES.items()),
            "hours": [("off", _("Only outside"))],
        }
        for name, choices in self.offered.items():
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", _("Any")), *choices]
        self.fields["hours"].help_text = working_hours.in_words()
        for name in ("since", "until"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs={"type": "datetime-local", "step": "1"},
                format="%Y-%m-%dT%H:%M:%S",
            )

    def clean(self) -> dict[str, Any]:
        """Let offsets be seen and written, where one is needed."""
        for name in ("since", "until"):
            shown = self[name].value() or ""
            if name in self.errors or not _LOCAL.fullmatch(shown):
                self.fields[name].widget = forms.TextInput()
        return self.cleaned_data

    @property
    def filters(self) -> list[tuple[str, Any, Any]]:
        """What is asked for: name, label and value in words each."""
        return [
            (name, self.fields[name].label, self._in_words(name, value))
            for name, value in self._asked.items()
        ]

    @property
    def place(self) -> dict[str, Any]:
        """Where in the log the page is."""
        return {name: self.cleaned_data[name] for name in ("before", "after")}

    def as_text(self) -> str:
        """Return what is asked for as one line, as it is stored."""
        return " ".join(f"{name}:{value}" for name, value in self._asked.items())

    @property
    def _asked(self) -> dict[str, Any]:
        given = self.cleaned_data if self.is_valid() else {}
        return {
            name: given[name]
            for name, field in self.fields.items()
            if not field.widget.is_hidden and given.get(name)
        }

    def _in_words(self, name: str, value: Any) -> Any:
        if isinstance(value, datetime):
            return dates.moment(timezone.localtime(value))
        offered = self.offered.get(name, ())
        return next((words for code, words in offered if code == value), value)


class RedactionForm(forms.Form):
    """Why something is to be removed."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept for good in the record of each removal: no personal data."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
    )
    case_number = forms.CharField(
        label=_("Case number"), max_length=_CASE_LENGTH, required=False
    )


class NewRedactionForm(RedactionForm):
    """The same for a draft that is to be made, once."""

    token = forms.CharField(max_length=100, widget=forms.HiddenInput)


class ApprovalForm(forms.Form):
    """The number that whoever has read the request knows."""

    events = forms.IntegerField(
        label=_("How many events does it remove from? Type the number"),
        min_value=1,
        max_value=10_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class RejectionForm(forms.Form):
    """Why not."""

    why = forms.CharField(
        label=_("Why not"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class PreferenceForm(_PreferenceForm):
    """How a person likes to read."""

    class Meta:
        """All but the user."""

        model = Preference
        fields = ("time_zone", "theme", "shortcuts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer every zone that this machine knows."""
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=[(name, name) for name in sorted(zones.names())],
            help_text=_("Times show their offset; UTC is in the tip of each."),
        )


class SavedSearchForm(_SavedSearchForm):
    """A name for an address."""

    class Meta:
        """The rest is known: the owner and the tenant."""

        model = SavedSearch
        fields = ("name", "description", "is_shared", "is_pinned", "address")
        widgets = {"address": forms.HiddenInput}
        help_texts = {
            "is_shared": _("With everybody who may see this tenant."),
        }

    def _get_validation_exclusions(self) -> set[str]:
        # Owner and tenant are no fields, but the name is unique among theirs.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's, untyped
        return excluded - {"owner", "tenant_id"}
