"""The processes of the Procfile, on a test's own database, queue and mail server."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from webapp.platform.config import Config

Start = Callable[[str], "subprocess.Popen[bytes]"]


@pytest.fixture
def start(config: Config) -> Iterator[Start]:
    """`start("jobs.sender")` runs it as `python -m jobs.sender`; it ends with the test."""
    environ = os.environ | {
        "SECRET_KEY": config.secret_keys[0],
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
        "PUBLIC_URL": config.public_url,
        "MEDIA_DIR": str(config.media_dir),
        "JOURNAL_DIR": str(config.journal_dir),
        "MAIL_SERVER": config.mail.server,
        "MAIL_PORT": str(config.mail.port),
    }
    running: list[subprocess.Popen[bytes]] = []

    def start_module(name: str) -> subprocess.Popen[bytes]:
        running.append(subprocess.Popen([sys.executable, "-m", name], env=environ))
        return running[-1]

    yield start_module
    for process in running:
        process.terminate()
        process.wait(timeout=30)


def wait_until(done: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
