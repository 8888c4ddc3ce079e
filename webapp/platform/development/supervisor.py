"""What script/server runs: everything that Brevdue needs, on a machine with nothing but Python.

It owns every process: the embedded servers, the application's own and the inbox. Each is in a
session of its own, so Ctrl-C reaches only us, and we stop them in order, the database last.
"""

import fcntl
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from webapp.platform import config
from webapp.platform.config import ConfigError
from webapp.platform.development import processes
from webapp.platform.development import settings as given
from webapp.platform.development.children import Child, NewLines
from webapp.platform.development.embedded import EmbeddedServerError, Postgres, Server, Valkey
from webapp.platform.development.settings import ROOT, Settings

LEFTOVERS_PATIENCE = 15.0
"""Seconds that the processes of a killed run get to let go of their ports."""


class CannotStart(Exception):
    """One sentence: why, and what to do."""


class Stop(BaseException):
    """Somebody pressed Ctrl-C or sent us a signal; it passes through whatever we are doing."""


def main() -> None:
    for number in processes.STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        run(given.read())
    except (ConfigError, EmbeddedServerError, CannotStart) as error:
        sys.exit(f"Brevdue cannot start. {error}")
    except Stop:
        say("Stopped.")


def run(settings: Settings) -> None:
    """Returns never: ends with Stop, or with the reason why it cannot start."""
    with ExitStack() as stack:
        stack.enter_context(_alone(settings))
        servers = Servers(settings)
        environ = {**settings.given, **servers.chosen}
        config.from_environment(environ)
        stack.callback(servers.stop)
        servers.start()
        stack.enter_context(_told_to_others(settings, servers.chosen))
        _migrate(settings, environ)
        children = _children(settings, environ)
        for child in reversed(children):
            stack.callback(child.stop)
        stack.callback(say, "\nStopping…")
        _start(children, settings)
        _welcome(settings)
        _watch(children, servers, NewLines(settings.logs / "web.log"))


class Servers:
    """The embedded ones: those for which no other is named."""

    def __init__(self, settings: Settings) -> None:
        logs = settings.logs
        postgres = Postgres(settings.data / "postgres", logs / "postgres.log")
        valkey = Valkey(settings.data / "valkey", logs / "valkey.log")
        wanted = {"DATABASE_URL": postgres, "REDIS_URL": valkey}
        self._running: list[Server] = [
            server for name, server in wanted.items() if not settings.is_given(name)
        ]
        self.chosen = settings.chosen(database_url=postgres.url(), redis_url=valkey.url())

    def start(self) -> None:
        for server in self._running:
            server.start(say)

    def watch(self) -> None:
        for server in self._running:
            if server.process is not None and server.process.poll() is not None:
                say(f"{server.name} stopped by itself and starts again (see {server.log}).")
                server.start(say)

    def stop(self) -> None:
        for server in reversed(self._running):
            server.stop()


def say(text: str) -> None:
    print(text, flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in processes.STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stop


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One supervisor to a data folder. Raises CannotStart."""
    with (settings.data / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart("Brevdue is already running in this folder.") from error
        lock.seek(0)
        was_killed = bool(lock.read())
        _check_ports(settings, patience=LEFTOVERS_PATIENCE if was_killed else 0.0)
        lock.write("running\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


@contextmanager
def _told_to_others(settings: Settings, chosen: dict[str, str]) -> Iterator[None]:
    """So that `flask …` in another terminal finds the servers while they run."""
    file = settings.data / "environment"
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text("".join(f"{name}='{value}'\n" for name, value in chosen.items()))
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _check_ports(settings: Settings, patience: float) -> None:
    deadline = time.monotonic() + patience
    for name, port in settings.ports.items():
        while not _is_free(port):
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Port {port} is in use by another program. Set {name} to a free one."
                )
            time.sleep(0.2)


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _migrate(settings: Settings, environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "webapp", "db", "upgrade"]
    log = settings.logs / "migrate.log"
    with log.open("wb") as output:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environ, cwd=ROOT
        ).returncode
    if code != 0:
        raise CannotStart(f"The database could not be brought up to date: {_last_line(log)}")


def _children(settings: Settings, environ: dict[str, str]) -> list[Child]:
    """In the order in which they are started, and stopped."""
    granian = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(settings.port)]
    granian += ["--workers", "1", "--blocking-threads", "8", "--no-ws", "webapp.wsgi:app"]
    commands = {
        "web": ["granian", *granian],
        "worker": ["jobs.worker"],
        "sender": ["jobs.sender"],
        "clock": ["jobs.clock"],
    }
    if not settings.is_given("MAIL_SERVER"):
        where = [str(settings.data / "inbox"), str(settings.inbox_port), str(settings.smtp_port)]
        commands["inbox"] = ["webapp.platform.development.inbox", *where]
    return [
        Child(name, [sys.executable, "-m", *words], environ, settings.logs / f"{name}.log")
        for name, words in commands.items()
    ]


def _start(children: list[Child], settings: Settings) -> None:
    for child in children:
        child.start()
    web = children[0]
    while not all(_answers(port) for port in settings.pages):
        if web.process is None or web.process.poll() is not None:
            raise CannotStart(f"The web server ended at once: {_last_line(web.log)}")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except (OSError, HTTPException):
            return False
    return True


def _welcome(settings: Settings) -> None:
    say(f"\n  Brevdue  http://localhost:{settings.port}")
    if not settings.is_given("MAIL_SERVER"):
        say(f"  Inbox    http://localhost:{settings.inbox_port}  (whatever is sent arrives here)")
    say(f"\n  Ctrl-C stops everything. Logs are in {settings.logs}.\n")


def _watch(children: list[Child], servers: Servers, web_log: NewLines) -> None:
    while True:
        servers.watch()
        for child in children:
            child.watch(say)
        for line in web_log.read():
            if not line.startswith("[INFO]"):
                say(line)
        time.sleep(0.3)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return f"{lines[-1].strip() if lines else 'it says nothing'} (see {log})"


if __name__ == "__main__":
    main()
