"""The PostgreSQL store of emmett: a Node process that is told how long to append."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote, urlencode

from benchmarks import sample
from benchmarks.connecting import conninfo

NAME = "emmett"
FOLDER = Path(__file__).resolve().parent.parent / "emmett"
INSTALLED = (
    shutil.which("node") is not None
    and (FOLDER / "node_modules/@event-driven-io/emmett-postgresql").is_dir()
)


def sides() -> list[str]:
    """Return the names of its sides, if it is installed."""
    return [NAME] if INSTALLED else []


def absent() -> list[str]:
    """Return its name, if it is not installed."""
    return [] if INSTALLED else [NAME]


def prepare() -> None:
    """Make its tables; once a database, before its clients start."""
    if INSTALLED:
        Emmett(1, "prepare").run_for(0)


class Emmett:
    """One client in a process of Node."""

    def __init__(self, batch: int, name: str) -> None:
        self.process = subprocess.Popen(
            ["node", "client.mjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ask(
            {
                "url": _url(),
                "batch": batch,
                "name": name,
                "type": sample.EVENT_TYPE,
                "data": sample.DATA,
                "metadata": sample.METADATA,
            }
        )

    def run_for(self, seconds: float) -> float:
        """Append for ``seconds`` and return calls a second."""
        return float(self._ask({"seconds": seconds}))

    def __del__(self) -> None:
        """End the process with its client."""
        self.process.kill()
        self.process.wait()

    def _ask(self, order: dict[str, object]) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("emmett's process ended; its message stands above.")
        return answer


def _url() -> str:
    given = conninfo()
    user = quote(given["user"], safe="")
    if given.get("password"):
        user += ":" + quote(given["password"], safe="")
    place = {"host": given["host"]} if "host" in given else {}
    port = {"port": given["port"]} if "port" in given else {}
    return f"postgresql://{user}@localhost/{given['dbname']}?{urlencode(place | port)}"


def version() -> str:
    """Return the version of the installed package."""
    package = FOLDER / "node_modules/@event-driven-io/emmett-postgresql/package.json"
    return str(json.loads(package.read_text())["version"])
