"""The sending servers: which of them sends what, and what happens to one that is broken."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address

from flask import current_app
from sqlalchemy import select, update

from webapp.accounts.audit import audit
from webapp.delivery.models import Security, SendingServer
from webapp.people.addresses import AddressError, parse_address
from webapp.platform import mail
from webapp.platform.config import MailConfig
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l
from webapp.platform.sealing import CannotOpen, Sealer

REST = 30.0
"""Seconds that a server which could not be reached is left alone."""

CONNECTION = {"host", "port", "security", "username", "password"}
"""What a refusal or a failure may have been about."""
LIMITS = {"per_minute", "per_hour", "per_day", "per_domain_hour"}

_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")


class State(StrEnum):
    WORKS = "works"
    RESTING = "resting"
    PAUSED = "paused"
    OFF = "off"


class NoSuchServer(NotFound):
    message = _l("There is no such sending server.")


class PasswordLost(DomainError):
    message = _l("The password of “%(name)s” cannot be read with this SECRET_KEY. Type it again.")


class NotAHost(DomainError):
    message = _l("Write the host alone, such as smtp.example.com. The port has a field of its own.")


class NotADomain(DomainError):
    message = _l("“%(text)s” is not a domain. Write it like example.com.")


class StaysHere(DomainError):
    message = _l("The server of the environment cannot be deleted. Turn it off instead.")


class NoServer(DomainError):
    message = _l("No sending server may send for %(domain)s. Add one under Settings.")


class AllPaused(DomainError):
    message = _l("The sending server “%(name)s” is paused. It said: %(reason)s")


def everyone() -> list[SendingServer]:
    return list(db.session.scalars(select(SendingServer).order_by(SendingServer.id)))


def get(server_id: int) -> SendingServer:
    """Raises NoSuchServer."""
    server = db.session.get(SendingServer, server_id)
    if server is None:
        raise NoSuchServer
    return server


def is_of_environment(server: SendingServer) -> bool:
    return server.id is not None and not server.host


def state_of(server: SendingServer) -> State:
    if not server.enabled:
        return State.OFF
    if server.paused_reason:
        return State.PAUSED
    resting = server.resting_until is not None and server.resting_until > utcnow()
    return State.RESTING if resting else State.WORKS


def place_of(server: SendingServer) -> str:
    """Such as `smtp.example.com:587`."""
    if is_of_environment(server):
        config = mail.of_environment()
        return f"{config.server}:{config.port}"
    return f"{server.host}:{server.port}"


def shows_password(server: SendingServer) -> bool:
    """Whether everybody on the way can read the password that signs us in."""
    if is_of_environment(server):
        config = mail.of_environment()
        encrypted, password, host = config.use_tls or config.use_ssl, config.password, config.server
        return bool(config.username and password) and not encrypted and not _is_here(host)
    signs_in = bool(server.username and server.sealed_password)
    return signs_in and server.security is Security.NONE and not _is_here(server.host)


def change(
    server: SendingServer, settings: Mapping[str, object], password: str | None, *, by: int
) -> None:
    """Give a server, known or new, these attributes. `password`: None keeps it, "" removes it.

    It does not commit.
    """
    action = "changed" if server.id else "added"
    changed = {name for name, value in settings.items() if getattr(server, name) != value}
    for name in changed:
        setattr(server, name, settings[name])
    if password is not None and (password or server.sealed_password):
        seal_password(server, password)
        changed.add("password")
    if changed & CONNECTION:
        _let_try(server)
    if changed & LIMITS:
        server.resting_until = None
    db.session.add(server)
    db.session.flush()
    names = ", ".join(sorted(changed))
    audit(f"sending server {action}", by=by, server=server.id, name=server.name, changed=names)


def remove(server: SendingServer, *, by: int) -> None:
    """Raises StaysHere. It does not commit."""
    if is_of_environment(server):
        raise StaysHere
    audit("sending server deleted", by=by, server=server.id, name=server.name)
    db.session.delete(server)


def let_try_again(server: SendingServer, *, by: int) -> None:
    """Somebody has seen to what it refused. It does not commit."""
    _let_try(server)
    audit("sending server tried again", by=by, server=server.id, name=server.name)


def parse_host(text: str) -> str:
    """A name (in ASCII) or an address. Raises NotAHost."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        name = text.rstrip(".").encode("idna").decode().lower()
    except UnicodeError as error:
        raise NotAHost from error
    if not _HOST.fullmatch(name):
        raise NotAHost
    return name


