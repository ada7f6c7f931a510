"""API keys: made, rotated and revoked here; recognized for the REST API and the feed.

* :mod:`.tokens` - how a key is written, and what of it is stored
* :mod:`.issuing` - create, rotate, revoke, list
* :mod:`.networks` - where a request comes from, and whether a key may come from there
* :mod:`.recognizing` - the principal that a key stands for
"""

from __future__ import annotations
