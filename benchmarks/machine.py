"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from benchmarks.connecting import connect
from benchmarks.peers import emmett

PACKAGES = (
    "django",
    "psycopg",
    "eventsourcing",
    "django-auditlog",
    "django-simple-history",
)
SERVER_SETTINGS = (
    "fsync",
    "synchronous_commit",
    "wal_sync_method",
    "shared_buffers",
    "max_wal_size",
)


def describe() -> list[tuple[str, str]]:
    """Return what a reader needs to judge the figures, as names and values."""
    return [
        ("date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("memory", _memory()),
        ("system", f"{platform.system()} {platform.release()}"),
        ("Python", platform.python_version()),
        *((name, _version(name)) for name in PACKAGES),
        ("emmett", _emmett()),
        *_server(),
    ]


def _server() -> list[tuple[str, str]]:
    with connect() as raw:
        version = raw.execute("SHOW server_version").fetchone()
        assert version is not None
        settings = raw.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)"
            " ORDER BY name",
            (list(SERVER_SETTINGS),),
        ).fetchall()
    return [("PostgreSQL", version[0]), *settings]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _emmett() -> str:
    node = shutil.which("node")
    if not emmett.INSTALLED or node is None:
        return "not installed"
    version = subprocess.run(
        [node, "--version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    return f"{emmett.version()} on Node {version}"
