"""What the merge tags of a mailing stand for: for one person, and for all of them."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import flask_babel
from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, Text, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.models import User
from webapp.accounts.organisation import organisation
from webapp.content.tags.logic.expressions import Worded
from webapp.content.tags.merge_tags import sample_values
from webapp.content.tags.segments import Segments, names
from webapp.mailings import attachments, custom_tags
from webapp.mailings.custom_tags import Source
from webapp.mailings.links import PREVIEW, PublicLinks
from webapp.mailings.models import Mailing, Recipient
from webapp.people.models import Company, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.locales import LANGUAGES, _, speaking
from webapp.targets.models import Project


def _of_our_contact(
    owner: type[Contact | Company], column: InstrumentedAttribute[str]
) -> ColumnElement[str]:
    """Looked up where it is asked for, so that nothing else has to join users."""
    ours = select(column).where(User.id == owner.our_contact_id)
    return ours.correlate(owner).scalar_subquery()


_OF_RECIPIENTS = {"customer.name": Recipient.name, "customer.email": Recipient.email}
_OF_CONTACTS: dict[str, ColumnElement[str] | InstrumentedAttribute[str]] = {
    "customer.title": Contact.title,
    "customer.mrmrs": Contact.title,
    "customer.firstname": Contact.first_name,
    "customer.middlename": Contact.middle_name,
    "customer.lastname": Contact.last_name,
    "customer.cellphone": Contact.mobile,
    "customer.phone": Contact.phone,
    "customer.language": Contact.language,
    "customer.note": Contact.note,
    "customer.id": cast(Contact.id, Text),
    "company.name": Company.name,
    "company.department": Company.department,
    "company.phone": Company.phone,
    "company.domain": Company.domain,
    "company.adr": Company.address,
    "company.note": Company.note,
    "company.id": cast(Company.id, Text),
    "ourContact.name": _of_our_contact(Contact, User.name),
    "ourContact.email": _of_our_contact(Contact, User.email),
    "ourContact.phone": _of_our_contact(Contact, User.phone),
    "ourContact.cellphone": _of_our_contact(Contact, User.mobile),
    "company.ourContact.name": _of_our_contact(Company, User.name),
    "company.ourContact.email": _of_our_contact(Company, User.email),
    "company.ourContact.phone": _of_our_contact(Company, User.phone),
    "company.ourContact.cellphone": _of_our_contact(Company, User.mobile),
}
"""A bare address has none of these."""

GREETING = "customer.salutation"

COMPANY_ID = func.coalesce(Contact.company_id, Recipient.company_id)
"""The recipient's: that of the person, or the one that is written to itself."""

Person = Row[*tuple[Any, ...]]
"""A row of `Reading.people()`."""


class Reading:
    """Reads of each recipient what some tags stand for, and nothing else: a mailing that says
    “Hi ‹First name›” does not fetch everybody's note."""

    def __init__(self, tags: Iterable[str]) -> None:
        found = {tag: _source(tag) for tag in dict.fromkeys(tags) if tag not in _OF_RECIPIENTS}
        sources = {tag: source for tag, source in found.items() if source is not None}
        # Several are called alike where they come from.
        self.columns = [
            source.column.label(f"value_{number}") for number, source in enumerate(sources.values())
        ]
        self._tags = (*_OF_RECIPIENTS, *sources)
        self._words = {tag: source.words for tag, source in sources.items() if source.words}

    def people(self) -> Select[*tuple[Any, ...]]:
        """Recipients with what the tags need to know of them; the caller says which."""
        return (
            select(
                Recipient.id,
                Recipient.contact_id,
                Recipient.email_hash,
                Recipient.attempts,
                *_OF_RECIPIENTS.values(),
                *self.columns,
            )
            .outerjoin(Contact, Contact.id == Recipient.contact_id)
            .outerjoin(Company, Company.id == COMPANY_ID)
        )

    def of_person(self, person: Person) -> dict[str, str]:
        return self.by_tag(person[-len(self._tags) :])

    def by_tag(self, known: Sequence[str | None]) -> dict[str, str]:
        """`known` is the name, the address, and then the columns."""
        values = {tag: value for tag, value in zip(self._tags, known, strict=True) if value}
        for tag, words in self._words.items():
            if tag in values:
                values[tag] = words(values[tag])
        return values


