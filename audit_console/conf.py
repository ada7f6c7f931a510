"""The settings, one typed line each: ``AUDIT_CONSOLE = {...}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.translation import gettext_lazy as _

#: Why somebody reads, by the code that is stored: what the purpose page offers.
_PURPOSES: Mapping[str, Any] = {
    "audit": _("Periodic audit"),
    "complaint": _("Complaint or dispute"),
    "incident": _("Incident or investigation"),
    "request": _("Request of a person about their data"),
    "support": _("Support case"),
}


@dataclass(frozen=True, kw_only=True)
class ConsoleSettings:
    """Every key of ``AUDIT_CONSOLE`` with its type and default."""

    #: What the console is called in its banner and titles; "" for "Audit console".
    TITLE: str = ""
    #: The environment, in the banner of every page: ``PRODUCTION``; "" for none.
    BADGE: str = ""
    #: The host's own login page, a path or the name of a URL; "" for the console's.
    LOGIN_URL: str = ""
    #: Why somebody reads, by the code that the access log stores; {} asks nobody.
    PURPOSES: Mapping[str, str] = field(default_factory=lambda: dict(_PURPOSES))
    #: The code that the purpose page has chosen already; "" for none.
    PURPOSE_DEFAULT: str = ""
    #: Hours after which a purpose must be given anew.
    PURPOSE_HOURS: float = 8.0
    #: Minutes without a page after which a purpose must be given anew.
    PURPOSE_IDLE_MINUTES: float = 30.0
    #: A sentence for each event type: ``{"OrderPaid": "{actor} paid {aggregate}"}``.
    SUMMARIES: Mapping[str, str] = field(default_factory=dict)
    #: From which to which hour people work, Monday to Friday, by their own clocks.
    WORKING_HOURS: tuple[int, int] = (7, 19)
    #: Seconds that one statement of a page may take.
    STATEMENT_SECONDS: float = 3.0
    #: Seconds that a count or another part may take that a page can do without.
    PART_SECONDS: float = 0.3
    #: Where exports lie, an alias of ``STORAGES`` without a URL; "" for no exports.
    EXPORT_STORAGE: str = ""
    #: Days after which the file of an export is deleted.
    EXPORT_DAYS: float = 7.0
    #: More events than these are not exported at once: refused, never cut.
    EXPORT_MAX_EVENTS: int = 1_000_000
    #: The same for the report, which people read.
    EXPORT_MAX_REPORT_EVENTS: int = 10_000
    #: Whether personal data leave only when a second person has approved that.
    EXPORT_SECOND_PERSON: bool = True
    #: More events than these leave only so, whatever they hold; from the most that an
    #: export may have on, nobody is asked.
    EXPORT_SECOND_PERSON_EVENTS: int = 100_000


#: The settings that must be greater than zero.
_POSITIVE = (
    "PURPOSE_HOURS",
    "PURPOSE_IDLE_MINUTES",
    "STATEMENT_SECONDS",
    "PART_SECONDS",
    "EXPORT_DAYS",
    "EXPORT_MAX_EVENTS",
    "EXPORT_MAX_REPORT_EVENTS",
)
#: The settings that may be zero, but not less.
_NOT_NEGATIVE = ("EXPORT_SECOND_PERSON_EVENTS",)


@cache
def console_settings() -> ConsoleSettings:
    """Return the settings of this project, checked.

    Raises:
        ImproperlyConfigured: a key is unknown, or its value has the wrong type.
    """
    given = getattr(settings, "AUDIT_CONSOLE", {})
    faults = find_faults(given)
    if faults:
        raise ImproperlyConfigured(" ".join(faults))
    return ConsoleSettings(**given)


def find_faults(given: Any) -> list[str]:
    """Return what is wrong with the dictionary ``given``, a sentence each."""
    if not isinstance(given, dict):
        return ["AUDIT_CONSOLE must be a dictionary."]
    known = {item.name: item for item in fields(ConsoleSettings)}
    faults = [
        f"AUDIT_CONSOLE[{key!r}] is unknown; known are {', '.join(sorted(known))}."
        for key in given
        if key not in known
    ]
    defaults = ConsoleSettings()
    faults += [
        f"AUDIT_CONSOLE[{key!r}] must be {known[key].type}, not {value!r}."
        for key, value in given.items()
        if key in known and not _fits(value, getattr(defaults, key))
    ]
    hours = given.get("WORKING_HOURS", defaults.WORKING_HOURS)
    return faults or [*_too_small(given), *_faults_of_hours(hours)]


def _too_small(given: Mapping[str, Any]) -> list[str]:
    return [
        f"AUDIT_CONSOLE[{key!r}] must be greater than zero."
        for key in _POSITIVE
        if key in given and given[key] <= 0
    ] + [
        f"AUDIT_CONSOLE[{key!r}] must not be less than zero."
        for key in _NOT_NEGATIVE
        if key in given and given[key] < 0
    ]


def _faults_of_hours(hours: Sequence[int]) -> list[str]:
    if 0 <= hours[0] < hours[1] <= 24:  # noqa: PLR2004 - a day
        return []
    fault = "must be two hours of a day, from 0 to 24, the earlier one first"
    return [f"AUDIT_CONSOLE['WORKING_HOURS'] {fault}, not {hours!r}."]


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, dict):
        return isinstance(value, dict) and _all_texts([*value, *value.values()])
    if isinstance(default, tuple):
        return isinstance(value, tuple) and list(map(type, value)) == list(
            map(type, default)
        )
    kinds = (float, int) if type(default) is float else (type(default),)
    return type(value) in kinds


def _all_texts(values: Sequence[Any]) -> bool:
    # A label may be a lazy translation, which is a promise of a text.
    return all(isinstance(value, str) or hasattr(value, "__mod__") for value in values)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "AUDIT_CONSOLE":
        console_settings.cache_clear()


setting_changed.connect(_forget)
