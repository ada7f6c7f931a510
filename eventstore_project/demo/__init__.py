"""The demo: a small QA tool whose history fills the store.

* :mod:`.requirement`, :mod:`.release`, :mod:`.events` - the domain
* :mod:`.event_migrations`, :mod:`.subscribers` - found by autodiscovery
* :mod:`.story` - ninety days of three tenants; :mod:`.filling` - lets them happen
* :mod:`.guarding` - whether this database may be filled; :mod:`.accounts` - who logs in
* :mod:`.serving`, :mod:`.views` - the server and the start page
"""

from __future__ import annotations
