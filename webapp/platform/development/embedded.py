"""PostgreSQL and Valkey out of their wheels, driven by us.

Left to their wheels' own Python they outlive killed processes, take a reused pid for a running
server and keep nothing. Here each is a child process with its data in a folder of ours, reached
through a socket in that folder: no port, no password, nobody else on the machine gets in.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from redis import Redis, RedisError

from webapp.platform import stopping
from webapp.platform.development import processes, wheels
from webapp.platform.development.processes import Account

NAME = "brevdue"
"""Of the database and of the role that owns it."""

LONGEST_SOCKET = 100
"""Bytes that every system takes as the path of a socket (Linux 107, macOS 103)."""

MOST_BUFFERS = 1 << 30
"""Bytes. With as many, every search among a million people answers within 300 ms."""

PATIENCE = 3.0
"""Seconds of waiting after which we say what for."""

Say = Callable[[str], None]


class EmbeddedServerError(Exception):
    """A server cannot run; the message says why in one sentence, and what to do."""


class Server:
    """A program of its own that keeps its data in `folder` and listens on a socket in there."""

    name: str
    socket: str
    stop_signal: signal.Signals

    def __init__(self, folder: Path, log: Path, *, durable: bool = True) -> None:
        """Without `durable` it is quick and may forget when the machine stops, as tests like it."""
        self.folder, self.log, self.durable = folder.absolute(), log.absolute(), durable
        self.process: subprocess.Popen[bytes] | None = None
        self._shortcut: Path | None = None

    def start(self, say: Say) -> None:
        """Returns when it answers, however long it takes. Raises EmbeddedServerError."""
        self.prepare()
        self._end_leftover(say)
        with stopping.awaiting(*processes.STOP_SIGNALS):
            self.process = self.launch()
        self._wait(say)

    def prepare(self) -> None:
        """Make the data folder if it is not there."""
        raise NotImplementedError

    def launch(self) -> "subprocess.Popen[bytes]":
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def stop(self, limit: float = 60) -> None:
        if self.process is not None:
            processes.stop(self.process, self.stop_signal, limit)
        if self._shortcut is not None:
            shutil.rmtree(self._shortcut.parent, ignore_errors=True)
            self._shortcut = None

    def address(self) -> Path:
        """The folder as others name it: a deep one is too long a path for a socket."""
        if len(os.fsencode(self.folder / self.socket)) <= LONGEST_SOCKET:
            return self.folder
        if self._shortcut is None:
            self._shortcut = Path(tempfile.mkdtemp(prefix="brevdue-")) / "data"
            self._shortcut.symlink_to(self.folder)
        return self._shortcut

    def _end_leftover(self, say: Say) -> None:
        """An earlier run that was killed may have left its server running, or just stopping."""
        socket = self.address() / self.socket
        if processes.listener(socket) is None:
            return
        say(f"Stopping the {self.name} that an earlier run left behind…")
        if not processes.end_listener(socket, [(self.stop_signal, 60), (signal.SIGKILL, 10)]):
            raise EmbeddedServerError(
                f"Another {self.name} uses {self.folder} and cannot be stopped: stop it by hand."
            )

    def _wait(self, say: Say) -> None:
        assert self.process is not None
        patience = time.monotonic() + PATIENCE
        while not self.is_ready():
            if self.process.poll() is not None:
                raise EmbeddedServerError(
                    f"{self.name} does not start: {_last_line(self.log)} (see {self.log})"
                )
            if time.monotonic() > patience:
                say(f"{self.name} is bringing its data in order after a sudden stop…")
                patience = float("inf")
            time.sleep(0.02)


class Postgres(Server):
    name = "PostgreSQL"
    socket = ".s.PGSQL.5432"
    stop_signal = signal.SIGINT  # Clients are sent away and everything is written.

    def url(self, database: str = NAME) -> str:
        return f"postgresql://{NAME}@/{database}?host={quote(str(self.address()))}"

    def start(self, say: Say) -> None:
        super().start(say)
        with closing(psycopg.connect(self.url("postgres"), autocommit=True)) as connection:
            there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,))
            if not there.fetchone():
                connection.execute(f"CREATE DATABASE {NAME}")

    def prepare(self) -> None:
        """Made beside its place and then moved there: one cut short is never taken for whole."""
        if not self.folder.exists():
            unfinished = self.folder.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700)
            if account := self._account():
                os.chown(unfinished, account.uid, account.gid)
            self._initialise(unfinished)
            unfinished.rename(self.folder)
        self._check_version()

    def launch(self) -> "subprocess.Popen[bytes]":
        self._forget_reused_pid()
        account = self._account()
        with _path_for(account, self.folder) as (path, fds):
            return processes.start(
                [self._program("postgres"), "-D", path, *self._settings()],
                log=self.log,
                cwd="/",
                account=account,
                pass_fds=fds,
                last_signal=self.stop_signal,
            )

    def is_ready(self) -> bool:
        """The pid file says it in its eighth line, which is how pg_ctl learns of it too."""
        lines = self._pid_file()
        ours = self.process is not None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def _account(self) -> Account | None:
        """PostgreSQL refuses root: there it runs as the owner of its folder, nobody at first."""
        if os.geteuid() != 0:
            return None
        if self.folder.exists() and (owner := self.folder.stat()).st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
        nobody = pwd.getpwnam("nobody")
        return Account(nobody.pw_uid, nobody.pw_gid)

    def _program(self, name: str) -> Path:
        try:
            return wheels.postgres_programs(self._account()) / name
        except OSError as error:
            raise EmbeddedServerError(
                f"PostgreSQL cannot be run as root from here ({error}):"
                " run this as an ordinary user, or set DATABASE_URL to a server of yours."
            ) from error

    def _initialise(self, folder: Path) -> None:
        account = self._account()
        with _path_for(account, folder) as (path, fds):
            made = processes.start(
                [
                    *(self._program("initdb"), "-D", path, "--username", NAME, "--encoding=UTF8"),
                    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                    *("--auth-local=trust", "--auth-host=reject", "--no-instructions"),
                    *(() if self.durable else ("--no-sync",)),
                ],
                log=self.log,
                cwd="/",
                account=account,
                pass_fds=fds,
            )
        if made.wait() != 0:
            raise EmbeddedServerError(
                f"PostgreSQL cannot make its data folder: {_last_line(self.log)} (see {self.log})"
            )

    def _check_version(self) -> None:
        try:
            version = (self.folder / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise EmbeddedServerError(
                f"The database in {self.folder} cannot be read ({error.strerror}):"
                " run this as the user who ran it the first time."
            ) from error
        if version != wheels.POSTGRES_VERSION:
            raise EmbeddedServerError(
                f"The database in {self.folder} was made by PostgreSQL {version}, and this is"
                f" {wheels.POSTGRES_VERSION}: move that folder away to begin with an empty one."
            )

    def _settings(self) -> list[str]:
        settings = ["listen_addresses=", "unix_socket_directories=."]
        if self.durable:
            settings += [f"shared_buffers={_buffers() // 1024}kB"]
        else:
            settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
            # Tests empty their tables all the time; what the planner learns of one that is empty
            # just then makes it wait for ever in the next.
            settings += ["autovacuum_analyze_threshold=2000000000"]
        return [word for setting in settings for word in ("-c", setting)]

    def _pid_file(self) -> list[str]:
        with suppress(FileNotFoundError):
            return (self.folder / "postmaster.pid").read_text().splitlines()
        return []

    def _forget_reused_pid(self) -> None:
        """Nobody listens; so a living process of that number is another one, which PostgreSQL
        would take for itself. (Of a dead one it takes care, and better: it waits for orphans.)"""
        lines = self._pid_file()
        if lines and processes.is_alive(int(lines[0])):
            for name in ("postmaster.pid", f"{self.socket}.lock"):
                (self.folder / name).unlink(missing_ok=True)


def _buffers() -> int:
    """Bytes for what PostgreSQL has read: a quarter of the memory, as its manual advises."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(memory // 4, MOST_BUFFERS)


class Valkey(Server):
    name = "Valkey"
    socket = "valkey.sock"
    stop_signal = signal.SIGTERM

    def url(self, database: int = 0) -> str:
        return f"unix://{quote(str(self.address() / self.socket))}?db={database}"

    def prepare(self) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def launch(self) -> "subprocess.Popen[bytes]":
        settings = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "databases": "64",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
        }
        words = [word for name, value in settings.items() for word in (f"--{name}", value)]
        return processes.start([wheels.valkey_server(), *words], log=self.log, cwd=self.folder)

    def is_ready(self) -> bool:
        try:
            with Redis.from_url(self.url()) as client:
                return bool(client.ping())
        except RedisError:
            return False


@contextmanager
def _path_for(account: Account | None, folder: Path) -> Iterator[tuple[str, Sequence[int]]]:
    """A path to `folder` for a child that runs as `account`, and what it has to inherit.

    Another account may not be able to walk there (think of /root). An open descriptor is a way in
    that leaves every folder above as it is.
    """
    if account is None or sys.platform != "linux":
        yield str(folder), ()
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}", (descriptor,)
    finally:
        os.close(descriptor)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it says nothing")
