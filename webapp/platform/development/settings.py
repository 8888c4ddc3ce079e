"""What script/server runs with: the environment and `.env`, and the rest made up on the spot."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from webapp.platform.config import ConfigError

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Settings:
    """The ports are on 127.0.0.1; `given` is what somebody set, without our own additions."""

    port: int
    inbox_port: int
    smtp_port: int
    data: Path
    given: Mapping[str, str]

    @property
    def logs(self) -> Path:
        return self.data / "log"

    def is_given(self, name: str) -> bool:
        return bool(self.given.get(name, "").strip())

    @property
    def ports(self) -> dict[str, int]:
        """Those that we open ourselves, by the variable that changes them."""
        inbox = {"INBOX_PORT": self.inbox_port, "SMTP_PORT": self.smtp_port}
        return {"PORT": self.port} | ({} if self.is_given("MAIL_SERVER") else inbox)

    @property
    def pages(self) -> list[int]:
        """The ports that a browser is sent to."""
        return [port for name, port in self.ports.items() if name != "SMTP_PORT"]

    def chosen(self, *, database_url: str, redis_url: str) -> dict[str, str]:
        """What the application needs and nobody gave."""
        chosen = {
            "SECRET_KEY": _kept_secret(self.data / "secret_key"),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PUBLIC_URL": f"http://localhost:{self.port}",
            "MEDIA_DIR": str(self.data / "media"),
            "JOURNAL_DIR": str(self.data / "journal"),
        }
        if not self.is_given("MAIL_SERVER"):
            chosen |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(self.smtp_port)}
        return {name: value for name, value in chosen.items() if not self.is_given(name)}


def read(environ: Mapping[str, str] = os.environ, dotenv: Path = ROOT / ".env") -> Settings:
    """Raises ConfigError: a wrong port, a folder that cannot be written to."""
    given = {k: v for k, v in dotenv_values(dotenv).items() if v is not None} | dict(environ)
    data = ROOT / (given.get("BREVDUE_DATA") or "var")
    _check_writable(data)
    settings = Settings(
        port=_port(given, "PORT", 5080),
        inbox_port=_port(given, "INBOX_PORT", 5081),
        smtp_port=_port(given, "SMTP_PORT", 5025),
        data=data,
        given=given,
    )
    _check_distinct(settings.ports)
    return settings


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    text = given.get(name, "").strip() or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ConfigError(f"{name} is “{text}”: a port is a number from 1 to 65535.")
    return int(text)


def _check_distinct(ports: Mapping[str, int]) -> None:
    names: dict[int, str] = {}
    for name, port in ports.items():
        if port in names:
            raise ConfigError(f"{names[port]} and {name} are both {port}: they have to differ.")
        names[port] = name


def _check_writable(folder: Path) -> None:
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise ConfigError(
            f"Nothing can be written to the folder {folder} ({error.strerror}):"
            " let this user write there, or set BREVDUE_DATA to another folder."
        ) from error


def _kept_secret(file: Path) -> str:
    """Made once and kept: another key would end every session and break every link sent."""
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(48))
        unfinished.rename(file)
    return file.read_text().strip()
