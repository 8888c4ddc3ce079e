"""The loop that everybody writes first, as Flask-Mail's documentation shows it: one process, one
connection, a message for each person."""

import time
from collections.abc import Callable

import flask_mail
from flask import Flask
from jinja2 import Environment, Template
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.content.tags.segments import Escape, Segments, Slot
from webapp.mailings import values
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing
from webapp.people.models import Contact
from webapp.platform.database import db


def send(mailing: Mailing, people: int, port: int) -> float:
    """Seconds for the first so many people; the same words and the same links as ours."""
    content = compiled(mailing)
    subject, html, text = map(_template, (content.subject, content.html, content.text))
    values_for = _values(mailing, len(content.links))
    app = Flask(__name__)
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    mail = flask_mail.Mail(app)
    begun = time.perf_counter()
    everybody = select(Contact).options(joinedload(Contact.company)).order_by(Contact.id)
    contacts = db.session.scalars(everybody.limit(people)).all()
    with app.app_context(), mail.connect() as connection:
        for contact in contacts:
            filled = values_for(contact)
            message = flask_mail.Message(
                subject.render(filled),
                recipients=[contact.email],
                body=text.render(filled),
                html=html.render(filled),
                sender=(mailing.from_name, mailing.from_address),
                extra_headers={"List-Unsubscribe": f"<{filled['link_unsubscribe']}>"},
            )
            connection.send(message)
    return time.perf_counter() - begun


def _values(mailing: Mailing, links: int) -> Callable[[Contact], dict[str, str]]:
    """By the name of the variable."""
    public, shared = values.public_links(), values.of_mailing(mailing)

    def values_for(contact: Contact) -> dict[str, str]:
        known = {
            "customer.firstname": contact.first_name,
            "customer.name": contact.name,
            "customer.email": contact.email,
            "company.name": contact.company.name if contact.company else "",
            "open": public.open(mailing.id, contact.id),
        }
        for number in range(1, links + 1):
            known[f"click.{number}"] = public.click(mailing.id, contact.id, number)
        known |= shared | values.links(public, mailing.id, contact.id)
        return {_variable(tag): value for tag, value in known.items()}

    return values_for


def _template(segments: Segments) -> Template:
    """Compiled once, which is kinder than the documentation."""
    source = "".join(_expression(part) if isinstance(part, Slot) else part for part in segments)
    return Environment(autoescape=False).from_string(source)  # noqa: S701


def _expression(slot: Slot) -> str:
    escaped = "|e" if slot.escape in {Escape.HTML, Escape.ATTRIBUTE} else ""
    return f"{{{{ ({_variable(slot.name)} or {slot.fallback!r}){escaped} }}}}"


def _variable(tag: str) -> str:
    return tag.replace(".", "_")
