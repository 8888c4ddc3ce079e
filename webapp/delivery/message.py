"""A mailing as bytes for each recipient: headers, a text part and an HTML part."""

import re
from binascii import b2a_qp
from collections.abc import Mapping
from email.header import Header
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import uuid4

from webapp.content.segments import render, without_controls
from webapp.delivery.smtp import Message
from webapp.mailings import values
from webapp.mailings.compiling import compiled
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing
from webapp.mailings.values import Person
from webapp.people.addresses import Address, parse_address
from webapp.platform.database import utcnow
from webapp.platform.tokens import Purpose

_NOT_AN_ATOM = re.compile(r"[^A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]")


class MessageWriter:
    """Writes the messages of one mailing, which is compiled once."""

    def __init__(self, mailing: Mailing, *, tracked: bool = True) -> None:
        self._mailing_id = mailing.id
        self._content = compiled(mailing, tracked=tracked)
        self._shared = values.of_mailing(mailing)
        self._public = values.public_links()
        self._sender = parse_address(mailing.from_address)
        self._same_headers = self._headers_for_all(mailing)

    def message_for(self, person: Person) -> Message:
        known = values.of_person(person) | self._links(person.id)
        return self.write(person.id, person.name, parse_address(person.email), known)

    def write(
        self, recipient_id: int, name: str, address: Address, known: Mapping[str, str]
    ) -> Message:
        to, sender = on_the_wire(address), on_the_wire(self._sender)
        filled = {**known, **self._shared}
        mark = self._mark(recipient_id)
        headers = {
            "To": mailbox(name, to),
            "Subject": encoded_words(render(self._content.subject, filled)),
            "Date": format_datetime(utcnow()),
            "Message-ID": f"<{mark}@{self._sender.key.rpartition('@')[2]}>",
            **self._same_headers,
            # RFC 8058: a mail program may unsubscribe with one POST.
            "List-Unsubscribe": f"<{filled['link.unsubscribe']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="=_{mark}"',
        }
        head = "".join(f"{field}: {value}\r\n" for field, value in headers.items() if value)
        body = _alternatives(
            f"=_{mark}", render(self._content.text, filled), render(self._content.html, filled)
        )
        content = head.encode() + b"\r\n" + body
        return Message(sender, to, content, utf8=not (to + sender).isascii())

    def _links(self, recipient_id: int) -> dict[str, str]:
        public, mailing = self._public, self._mailing_id
        clicks = {
            f"click.{link.number}": public.click(mailing, recipient_id, link.number)
            for link in self._content.links
        }
        opened = {"open": public.open(mailing, recipient_id)}
        return values.links(public, mailing, recipient_id) | clicks | opened

    def _headers_for_all(self, mailing: Mailing) -> dict[str, str]:
        host = urlsplit(self._public.public_url).hostname
        return {
            "From": mailbox(mailing.from_name, on_the_wire(self._sender)),
            "Reply-To": mailing.reply_to and on_the_wire(parse_address(mailing.reply_to)),
            "List-Id": mailbox(self._shared["config.companyName"], f"mailings.{host}"),
            "Feedback-ID": f"{mailing.id}:{mailing.kind}:{host}",
            "Precedence": "bulk",
        }

    def _mark(self, recipient_id: int) -> str:
        """The same on every try, so that a server that gets it twice can tell; a test is new each
        time, or the mail program would show only the first."""
        if recipient_id == PREVIEW:
            return uuid4().hex
        return self._public.signer.sign(Purpose.MESSAGE, self._mailing_id, recipient_id)


def on_the_wire(address: Address) -> str:
    """With the domain in ASCII (IDNA). Only an international local part needs SMTPUTF8 then."""
    return address.text.rpartition("@")[0] + "@" + address.key.rpartition("@")[2]


def mailbox(name: str, address: str) -> str:
    """RFC 5322, 3.4. No line break gets through, whatever is in the data."""
    name = " ".join(without_controls(name).split())
    if not name:
        return address if "@" in address else f"<{address}>"
    if not name.isascii():
        name = encoded_words(name)
    elif _NOT_AN_ATOM.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{address}>"


def encoded_words(text: str) -> str:
    """RFC 2047 where needed, folded."""
    text = " ".join(without_controls(text).split())
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, maxlinelen=70).encode(linesep="\r\n")


def _alternatives(boundary: str, text: str, html: str) -> bytes:
    """Both parts; no line of quoted-printable can be the boundary, as “=” is encoded in it."""
    edge = b"--" + boundary.encode()
    parts = [_part(edge, b"plain", text), _part(edge, b"html", html), edge + b"--\r\n"]
    return b"".join(parts)


def _part(edge: bytes, subtype: bytes, text: str) -> bytes:
    # Its soft line breaks are of the kind that it finds, so it gets only one kind.
    lines = "\n".join(text.splitlines()).encode()
    return b"\r\n".join(
        [
            edge,
            b"Content-Type: text/" + subtype + b"; charset=utf-8",
            b"Content-Transfer-Encoding: quoted-printable",
            b"",
            b2a_qp(lines, istext=True).replace(b"\n", b"\r\n"),
            b"",
        ]
    )
