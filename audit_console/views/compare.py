"""Up to five events beside each other."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from audit_console.access import Act
from audit_console.presenters import comparison
from audit_console.presenters.masking import Mask
from audit_console.queries import event as asked
from audit_console.queries.log_events import LogEvent
from audit_console.views.objects import ObjectPage

#: More columns than this cannot be read.
MOST = 5


class ComparePage(ObjectPage):
    """``?e=<position>&e=<position>``: what the same and what different events hold."""

    act = Act.COMPARE_EVENTS
    template_name = "audit_console/events/compare.html"
    title = _("Compare events")
    shows_payload: ClassVar[bool] = True

    def context(self) -> dict[str, Any]:
        """Return the events that there are, and say which there are not."""
        given = list(dict.fromkeys(self.request.GET.getlist("e")))
        texts = [text.strip() for text in given if text.strip()]
        found, missing = [], []
        for text in texts[:MOST]:
            event = self._event(text)
            if event is None:
                missing.append(text[:40])
            else:
                found.append(event)
        tenants = {event.tenant_id for event in found}
        sights = {tenant: self.sight(tenant) for tenant in tenants}
        payloads = bool(found) and all(sight.payloads for sight in sights.values())
        if payloads:
            found = [asked.with_payload(self.reading, event) for event in found]
        self.seen.tenants = sorted(tenants) or None
        self.seen.objects = [f"event:{event.position}" for event in found]
        # What is hidden in one of their tenants is hidden in all of them here.
        mask = Mask(tuple(path for each in sights.values() for path in each.mask.paths))
        return {
            "events": found,
            "missing": missing,
            "left_out": texts[MOST:],
            "most": MOST,
            "blanks": range(max(2 - len(found), min(1, MOST - len(found)))),
            "payloads": payloads,
            "only": self.text("only") == "differences",
            **_compared(found, mask, payloads=payloads),
        }

    def _event(self, text: str) -> LogEvent | None:
        if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - digits of a position
            return None
        return asked.at(self.reading, int(text), self.scope.mine)


def _compared(events: list[LogEvent], mask: Mask, *, payloads: bool) -> dict[str, Any]:
    metadata, all_metadata = comparison.compare(
        [event.metadata for event in events], base="/metadata", mask=mask
    )
    told = {"metadata": metadata, "is_complete": all_metadata}
    if payloads:
        data, all_data = comparison.compare(
            [event.data for event in events], base="/data", mask=mask
        )
        told |= {"data": data, "is_complete": all_metadata and all_data}
    return told
