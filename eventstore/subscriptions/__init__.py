"""Durable subscriptions: named readers of the log that remember how far they came.

* :mod:`.declaration` - what a subscription is, and the registry
* :mod:`.checkpoints` - how far each partition has come; moved only with its effect
* :mod:`.leases` - which worker runs which partition
* :mod:`.failures` - retries, and events that were given up
* :mod:`.delivery` - one batch of one partition
* :mod:`.wakeup` - who waits is woken
* :mod:`.worker` - all of it, in threads
* :mod:`.status` - lag, and who holds the log back
"""

from __future__ import annotations