def parse_domain(text: str) -> str:
    """The domain of mail addresses as we compare it: IDNA ASCII, lower case. Raises NotADomain."""
    try:
        address = parse_address(f"postmaster@{text.rpartition('@')[2]}")
    except AddressError as error:
        raise NotADomain(text=text) from error
    return address.key.rpartition("@")[2]


def choose(from_domain: str) -> SendingServer | None:
    """By From domain, then by weight, among those that work; None: try again in a while.

    Raises NoServer, AllPaused: a person has to do something first.
    """
    able = serving(from_domain)
    working = [server for server in able if not server.paused_reason]
    if not able:
        raise NoServer(domain=from_domain)
    if not working:
        raise AllPaused(name=able[0].name, reason=able[0].paused_reason)
    now = utcnow()
    ready = [each for each in working if not each.resting_until or each.resting_until <= now]
    return _by_weight(ready) if ready else None


def serving(from_domain: str) -> list[SendingServer]:
    """Those that are there for this domain; where there is none, those for any domain."""
    enabled = [server for server in everyone() if server.enabled]
    own = [server for server in enabled if from_domain in server.from_domains]
    return own or [server for server in enabled if not server.from_domains]


def _by_weight(ready: Sequence[SendingServer]) -> SendingServer:
    regular = [server for server in ready if server.weight]
    if not regular:
        return ready[0]
    weights = [server.weight for server in regular]
    # Chance shares out work here; nothing is kept secret by it.
    return random.choices(regular, weights)[0]  # noqa: S311


def connection_of(server: SendingServer) -> MailConfig:
    """How to reach it. Raises PasswordLost."""
    environment = mail.of_environment()
    if not server.host:
        return environment
    return replace(
        environment,
        server=server.host,
        port=server.port,
        use_tls=server.security is Security.STARTTLS,
        use_ssl=server.security is Security.TLS,
        username=server.username or None,
        password=_password(server),
    )


def seal_password(server: SendingServer, password: str) -> None:
    """It can be replaced from now on, but never read by a person."""
    server.sealed_password = _sealer().seal(password) if password else None


def _password(server: SendingServer) -> str | None:
    if server.sealed_password is None:
        return None
    try:
        return _sealer().open(server.sealed_password)
    except CannotOpen as error:
        raise PasswordLost(name=server.name) from error


def _sealer() -> Sealer:
    sealer: Sealer = current_app.extensions["sealer"]
    return sealer


def rest(server_id: int, until: datetime | None = None) -> None:
    """It cannot be reached, or was given all it takes: the others take over. Commits."""
    until = until or utcnow() + timedelta(seconds=REST)
    db.session.execute(
        update(SendingServer).where(SendingServer.id == server_id).values(resting_until=until)
    )
    db.session.commit()


def pause(server_id: int, reason: str) -> None:
    """It refuses us: nobody tries again until a person says so. Commits."""
    db.session.execute(
        update(SendingServer).where(SendingServer.id == server_id).values(paused_reason=reason)
    )
    audit("sending server paused", by=None, server=server_id, reason=reason)
    db.session.commit()


def try_again(from_domain: str) -> None:
    """Those that serve this domain get another chance. It does not commit."""
    for server in serving(from_domain):
        _let_try(server)


def _let_try(server: SendingServer) -> None:
    server.paused_reason, server.resting_until = "", None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
