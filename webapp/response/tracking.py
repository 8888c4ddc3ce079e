"""Readers who come by a public link: who they are, what they did, and where they want to go."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app

from webapp.content.addresses import is_web
from webapp.content.tags.segments import Segments, loaded, names, render
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, MailingLink, Recipient
from webapp.platform.database import db, utcnow
from webapp.platform.errors import NotFound
from webapp.platform.locales import _l
from webapp.platform.tokens import BadToken, Purpose
from webapp.response.models import HitKind
from webapp.response.recorder import NewHit, recorder

LONGEST_USER_AGENT = 300


class DeadLink(NotFound):
    """Forged or damaged, or of a mailing that was deleted."""

    message = _l("This link does not lead anywhere any more.")


@dataclass(frozen=True)
class Visit:
    """One request of a mail program, a browser, or a machine that looks like one."""

    method: str
    user_agent: str
    at: datetime = field(default_factory=utcnow)


@dataclass(frozen=True)
class Reader:
    """Who reads which mailing; `recipient` is None for a preview or test."""

    mailing: Mailing
    recipient: Recipient | None


def opened(token: str, visit: Visit) -> None:
    """Raises DeadLink. Asks the database nothing."""
    mailing_id, recipient_id = _numbers(Purpose.OPEN, token, 2)
    _record(visit, HitKind.OPEN, mailing_id, recipient_id)


def clicked(token: str, visit: Visit) -> str:
    """The address to go on to, made for this reader. Raises DeadLink."""
    mailing_id, recipient_id, number = _numbers(Purpose.CLICK, token, 3)
    link = db.session.get(MailingLink, (mailing_id, number))
    if link is None:
        raise DeadLink
    target = _target(link, recipient_id)
    if not is_web(target):
        raise DeadLink
    _record(visit, HitKind.CLICK, mailing_id, recipient_id, number)
    return target


def viewed(token: str, visit: Visit) -> Reader:
    """Raises DeadLink. Who reads in the browser has opened the message too."""
    reader = find_reader(Purpose.VIEW, token)
    if reader.recipient is not None:
        _record(visit, HitKind.VIEW, reader.mailing.id, reader.recipient.id)
    return reader


def find_reader(purpose: Purpose, token: str) -> Reader:
    """Raises DeadLink."""
    mailing_id, recipient_id = _numbers(purpose, token, 2)
    mailing = db.session.get(Mailing, mailing_id)
    recipient = db.session.get(Recipient, recipient_id) if recipient_id != PREVIEW else None
    if mailing is None or (recipient is None and recipient_id != PREVIEW):
        raise DeadLink
    return Reader(mailing, recipient)


def _numbers(purpose: Purpose, token: str, count: int) -> tuple[int, ...]:
    try:
        numbers = current_app.extensions["signer"].read(purpose, token)
    except BadToken as error:
        raise DeadLink from error
    if len(numbers) != count:
        raise DeadLink
    return tuple(numbers)


def _target(link: MailingLink, recipient_id: int) -> str:
    address = loaded(link.target)
    known = _known_of(link.mailing_id, recipient_id, address) if any(names(address)) else {}
    return render(address, known)


def _known_of(mailing_id: int, recipient_id: int, address: Segments) -> dict[str, str]:
    mailing = db.session.get_one(Mailing, mailing_id)
    recipient = db.session.get(Recipient, recipient_id)
    if recipient is None:
        return values.for_preview(mailing, None)
    return values.of_recipient(recipient, address) | values.of_mailing(mailing)


def _record(
    visit: Visit, kind: HitKind, mailing_id: int, recipient_id: int, number: int | None = None
) -> None:
    if recipient_id == PREVIEW:
        return
    user_agent = visit.user_agent.replace("\0", "")[:LONGEST_USER_AGENT]
    recorder().record(
        NewHit(mailing_id, recipient_id, kind, number, visit.at, visit.method, user_agent)
    )