def reading(*texts: Segments) -> Reading:
    """Of what the texts name."""
    return Reading(name for text in texts for name in names(text))


def of_recipient(recipient: Recipient, *texts: Segments) -> dict[str, str]:
    """What these texts need to know."""
    needed = reading(*texts)
    person = db.session.execute(needed.people().where(Recipient.id == recipient.id)).one()
    return needed.of_person(person)


def of_contact(contact: Contact) -> dict[str, str]:
    everything = Reading([*_OF_CONTACTS, GREETING, *custom_tags.names()])
    known = (
        select(literal(contact.name), Contact.email, *everything.columns)
        .select_from(Contact)
        .outerjoin(Company, Company.id == Contact.company_id)
        .where(Contact.id == contact.id)
    )
    return everything.by_tag(db.session.execute(known).one())


def column_of(tag: str) -> ColumnElement[str] | InstrumentedAttribute[str] | None:
    """What a recipient, joined with contact and company, has for the tag; None when the tag is
    not about the recipient."""
    if tag in _OF_RECIPIENTS:
        return _OF_RECIPIENTS[tag]
    source = _source(tag)
    return source.column if source else None


def _source(tag: str) -> Source | None:
    if tag == GREETING:
        ours = organisation().language
        return Source(_LANGUAGE_AND_NAME, lambda known: _greeting(known, ours))
    column = _OF_CONTACTS.get(tag)
    return custom_tags.source_of(tag) if column is None else Source(column)


# Never empty, since everybody can be greeted.
_LANGUAGE_AND_NAME = func.concat(Contact.language, "\n", func.trim(Contact.first_name))


@lru_cache(maxsize=2_000)
def _greeting(known: str, our_language: str) -> str:
    """In the language of the person, or else ours."""
    language, _newline, first_name = known.partition("\n")
    with speaking(language if language in LANGUAGES else our_language):
        return _("Dear %(name)s", name=first_name) if first_name else _("Hello")


def of_mailing(mailing: Mailing) -> dict[str, str]:
    """The same for every recipient; “today” is the day on which it was sent."""
    us = organisation()
    with speaking(us.language):
        today = flask_babel.to_user_timezone(mailing.started_at or utcnow()).date()
        return {
            "config.companyName": us.name,
            "config.companyAddress": us.address,
            "mailing.name": mailing.name,
            "date.today": _day(today),
            **_of_project(mailing.project),
            **_of_first_attachment(mailing),
        }


def _of_project(project: Project | None) -> dict[str, str]:
    if project is None:
        return dict.fromkeys(_PROJECT_TAGS, "")
    return {
        "project.name": project.name,
        "project.number": str(project.id),
        "project.type": project.type.name if project.type else "",
        "project.begin": _day(project.starts_on),
        "project.end": _day(project.ends_on),
    }


def _of_first_attachment(mailing: Mailing) -> dict[str, str]:
    first = next(iter(attachments.of(mailing)), None)
    if first is None:
        return dict.fromkeys(attachments.TAGS, "")
    address = public_links().attachment(mailing.id, first.id)
    return dict(zip(attachments.TAGS, (first.name, address), strict=True))


_PROJECT_TAGS = ("project.name", "project.number", "project.type", "project.begin", "project.end")


def _day(day: date | None) -> str:
    """In words of the language that is spoken now."""
    if day is None:
        return ""
    return Worded(flask_babel.format_date(day, "long", rebase=False), day.isoformat())


def links(public: PublicLinks, mailing_id: int, recipient_id: int) -> dict[str, str]:
    unsubscribe = public.unsubscribe(mailing_id, recipient_id)
    return {
        # The page for leaving is the one where somebody sees what they subscribe to.
        "link.subscription": unsubscribe,
        "link.unsubscribe": unsubscribe,
        "link.viewShipmentMessage": public.view(mailing_id, recipient_id),
    }


def public_links() -> PublicLinks:
    return PublicLinks(current_app.extensions["signer"], current_app.config["PUBLIC_URL"])


def for_preview(mailing: Mailing, contact: Contact | None) -> dict[str, str]:
    """As the contact would read it, or a sample person; its links change nothing."""
    person = of_contact(contact) if contact else sample_values()
    return person | of_mailing(mailing) | links(public_links(), mailing.id, PREVIEW)
