"""The outgoing feed: events of a tenant, sent to URLs as signed CloudEvents.

Each endpoint is a durable subscription of its own, with what that brings: a checkpoint,
leases, retries, dead letters.

* :mod:`.signing` - the signature scheme of Standard Webhooks
* :mod:`.targets` - which URLs and addresses may be reached
* :mod:`.sending` - one request and its answer
* :mod:`.endpoints` - add, rotate, disable
* :mod:`.delivering` - an event to an endpoint; endpoints as subscriptions
"""

from __future__ import annotations
