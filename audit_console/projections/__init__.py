"""Rollups, kept by two subscriptions: a whole log is never counted for a chart.

* :mod:`.event_counts` - by tenant, basis, day (and hour) and event type
* :mod:`.actor_counts` - by tenant, day and actor
"""

from __future__ import annotations

from audit_console.projections.actor_counts import ActorCounts
from audit_console.projections.event_counts import EventCounts

__all__ = ["ActorCounts", "EventCounts"]

EventCounts.register()
ActorCounts.register()
