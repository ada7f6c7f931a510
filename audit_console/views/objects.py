"""What the pages of one object share: its address, and who may see what of it."""

from __future__ import annotations

from typing import ClassVar

from django.http import Http404

from audit_console.queries.aggregates import Ends, Key, ends
from audit_console.queries.states import MAX_FOLDED
from audit_console.sight import Sight, sight_in
from audit_console.views.base import Page

#: Longer parameters are no ids of anything.
_MAX_LENGTH = 1_000
#: How many events are folded, unasked, to tell what others changed after them.
_FOLDED = 1_000
#: The largest position and version that the database counts to.
LARGEST = (1 << 63) - 1


class ObjectPage(Page):
    """A page whose address names an object, with its tenant."""

    room: ClassVar[str] = "events"

    def text(self, name: str) -> str:
        """Return a parameter of the address, "" if there is none.

        Raises:
            Http404: it holds what PostgreSQL's text cannot, so nothing has that name.
        """
        found = self.request.GET.get(name, "")
        if len(found) > _MAX_LENGTH or "\0" in found or not _is_storable(found):
            raise Http404
        return found

    def number(self, name: str) -> int | None:
        """Return a parameter as a whole number from 0 up; ``None`` if it is none."""
        found = self.request.GET.get(name, "")
        if not found.isascii() or not found.isdigit():
            return None
        return min(int(found[:19]), LARGEST)

    @property
    def most_folded(self) -> int:
        """How many events are folded to tell what others changed: more with ``fold=``.

        A page is quick with few; who wants to know may wait for all.
        """
        return MAX_FOLDED if self.text("fold") == "all" else _FOLDED

    def tenant(self) -> str:
        """Return the tenant that the address names.

        Raises:
            Http404: there is none, or the reader may not see it.
        """
        found = self.text("tenant")
        if found not in self.scope.mine:
            raise Http404
        return found

    def sight(self, tenant_id: str) -> Sight:
        """Return what the reader sees in a tenant."""
        return sight_in(self.scope, tenant_id)


class AggregateObjectPage(ObjectPage):
    """A page of one aggregate: ``?tenant=&type=&id=``."""

    room: ClassVar[str] = "aggregates"

    key: Key
    ends: Ends

    def find(self) -> None:
        """Find the aggregate that the address names.

        Raises:
            Http404: it has no events up to the horizon, or not for this reader.
        """
        self.key = Key(self.tenant(), self.text("type"), self.text("id"))
        found = ends(self.reading, self.key)
        if found is None:
            raise Http404
        self.ends = found
        self.seen.tenants = [self.key.tenant_id]
        self.seen.objects = [
            f"aggregate:{self.key.aggregate_type}:{self.key.aggregate_id}"
        ]


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
