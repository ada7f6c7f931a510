"""Events that come in over HTTP.

* :mod:`.faults` - every fault of a body, each with its place
* :mod:`.drafts` - the JSON of the API as events
* :mod:`.cloudevents` - CloudEvents 1.0 as events: structured, batch and binary
* :mod:`.actors` - in whose name
* :mod:`.orders` - what one request asks for: tenant, events, expected versions
* :mod:`.answers` - what it gets
* :mod:`.executing` - the append itself
* :mod:`.retries` - which retries are told to be some
"""
