"""The settings, one typed line each: ``EVENTSTORE = {...}``."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

#: RFC 6901, beginning in one of the documents.
_PERSONAL_PATH = re.compile(r"/(?:data|metadata|state)(?:/(?:[^/~]|~[01])+)+")

_RATE = re.compile(r"([1-9]\d{0,8})/(s|min|h|day)", re.ASCII)
_SECONDS = {"s": 1, "min": 60, "h": 3600, "day": 86_400}


@dataclass(frozen=True, kw_only=True)
class StoreSettings:
    """Every key of ``EVENTSTORE`` with its type and default."""

    #: The database alias of the store: that of the models that are written with it.
    DATABASE: str = "default"
    #: How many bytes an event's payload may have as JSON in UTF-8.
    MAX_PAYLOAD_BYTES: int = 1_000_000
    #: How many bytes an event's metadata may have as JSON in UTF-8.
    MAX_METADATA_BYTES: int = 1_000_000
    #: How deep objects and arrays of a payload or of metadata may nest.
    MAX_DEPTH: int = 100
    #: By how many seconds ``occurred_at`` may lie in the future.
    FUTURE_TOLERANCE_SECONDS: int = 300
    #: How many events a page has, and how many an iterator fetches at once.
    PAGE_SIZE: int = 1000
    #: Whether numbers with a fraction are read as ``Decimal`` instead of ``float``.
    DECIMAL_NUMBERS: bool = False
    #: Whether statements are prepared; ``False`` behind a pooler that lacks it.
    PREPARE_STATEMENTS: bool = True
    #: Whether an append wakes the workers and live feeds after its commit.
    NOTIFY: bool = True
    #: The alias for LISTEN: behind a pooler, one that bypasses it; "" for DATABASE.
    LISTEN_DATABASE: str = ""
    #: Seconds that one statement of a reading request of the API may take.
    API_STATEMENT_TIMEOUT_SECONDS: float = 10.0
    #: Whether the modules ``subscribers`` and so on of all apps are imported.
    AUTODISCOVER: bool = True
    #: Seconds after which a live feed that has nothing to say shows that it lives.
    FEED_HEARTBEAT_SECONDS: float = 15.0
    #: Seconds after which a live feed asks anew whether its user may still see it.
    FEED_RECHECK_SECONDS: float = 30.0
    #: How many live feeds one user may have open in one process.
    FEED_STREAMS_PER_USER: int = 20
    #: How many live feeds one process serves.
    FEED_STREAMS: int = 2000
    #: Whether errors of subscribers in the process are raised; for tests.
    STRICT_DELIVERY: bool = False
    #: How many bytes the body of a request to the API may have; uploads are streamed.
    API_MAX_BODY_BYTES: int = 20_000_000
    #: How many events one request may append together.
    API_MAX_BATCH_EVENTS: int = 10_000
    #: For how many seconds the answer to an ``Idempotency-Key`` is kept.
    IDEMPOTENCY_KEY_SECONDS: int = 86_400
    #: What the ``source`` of a CloudEvent begins with: a URL of this deployment.
    CLOUDEVENTS_SOURCE: str = ""
    #: What is personal in events: JSON pointers such as "/data/customer/email"; a "*"
    #: stands for any key or index. "/metadata/ip" always is.
    PERSONAL_PATHS: tuple[str, ...] = ()
    #: Whether a second person must approve a redaction asked for in the console.
    REDACTION_SECOND_PERSON: bool = True
    #: How often one user or key may ask the API, such as "1200/min"; "" for no limit.
    API_RATE: str = "1200/min"
    #: How many proxies stand before the API; each adds one to X-Forwarded-For.
    API_TRUSTED_PROXIES: int = 0
    #: Whether webhooks may use http; in the open, anybody reads the events.
    WEBHOOK_ALLOW_HTTP: bool = False
    #: Whether webhooks may reach private and loopback addresses; for intranets.
    WEBHOOK_ALLOW_PRIVATE: bool = False
    #: Seconds until a connection to a webhook must stand.
    WEBHOOK_CONNECT_TIMEOUT: float = 5.0
    #: Seconds until a webhook must have answered in full.
    WEBHOOK_TIMEOUT: float = 15.0
    #: Seconds before the second try of a webhook; doubled each time, with jitter.
    WEBHOOK_BACKOFF: float = 5.0
    #: Seconds between two tries of a webhook at most.
    WEBHOOK_MAX_BACKOFF: float = 43_200.0
    #: Tries until an event is given up for a webhook: two days with these numbers.
    WEBHOOK_MAX_ATTEMPTS: int = 17

    @property
    def positive(self) -> tuple[str, ...]:
        """Return the names of the settings that must be greater than zero."""
        return (
            "MAX_PAYLOAD_BYTES",
            "MAX_METADATA_BYTES",
            "MAX_DEPTH",
            "PAGE_SIZE",
            "API_STATEMENT_TIMEOUT_SECONDS",
            "API_MAX_BODY_BYTES",
            "API_MAX_BATCH_EVENTS",
            "IDEMPOTENCY_KEY_SECONDS",
            "FEED_HEARTBEAT_SECONDS",
            "FEED_RECHECK_SECONDS",
            "FEED_STREAMS_PER_USER",
            "FEED_STREAMS",
            "WEBHOOK_CONNECT_TIMEOUT",
            "WEBHOOK_TIMEOUT",
            "WEBHOOK_BACKOFF",
            "WEBHOOK_MAX_BACKOFF",
            "WEBHOOK_MAX_ATTEMPTS",
        )


@cache
def store_settings() -> StoreSettings:
    """Return the settings of this project, checked.

    Raises:
        ImproperlyConfigured: a key is unknown, or its value has the wrong type.
    """
    faults = list(find_faults(getattr(settings, "EVENTSTORE", {})))
    if faults:
        raise ImproperlyConfigured(" ".join(faults))
    return StoreSettings(**getattr(settings, "EVENTSTORE", {}))


def find_faults(given: Any) -> list[str]:
    """Return what is wrong with the dictionary ``given``, a sentence each."""
    if not isinstance(given, dict):
        return ["EVENTSTORE must be a dictionary."]
    known = {item.name: item for item in fields(StoreSettings)}
    faults = [
        f"EVENTSTORE[{key!r}] is unknown; known are {', '.join(sorted(known))}."
        for key in given
        if key not in known
    ]
    faults += [
        f"EVENTSTORE[{key!r}] must be {known[key].type}, not {value!r}."
        for key, value in given.items()
        if key in known and not _fits(value, known[key].default)
    ]
    faults += [
        f"EVENTSTORE['PERSONAL_PATHS']: {path!r} is no pointer into an event; write "
        '"/data/...", "/metadata/..." or "/state/...".'
        for path in _tuple(given.get("PERSONAL_PATHS"))
        if not (isinstance(path, str) and _PERSONAL_PATH.fullmatch(path))
    ]
    rate = given.get("API_RATE")
    if isinstance(rate, str) and rate and parse_rate(rate) is None:
        faults.append(f"EVENTSTORE['API_RATE']: {rate!r} is no rate; write 1200/min.")
    return faults or [
        f"EVENTSTORE[{key!r}] must be greater than zero."
        for key in StoreSettings().positive
        if key in given and given[key] <= 0
    ]


def parse_rate(rate: str) -> tuple[int, int] | None:
    """Return requests and seconds of a rate such as ``1200/min``, else ``None``."""
    found = _RATE.fullmatch(rate)
    return (int(found[1]), _SECONDS[found[2]]) if found else None


def _tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _fits(value: Any, default: Any) -> bool:
    kinds = (float, int) if type(default) is float else (type(default),)
    return type(value) in kinds


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "EVENTSTORE":
        store_settings.cache_clear()


setting_changed.connect(_forget)
