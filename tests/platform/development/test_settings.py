"""What script/server makes of the environment."""

import re
import stat
from pathlib import Path

import pytest

from webapp.platform.config import ConfigError
from webapp.platform.development import settings
from webapp.platform.development.settings import Settings


def read(tmp_path: Path, **environ: str) -> Settings:
    return settings.read({"BREVDUE_DATA": str(tmp_path / "var"), **environ}, tmp_path / ".env")


def chosen(given: Settings) -> dict[str, str]:
    return given.chosen(database_url="postgresql://ours", redis_url="unix://ours")


def test_with_nothing_given_everything_is_made_up(tmp_path: Path) -> None:
    given = read(tmp_path)

    assert given.ports == {"PORT": 5080, "INBOX_PORT": 5081, "SMTP_PORT": 5025}
    assert chosen(given)["DATABASE_URL"] == "postgresql://ours"
    assert chosen(given)["MAIL_PORT"] == "5025"
    assert chosen(given)["PUBLIC_URL"] == "http://localhost:5080"


def test_the_secret_key_is_kept_and_nobody_else_may_read_it(tmp_path: Path) -> None:
    key = chosen(read(tmp_path))["SECRET_KEY"]

    assert chosen(read(tmp_path))["SECRET_KEY"] == key
    assert len(key) >= 32
    assert stat.S_IMODE((tmp_path / "var" / "secret_key").stat().st_mode) == 0o600


def test_what_is_given_goes_before_what_is_made_up(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAIL_SERVER=mail.example.com\nPORT=7000\n")

    given = read(tmp_path, PORT="7001", REDIS_URL="redis://elsewhere")

    assert given.ports == {"PORT": 7001}
    made_up = {"SECRET_KEY", "DATABASE_URL", "PUBLIC_URL", "MEDIA_DIR", "JOURNAL_DIR"}
    assert chosen(given).keys() == made_up


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT is “eighty”: a port is a number from 1 to 65535."),
        ({"SMTP_PORT": "70000"}, "SMTP_PORT is “70000”"),
        ({"PORT": "5081"}, "PORT and INBOX_PORT are both 5081"),
    ],
)
def test_a_wrong_port_is_named(tmp_path: Path, wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        read(tmp_path, **wrong)


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file stands in the way")

    with pytest.raises(ConfigError, match=re.escape(f"the folder {tmp_path / 'var'} (")):
        read(tmp_path)
