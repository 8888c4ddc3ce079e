"""The environment, read once into a typed value; a wrong variable is one clear sentence."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values


class ConfigError(Exception):
    """A variable is missing or wrong; the message names it and says what is expected."""


@dataclass(frozen=True)
class MailConfig:
    """How to reach the SMTP server (the first sending server)."""

    server: str = "127.0.0.1"
    port: int = 25
    use_tls: bool = False
    use_ssl: bool = False
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    default_sender: str = ""
    """The From address that a new mailing begins with."""
    timeout: float = 30.0


@dataclass(frozen=True)
class Config:
    secret_keys: tuple[str, ...] = field(repr=False)
    """Newest first; the older ones still open what they once signed or sealed."""
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    public_url: str
    """What links in messages begin with, no slash at the end."""
    media_dir: Path
    journal_dir: Path
    """Of this host alone: what its senders have begun, kept when one of them is killed."""
    mail: MailConfig = MailConfig()
    proxies: int = 0
    """How many reverse proxies of ours stand in front and say who really asks."""
    queue_prefix: str = ""

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """Raises ConfigError. Without `environ`: the process's own, over `.env`, over what
    script/server wrote down for a command line beside it."""
    if environ is None:
        started = Path(os.environ.get("BREVDUE_DATA", "var")) / "environment"
        environ = _file(started) | _file(Path(".env")) | os.environ
    read = _Reader(environ)
    old_keys = [key for key in read.text("SECRET_KEY_FALLBACKS", "").split(",") if key]
    return Config(
        secret_keys=(read.secret("SECRET_KEY"), *old_keys),
        database_url=read.database_url("DATABASE_URL"),
        redis_url=read.url("REDIS_URL", {"redis", "rediss", "unix"}),
        public_url=read.url("PUBLIC_URL", {"http", "https"}).rstrip("/"),
        media_dir=read.folder("MEDIA_DIR", "var/media"),
        journal_dir=read.folder("JOURNAL_DIR", "var/journal"),
        mail=_mail(read),
        proxies=read.count("TRUSTED_PROXIES"),
    )


def _file(path: Path) -> dict[str, str]:
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _mail(read: "_Reader") -> MailConfig:
    use_tls, use_ssl = read.flag("MAIL_USE_TLS"), read.flag("MAIL_USE_SSL")
    if use_tls and use_ssl:
        raise ConfigError(
            "MAIL_USE_TLS and MAIL_USE_SSL cannot both be on: the first upgrades a plain connection"
            " (usually port 587), the second is encrypted from the start (usually port 465)."
        )
    return MailConfig(
        server=read.text("MAIL_SERVER", "127.0.0.1"),
        port=read.port("MAIL_PORT", 25),
        use_tls=use_tls,
        use_ssl=use_ssl,
        username=read.ascii("MAIL_USERNAME"),
        password=read.ascii("MAIL_PASSWORD"),
        default_sender=read.address("MAIL_DEFAULT_SENDER"),
    )


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def ascii(self, name: str) -> str | None:
        """Signing in to a mail server knows no other letters."""
        value = self.text(name, "")
        if not value.isascii():
            raise ConfigError(f"{name} has letters outside ASCII, which mail servers do not take.")
        return value or None

    def needed(self, name: str) -> str:
        value = self.text(name, "")
        if not value:
            raise ConfigError(f"{name} is not set. See “Configuration” in the README.")
        return value

    def secret(self, name: str) -> str:
        value = self.needed(name)
        if len(value) < 32:
            raise ConfigError(f"{name} is too short: use at least 32 random characters.")
        return value

    def url(self, name: str, schemes: set[str]) -> str:
        value = self.needed(name)
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
            begins = " or ".join(f"{scheme}://" for scheme in sorted(schemes) if "+" not in scheme)
            raise ConfigError(f"{name} is “{_masked(value)}”: it has to begin with {begins}…")
        return value

    def database_url(self, name: str) -> str:
        """SQLAlchemy wants the driver named; people write what their host gave them."""
        value = self.url(name, {"postgresql", "postgres", "postgresql+psycopg"})
        return "postgresql+psycopg://" + value.split("://", 1)[1]

    def flag(self, name: str) -> bool:
        value = self.text(name, "no").lower()
        if value not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
            raise ConfigError(f"{name} is “{value}”: write yes or no.")
        return value in {"1", "true", "yes", "on"}

    def count(self, name: str) -> int:
        value = self.text(name, "0")
        if not value.isdecimal() or int(value) > 9:
            raise ConfigError(f"{name} is “{value}”: write a number from 0 to 9.")
        return int(value)

    def port(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        if not value.isdecimal() or not 0 < int(value) < 65536:
            raise ConfigError(f"{name} is “{value}”: a port is a number from 1 to 65535.")
        return int(value)

    def address(self, name: str) -> str:
        value = self.text(name, "")
        if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value):
            raise ConfigError(f"{name} is “{value}”: write an e-mail address, such as news@x.dk.")
        return value

    def folder(self, name: str, default: str) -> Path:
        path = Path(self.text(name, default)).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{name}: the folder “{path}” cannot be made ({error.strerror})."
            ) from error
        if not os.access(path, os.W_OK):
            raise ConfigError(f"{name}: nothing can be written to the folder “{path}”.")
        return path


def _masked(url: str) -> str:
    """A password in a URL does not belong in an error message."""
    head, at, tail = url.rpartition("@")
    return f"…@{tail}" if at else head + tail
