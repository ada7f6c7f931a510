"""What all pages have in common around their content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit_console import preferences, purposes, zones
from audit_console.conf import console_settings
from audit_console.models import Preference
from audit_console.scope import Scope
from eventstore.roles import Permission


@dataclass(frozen=True, slots=True)
class Room:
    """A place of the navigation.

    Attributes:
        name: what a page's ``room`` says to mark it as the current one.
        label: what is shown.
        url_name: the URL that it leads to, without the namespace.
        permission: who may enter, in at least one tenant.
    """

    name: str
    label: str | Promise
    url_name: str
    permission: Permission = Permission.VIEW_EVENT

    @property
    def url(self) -> str:
        """Where it is."""
        return reverse(f"audit_console:{self.url_name}")


#: The navigation, in its order. Add a line for a new room.
ROOMS: tuple[Room, ...] = (
    Room("overview", _("Overview"), "index"),
    Room("events", _("Events"), "events"),
    Room("aggregates", _("Aggregates"), "aggregates"),
    Room("redactions", _("Redactions"), "redactions"),
    Room("saved", _("Saved"), "saved"),
    Room("exports", _("Exports"), "exports", Permission.EXPORT),
    Room("access", _("Access log"), "access", Permission.VIEW_ACCESS_LOG),
)


class Chrome:
    """Banner, navigation and footer of one request: ``chrome`` in the templates."""

    def __init__(self, request: HttpRequest, scope: Scope, room: str = "") -> None:
        """Remember what they are made of."""
        self.request = request
        self.scope = scope
        self.room = room
        self.title = console_settings().TITLE
        self.badge = console_settings().BADGE

    @cached_property
    def rooms(self) -> list[Room]:
        """The rooms that the user may enter somewhere."""
        return [
            room
            for room in ROOMS
            if any(self.scope.may(room.permission, each) for each in self.scope.mine)
        ]

    @cached_property
    def purpose(self) -> purposes.Purpose | None:
        """Why the user reads."""
        return purposes.active(self.request)

    @property
    def asks_purposes(self) -> bool:
        """Whether anybody is asked why they read."""
        return bool(console_settings().PURPOSES)

    @cached_property
    def zone(self) -> str:
        """The name of the time zone."""
        return zones.zone_of(self.request).key

    @property
    def zones(self) -> list[str]:
        """The zones to choose from at once."""
        return zones.offered(self.request)

    @property
    def theme(self) -> str:
        """The theme of the first paint; "" for the system's."""
        chosen = preferences.of(self.request).theme
        return "" if chosen == Preference.Theme.AUTO else chosen

    @property
    def shortcuts(self) -> bool:
        """Whether single keys do something."""
        return preferences.of(self.request).shortcuts

    @property
    def here(self) -> str:
        """The address of this page, with its query."""
        return self.request.get_full_path()

    @property
    def switch_path(self) -> str:
        """Where another tenant is looked at: this room, without this one's filters."""
        for room in ROOMS:
            if room.name == self.room:
                return room.url
        return reverse("audit_console:index")

    @property
    def version(self) -> str:
        """The version of the package."""
        try:
            return version("django-eventstore")
        except PackageNotFoundError:
            return ""
