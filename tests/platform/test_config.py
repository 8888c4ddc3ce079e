from pathlib import Path

import pytest

from webapp.platform.config import ConfigError, from_environment

GOOD = {
    "SECRET_KEY": "x" * 32,
    "DATABASE_URL": "postgres://brevdue:secret@db.example/brevdue",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "PUBLIC_URL": "https://post.fjordlys.example/",
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return GOOD | {"MEDIA_DIR": str(tmp_path / "media")}


def test_a_good_environment_is_read(environ: dict[str, str]) -> None:
    config = from_environment(environ | {"SECRET_KEY_FALLBACKS": "older,oldest"})
    assert config.database_url == "postgresql+psycopg://brevdue:secret@db.example/brevdue"
    assert config.public_url == "https://post.fjordlys.example"
    assert config.secret_keys == ("x" * 32, "older", "oldest")
    assert config.media_dir.is_dir()
    assert config.https


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SECRET_KEY", "", "is not set"),
        ("SECRET_KEY", "short", "at least 32"),
        ("DATABASE_URL", "mysql://x/y", "begin with postgres"),
        ("REDIS_URL", "6379", "begin with redis"),
        ("PUBLIC_URL", "post.fjordlys.example", "begin with http"),
        ("MAIL_PORT", "smtp", "a number from 1 to 65535"),
        ("MAIL_USE_TLS", "perhaps", "yes or no"),
        ("MAIL_PASSWORD", "blåbærgrød", "outside ASCII"),
        ("MAIL_DEFAULT_SENDER", "nobody", "an e-mail address"),
        ("MEDIA_DIR", "/proc/nowhere", "cannot be made"),
    ],
)
def test_a_wrong_variable_is_named_with_what_is_expected(
    environ: dict[str, str], variable: str, value: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=variable) as caught:
        from_environment(environ | {variable: value})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_both_ways_of_encrypting_at_once_is_a_mistake(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="MAIL_USE_TLS and MAIL_USE_SSL"):
        from_environment(environ | {"MAIL_USE_TLS": "yes", "MAIL_USE_SSL": "yes"})


def test_a_message_never_shows_a_password(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_environment(environ | {"DATABASE_URL": "mysql://me:hunter2@db.example/x"})
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(
        from_environment(environ | {"DATABASE_URL": "postgres://me:hunter2@db.example/x"})
    )
