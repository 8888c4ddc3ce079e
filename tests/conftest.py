"""What every test can ask for. The servers behind it are real: PostgreSQL, Valkey, SMTP."""

import os
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import replace
from functools import cache
from threading import Thread
from typing import Any

import pytest
from argon2 import PasswordHasher
from dns.resolver import Resolver
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_sqlalchemy.session import Session
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import scoped_session
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests.support import chromium, queue, servers
from tests.support.servers import MigrationsFail, TestServers
from tests.support.smtp import ScriptedSmtp
from tests.support.tables import Tables
from webapp import create_app
from webapp.accounts import passwords
from webapp.accounts.models import User
from webapp.accounts.rights import Role
from webapp.platform import domain_records
from webapp.platform.config import Config, from_environment
from webapp.platform.database import db
from webapp.platform.development.embedded import EmbeddedServerError
from webapp.platform.queueing import connection
from webapp.views.access import SignedIn

PASSWORD = "correct horse battery staple"
PATIENCE = 30_000
"""Milliseconds for what a page has to show."""

_servers = pytest.StashKey[TestServers]()


def pytest_configure(config: pytest.Config) -> None:
    """The controller of the session (or its only process) owns the servers."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    config.stash[_servers] = TestServers()
    try:
        config.stash[_servers].start()
    except (EmbeddedServerError, MigrationsFail) as error:
        raise pytest.UsageError(str(error)) from error


def pytest_unconfigure(config: pytest.Config) -> None:
    if started := config.stash.get(_servers, None):
        started.stop()


@pytest.fixture(scope="session")
def _smtp() -> Iterator[ScriptedSmtp]:
    server = ScriptedSmtp()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def config(worker_id: str, _smtp: ScriptedSmtp, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """A database and a Valkey number for each process that runs tests."""
    name = f"brevdue_test_{worker_id}"
    servers.make_database(name, template=servers.TEMPLATE)
    number = int(worker_id.removeprefix("gw")) + 1 if worker_id != "master" else 0
    config = from_environment(
        {
            "SECRET_KEY": "a-secret-that-is-only-used-by-the-tests",
            "DATABASE_URL": servers.database_url(name),
            "REDIS_URL": servers.redis_url(number),
            "PUBLIC_URL": "http://localhost",
            "MEDIA_DIR": str(tmp_path_factory.mktemp("media")),
            "JOURNAL_DIR": str(tmp_path_factory.mktemp("journal")),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(_smtp.port),
            "MAIL_DEFAULT_SENDER": "hello@fjordlys.example",
        }
    )
    return replace(config, mail=replace(config.mail, timeout=5.0))


@pytest.fixture(scope="session")
def app(config: Config) -> Flask:
    """Its forms need no CSRF token; those of `live_server` do."""
    # As argon2 is meant to be, each guess at a password would take a fifth of a second.
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    # Nobody asks the real DNS; tests that need one bring their own.
    domain_records._resolver = lambda: Resolver(configure=False)
    app = create_app(config)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


@pytest.fixture(scope="session")
def _tables(app: Flask, config: Config) -> Iterator[Tables]:
    tables = Tables(config.database_url, db.metadata)
    yield tables
    tables.close()


@pytest.fixture(autouse=True)
def _isolation(app: Flask, _tables: Tables, _smtp: ScriptedSmtp) -> Iterator[None]:
    """Every test runs in an application context of its own and leaves nothing behind."""
    _smtp.clear()
    with app.app_context():
        yield
        db.session.rollback()
        redis = connection()
    _tables.restore()
    redis.flushdb()


@pytest.fixture
def session() -> scoped_session[Session]:
    return db.session


@pytest.fixture
def smtp(_smtp: ScriptedSmtp) -> ScriptedSmtp:
    """The server that the application's mail goes to."""
    return _smtp


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody's browser yet."""
    return app.test_client()


@pytest.fixture
def signed_in(app: Flask) -> Callable[..., FlaskClient]:
    """`signed_in(Role.AUTHOR)`: another browser of the test's one user of that role."""

    def sign_in(role: Role = Role.ADMINISTRATOR) -> FlaskClient:
        client = app.test_client()
        user = db.session.scalar(select(User).where(User.email_key == _email(role)))
        user = user or make_user(role)
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = SignedIn(user).get_id(), True
        return client

    return sign_in


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """`run_jobs()` runs what is in the queues until they are empty; see tests.support.queue."""

    def run() -> int:
        db.session.commit()
        done = Context().run(queue.run_jobs, app)
        db.session.expire_all()
        return done

    return run


@pytest.fixture(scope="session")
def _live_app(config: Config) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lambda environ, start: app(environ, start), threaded=True)
    url = f"http://localhost:{server.port}"
    app = create_app(replace(config, public_url=url))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()


@pytest.fixture
def live_server(_live_app: str) -> str:
    """The address of the application on a port of its own."""
    return _live_app


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium, and under CI the browser tests have to run.")
        pytest.skip("NO CHROMIUM: the browser tests did not run (script/test can install one)")
    # What is expected may be a worker's doing, on a machine that runs several tests at once.
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live_server: str) -> Iterator[Page]:
    """A page of Chromium; what its scripts throw, and what the CSP refuses, fails the test."""
    context = browser.new_context(base_url=live_server, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda message: complaints.extend(_refusals(message.text)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def signed_in_page(page: Page, signed_in: Callable[..., FlaskClient]) -> Callable[..., Page]:
    """`signed_in_page(Role.VIEWER)`: the page with that user's cookie."""

    def sign_in(role: Role = Role.ADMINISTRATOR) -> Page:
        cookie = signed_in(role).get_cookie("brevdue")
        assert cookie is not None
        page.context.add_cookies(
            [{"name": "brevdue", "value": cookie.value, "domain": "localhost", "path": "/"}]
        )
        return page

    return sign_in


class Client(FlaskClient):
    """Sees what the test has stored, as a browser would, and shares nothing else with it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if not has_app_context():
            # Following a redirect: this is within the first call already.
            return super().open(*args, **kwargs)
        db.session.commit()
        answer: TestResponse = Context().run(super().open, *args, **kwargs)
        db.session.expire_all()
        return answer


def make_user(role: Role = Role.ADMINISTRATOR, email: str | None = None) -> User:
    """Signs in with PASSWORD."""
    email = email or _email(role)
    user = User(
        name=f"Mette {role.title()}",
        email=email,
        email_key=email,
        password_hash=_password_hash(),
        role=role,
        language="en",
    )
    db.session.add(user)
    db.session.commit()
    return user


def _email(role: Role) -> str:
    return f"{role}@fjordlys.example"


@cache
def _password_hash() -> str:
    return passwords.hashed(PASSWORD)


def _refusals(text: str) -> list[str]:
    return [text] if "Content Security Policy" in text else []
