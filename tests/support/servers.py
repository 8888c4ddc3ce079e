"""The servers of a test session, and the databases of its workers."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from webapp.platform.development.embedded import Postgres, Server, Valkey
from webapp.platform.development.settings import ROOT

TEMPLATE = "brevdue_test_template"


class MigrationsFail(Exception):
    """With what they said."""


@dataclass
class TestServers:
    """Started once by whoever controls the session; its workers find the URLs in the environment.

    TEST_DATABASE_URL and TEST_REDIS_URL name others, then nothing is started.
    """

    __test__ = False

    _folder: Path | None = None
    _running: list[Server] = field(default_factory=list)

    def start(self) -> None:
        if "TEST_DATABASE_URL" not in os.environ or "TEST_REDIS_URL" not in os.environ:
            self._folder = Path(tempfile.mkdtemp(prefix="brevdue-test-"))
        if "TEST_DATABASE_URL" not in os.environ:
            postgres = Postgres(*self._places("postgres"), durable=False)
            self._run(postgres)
            os.environ["TEST_DATABASE_URL"] = postgres.url("postgres")
        if "TEST_REDIS_URL" not in os.environ:
            valkey = Valkey(*self._places("valkey"), durable=False)
            self._run(valkey)
            os.environ["TEST_REDIS_URL"] = valkey.url()
        _make_template()

    def stop(self) -> None:
        for server in reversed(self._running):
            server.stop(limit=20)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _places(self, name: str) -> tuple[Path, Path]:
        assert self._folder is not None
        return self._folder / name, self._folder / f"{name}.log"

    def _run(self, server: Server) -> None:
        self._running.append(server)
        server.start(print)


def database_url(name: str) -> str:
    """Of another database on the server of the session."""
    head, question, options = os.environ["TEST_DATABASE_URL"].partition("?")
    return f"{head.rpartition('/')[0]}/{name}{question}{options}"


def redis_url(number: int) -> str:
    """Of the database of that number, so that workers do not see each other."""
    base = os.environ["TEST_REDIS_URL"].partition("?")[0]
    return f"{base}?db={number}"


def make_database(name: str, template: str | None = None) -> None:
    with psycopg.connect(database_url("postgres"), autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        copying = SQL(" TEMPLATE {}").format(Identifier(template)) if template else SQL("")
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)) + copying)


def _make_template() -> None:
    make_database(TEMPLATE)
    environ = os.environ | {
        "DATABASE_URL": database_url(TEMPLATE),
        "REDIS_URL": redis_url(0),
        "SECRET_KEY": "only-for-the-migrations-of-the-tests",
        "PUBLIC_URL": "http://localhost",
        "MEDIA_DIR": tempfile.gettempdir(),
    }
    command = [sys.executable, "-m", "flask", "--app", "webapp", "db", "upgrade"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise MigrationsFail(f"The migrations fail:\n{done.stderr}")
