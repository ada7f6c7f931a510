"""Lists of the console as files: asked for by people, made by ``audit_worker``.

* :mod:`.columns` - what an event gives to a file, as far as its requester may see it
* :mod:`.formats`, :mod:`.ndjson`, :mod:`.csv_copy`, :mod:`.report` - the three formats
* :mod:`.manifest` - what the file is, beside it
* :mod:`.files` - where the files lie
* :mod:`.plan` - what one export is allowed to do today
* :mod:`.making` - piece by piece, resumable, to the whole file
* :mod:`.queue` - who works on what; :mod:`.sweeping` - what is deleted and when
* :mod:`.worker` - the process
* :mod:`.approving` - whether a second person is needed, and who that may be
* :mod:`.requests` - how one is asked for; :mod:`.forms` - the form
"""

from __future__ import annotations
