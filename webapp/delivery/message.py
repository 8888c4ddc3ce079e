"""A mailing as bytes for each recipient: headers, a text part, an HTML part, attachments.

Whatever is the same for everybody is written and encoded once.
"""

import re
import time
from collections.abc import Sequence
from email import policy
from email.message import MIMEPart
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import undefer

from webapp.content.email.compile import CompiledContent
from webapp.content.tags.segments import bound, render
from webapp.content.texts import without_controls
from webapp.delivery.body import Body, Part, Values
from webapp.delivery.encoding import as_words, encoded_words
from webapp.mailings import values
from webapp.mailings.compiling import compiled
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Attachment, Mailing
from webapp.mailings.values import Person
from webapp.people.addresses import Address, parse_address
from webapp.platform.database import db
from webapp.platform.tokens import Purpose, packed

_LONGEST_PHRASE = 70
_NOT_AN_ATOM = re.compile(r"[^A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]")


class Message(NamedTuple):
    """A whole message with its envelope: CRLF line ends, and no line begins with a dot.

    Addresses are ASCII unless `utf8`. `ref` is what its sender knows it by.
    """

    ref: int
    envelope_from: str
    envelope_to: str
    content: bytes
    utf8: bool = False


class MessageWriter:
    """Writes the messages of one mailing."""

    def __init__(self, mailing: Mailing, *, tracked: bool = True, subject_prefix: str = "") -> None:
        content = compiled(mailing, tracked=tracked)
        self.reading = values.reading(content.subject, content.html, content.text)
        self._mailing_number = packed(mailing.id)
        self._public = values.public_links()
        self._unsubscribe = self._public.signer.pen(Purpose.UNSUBSCRIBE)
        self._message_id = self._public.signer.pen(Purpose.MESSAGE)
        self._shared = values.of_mailing(mailing)
        self._sender = on_the_wire(parse_address(mailing.from_address))
        self.from_domain = self._sender.rpartition("@")[2]
        self._subject = bound((subject_prefix, *content.subject), self._shared)
        kind, parts = _parts(content, _attachments(mailing.id))
        self._head = self._same_headers(mailing, kind)
        self._body = Body(parts, self._shared, self._public)

    def message_for(self, person: Person) -> Message:
        """`person` was read by `reading`."""
        known = self.reading.of_person(person)
        return self.write(person.id, person.name, parse_address(person.email), known)

    def write(self, recipient_id: int, name: str, address: Address, known: Values) -> Message:
        to, numbers = on_the_wire(address), self._mailing_number + packed(recipient_id)
        head = self._head_for(mailbox(name, to), recipient_id, numbers, known)
        content = head.encode() + self._body.filled(known, numbers)
        utf8 = not (to + self._sender).isascii()
        return Message(recipient_id, self._sender, to, content, utf8)

    def _head_for(self, to: str, recipient_id: int, numbers: bytes, known: Values) -> str:
        before, after = self._public.around(Purpose.UNSUBSCRIBE)
        unsubscribe = self._unsubscribe(numbers).decode()
        return (
            f"To: {to}\r\n"
            f"Subject: {encoded_words(render(self._subject, known))}\r\n"
            f"Date: {_date(int(time.time()))}\r\n"
            f"Message-ID: <{self._mark(recipient_id, numbers)}@{self.from_domain}>\r\n"
            f"List-Unsubscribe: <{before}{unsubscribe}{after}>\r\n"
            f"{self._head}\r\n"
        )

    def _mark(self, recipient_id: int, numbers: bytes) -> str:
        """The same on every try, so that a server that gets it twice can tell; a test is new each
        time, or the mail program would show only the first."""
        if recipient_id == PREVIEW:
            return uuid4().hex
        return self._message_id(numbers).decode()

    def _same_headers(self, mailing: Mailing, content_type: str) -> str:
        host = urlsplit(self._public.public_url).hostname
        headers = {
            "From": mailbox(mailing.from_name, self._sender),
            "Reply-To": mailing.reply_to and on_the_wire(parse_address(mailing.reply_to)),
            # RFC 8058: a mail program may unsubscribe with one POST.
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "List-Id": mailbox(self._shared["config.companyName"], f"mailings.{host}"),
            "Feedback-ID": f"{mailing.id}:{mailing.kind}:{host}",
            "Precedence": "bulk",
            "MIME-Version": "1.0",
            "Content-Type": content_type,
        }
        return "".join(f"{field}: {value}\r\n" for field, value in headers.items() if value)


def on_the_wire(address: Address) -> str:
    """With the domain in ASCII (IDNA). Only an international local part needs SMTPUTF8 then."""
    return address.text.rpartition("@")[0] + "@" + address.key.rpartition("@")[2]


def mailbox(name: str, address: str) -> str:
    """RFC 5322, 3.4. No line break gets through, whatever is in the data."""
    name = " ".join(without_controls(name).split())
    if not name:
        return address if "@" in address else f"<{address}>"
    if not name.isascii() or "=?" in name or len(name) > _LONGEST_PHRASE:
        name = as_words(name)
    elif _NOT_AN_ATOM.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second)


def _parts(content: CompiledContent, attached: Sequence[Attachment]) -> tuple[str, list[Part]]:
    """The content type of the message, and its body. No line of quoted-printable or base64 can be
    a boundary that begins with “=_”."""
    inner, outer = f"=_{uuid4().hex}", f"=_{uuid4().hex}"
    kind, parts = f'multipart/alternative; boundary="{inner}"', _alternatives(content, inner)
    if not attached:
        return kind, parts
    files = [f"--{outer}\r\n".encode() + _file(each) + b"\r\n" for each in attached]
    head = f"--{outer}\r\nContent-Type: {kind}\r\n\r\n".encode()
    body = [head, *parts, *files, f"--{outer}--\r\n".encode()]
    return f'multipart/mixed; boundary="{outer}"', body


def _alternatives(content: CompiledContent, boundary: str) -> list[Part]:
    parts: list[Part] = []
    for subtype, text in (("plain", content.text), ("html", content.html)):
        head = (
            f"--{boundary}\r\n"
            f"Content-Type: text/{subtype}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        # A line break of its own, since no part may end with a soft one.
        parts += [head.encode(), (*text, "\n")]
    return [*parts, f"--{boundary}--\r\n".encode()]


def _file(attachment: Attachment) -> bytes:
    part = MIMEPart(policy=policy.SMTP)
    main, _slash, sub = attachment.media_type.partition("/")
    part.set_content(
        attachment.content,
        maintype=main,
        subtype=sub,
        disposition="attachment",
        filename=attachment.name,
    )
    return bytes(part)


def _attachments(mailing_id: int) -> list[Attachment]:
    of_mailing = select(Attachment).where(Attachment.mailing_id == mailing_id)
    with_content = of_mailing.options(undefer(Attachment.content)).order_by(Attachment.id)
    return list(db.session.scalars(with_content))
