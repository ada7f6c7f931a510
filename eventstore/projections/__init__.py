"""Read models kept by subscriptions: written with their checkpoint, rebuilt at will.

* :mod:`.projection` - what a projection declares
* :mod:`.current_state` - the state of every aggregate of a type, ready made
* :mod:`.rebuild` - built anew beside the live one, then switched
"""

from __future__ import annotations
