"""Events by the million: up and down as JSON Lines, in constant memory.

* :mod:`.streams` - bodies and answers that never stand in memory whole
* :mod:`.lines` - one line of an upload as an event
* :mod:`.uploading` - chunks of lines into the log, and what became of them
* :mod:`.downloading` - the log into lines, as far as the caller may see it
"""
