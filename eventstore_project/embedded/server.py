"""The private server of one checkout, shared by its processes."""

from __future__ import annotations

import atexit
import contextlib
import os

import psycopg
from psycopg import sql

from eventstore_project.embedded import accounts, locks, programs
from eventstore_project.embedded.cluster import DATABASE, ROLE, Cluster
from eventstore_project.embedded.errors import EmbeddedPostgresError
from eventstore_project.embedded.places import PORT, Places


class Server:
    """Start or join on the way in; on the way out, stop it if nobody else is in.

    Both happen behind one door, an exclusive lock, so that first starts at the
    same moment make one server, and nobody joins a server that is being stopped.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._share: int | None = None
        self._cluster: Cluster | None = None

    def start(self) -> None:
        """Start or join the server; repeat it freely.

        Raises:
            EmbeddedPostgresError: the server cannot be prepared or started.
        """
        self._places.make_home()
        try:
            with locks.exclusive(self._places.door):
                self._cluster = self._bring_up()
                self._enter()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"The files in {self._places.home} cannot be used: {error}."
            ) from error

    def stop(self) -> None:
        """Leave the server; stop it if this was the last process in.

        Raises:
            EmbeddedPostgresError: the server does not stop.
        """
        if self._share is None or self._cluster is None:
            return
        # Whoever removed the folder has nothing left to be stopped or locked.
        with contextlib.suppress(FileNotFoundError), locks.exclusive(self._places.door):
            self._leave()
            if locks.is_free(self._places.users):
                self._cluster.halt()

    def _bring_up(self) -> Cluster:
        account = accounts.for_server(self._places.data)
        folder = programs.for_account(self._places, account)
        cluster = Cluster(self._places, account, folder)
        cluster.prepare()
        if not cluster.answers():
            programs.remove_old_copies(self._places)
            cluster.launch()
        self._ensure_database()
        return cluster

    def _enter(self) -> None:
        if self._share is None:
            self._share = locks.share(self._places.users)
            atexit.register(self.stop)

    def _leave(self) -> None:
        if self._share is not None:
            os.close(self._share)
            self._share = None
            atexit.unregister(self.stop)

    def _ensure_database(self) -> None:
        """Create the database unless it is there; the first start may have died."""
        with self._connect() as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            )
            if known.fetchone() is None:
                name = sql.Identifier(DATABASE)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def _connect(self) -> psycopg.Connection:
        try:
            return psycopg.connect(
                host=str(self._places.sockets),
                port=PORT,
                user=ROLE,
                dbname="postgres",
                autocommit=True,
            )
        except psycopg.OperationalError as error:
            raise EmbeddedPostgresError(
                f"The private PostgreSQL refuses its owner: {error}",
                log=self._places.log,
            ) from error
