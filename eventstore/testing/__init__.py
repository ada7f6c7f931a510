"""For the tests of hosts: what lifts the TRUNCATE guard in a test database.

``TransactionTestCase`` empties all tables by TRUNCATE, which the guards refuse. With
pytest the plugin is found by itself; with Django's runner, mix in::

    class Runner(EventStoreTestRunnerMixin, DiscoverRunner): ...
"""

from __future__ import annotations

from eventstore.testing.guards import EventStoreTestRunnerMixin, lift_truncate_guards

__all__ = ["EventStoreTestRunnerMixin", "lift_truncate_guards"]
