"""Who may do what in the database, and whether the guards of history stand.

* :mod:`.roles` - the roles of a hardened store
* :mod:`.privileges` - the SQL that hardens, printed or run
* :mod:`.policies` - row-level security: a second wall between tenants
* :mod:`.inspection` - what the catalogs say of guards, functions and rights
* :mod:`.test_databases` - where, and only where, a guard may be lifted
"""

from __future__ import annotations

from eventstore.hardening.privileges import harden, script
from eventstore.hardening.roles import Roles, choose_roles

__all__ = ["Roles", "choose_roles", "harden", "script"]
