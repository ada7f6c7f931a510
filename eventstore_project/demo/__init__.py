"""The demo: a small QA tool whose history fills the store.

* :mod:`.requirement`, :mod:`.release`, :mod:`.events` - the domain
* :mod:`.event_migrations`, :mod:`.subscribers`, :mod:`.projections` - found by
  autodiscovery; :mod:`.process_managers` - what is remembered until it is due
* :mod:`.story` - ninety days of three tenants; :mod:`.filling` - lets them happen
* :mod:`.guarding` - whether this database may be filled; :mod:`.accounts` - who logs in
* :mod:`.stories` - what is worth a look; :mod:`.requesting`, :mod:`.exporting` - what
  people of the console have done; :mod:`.summaries` - its sentences
* :mod:`.serving`, :mod:`.views` - the server and the start page; :mod:`.badge` - says
  what they are
* :mod:`.working` - the workers beside it; :mod:`.living` - what happens meanwhile
"""

from __future__ import annotations
