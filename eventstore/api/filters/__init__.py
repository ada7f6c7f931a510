"""What the lists can be filtered by.

* :mod:`.fields` - single parameters: moments, positions, texts
* :mod:`.payload` - equality of fields of the payload
* :mod:`.sets` - the filters of each list
* :mod:`.strict` - parameters that are none are refused
"""

from __future__ import annotations

from eventstore.api.filters.sets import (
    AggregateEventFilterSet,
    AggregateFilterSet,
    AggregateSnapshotFilterSet,
    EventFilterSet,
    Filters,
    SnapshotFilterSet,
)
from eventstore.api.filters.strict import StrictFilterBackend

__all__ = [
    "AggregateEventFilterSet",
    "AggregateFilterSet",
    "AggregateSnapshotFilterSet",
    "EventFilterSet",
    "Filters",
    "SnapshotFilterSet",
    "StrictFilterBackend",
]
