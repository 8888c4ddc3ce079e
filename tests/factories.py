"""Things that tests need in the database, with sensible values for what a test does not say.

Each function adds one thing and flushes, so that it has its id; the test (or its client) commits.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from zlib import crc32

from sqlalchemy import select

from tests.support.pictures import picture
from webapp.accounts.organisation import fingerprint
from webapp.content import folders
from webapp.content.document.opening import Document
from webapp.content.document.operations import add_block, new_document, update_part
from webapp.content.images import library
from webapp.content.images.models import Image
from webapp.content.links import tracked_links
from webapp.content.models import Folder, FolderOf, Template, TrackedLink
from webapp.content.tags.segments import Escape, Slot, dumped
from webapp.mailings.models import (
    LeftOut,
    Mailing,
    MailingLink,
    Recipient,
    RecipientState,
    State,
)
from webapp.people import custom_fields, lists
from webapp.people.addresses import parse_address
from webapp.people.models import (
    Basis,
    Company,
    Consent,
    ConsentEntry,
    Contact,
    CustomField,
    FieldKind,
    FieldOf,
    ListItem,
    ListName,
    SubscriptionType,
)
from webapp.platform.database import db, utcnow


def make_company(name: str = "Blichfeldt Lys", **values: Any) -> Company:
    return _stored(Company(name=name, **values))


def make_contact(
    name: str = "Karen Blichfeldt", email: str = "karen@blichfeldtlys.example", **values: Any
) -> Contact:
    """Somebody who consented to e-mail, unless `e_marketing` says otherwise."""
    (contact,) = make_contacts({email: name}, **values)
    return contact


def make_contacts(names: Mapping[str, str], **values: Any) -> list[Contact]:
    """Names by address."""
    contacts = [_contact(name, email, values) for email, name in names.items()]
    _store(contacts)
    _store(
        ConsentEntry(
            contact_id=contact.id,
            state=contact.e_marketing,
            basis=Basis.CONSENT,
            source="kunder.xlsx",
        )
        for contact in contacts
        if contact.e_marketing != Consent.UNKNOWN
    )
    return contacts


def _contact(name: str, email: str, values: Mapping[str, Any]) -> Contact:
    first_name, _space, last_name = name.rpartition(" ")
    address = parse_address(email) if email else None
    return Contact(
        first_name=first_name,
        last_name=last_name,
        email=email,
        email_key=address.key if address else None,
        email_hash=fingerprint(address.key) if address else None,
        **{"e_marketing": Consent.GRANTED} | dict(values),
    )


def newsletter() -> SubscriptionType:
    """The type that every installation begins with, a default one."""
    return db.session.scalars(select(SubscriptionType).order_by(SubscriptionType.id)).first()


def make_type(*, active: bool = True, is_default: bool = False, **names: str) -> SubscriptionType:
    """Names by language: `make_type(en="Events", da="Arrangementer")`."""
    names = names or {"en": "Events", "da": "Arrangementer"}
    return _stored(SubscriptionType(names=names, active=active, is_default=is_default))


def make_field(
    label: str = "Shop size",
    kind: FieldKind = FieldKind.NUMBER,
    *options: str,
    of: FieldOf = FieldOf.CONTACT,
) -> CustomField:
    return custom_fields.define(of, label, kind, options, by=None)


def make_item(name: str = "Lamps", list_: ListName = ListName.INTEREST) -> ListItem:
    return lists.create(list_, name, by=None)


def make_folder(
    name: str = "Newsletters", parent: Folder | None = None, of: FolderOf = FolderOf.MAILING
) -> Folder:
    return folders.create(of, name, parent, by=None)


def make_image(
    name: str = "Lamp",
    *,
    size: tuple[int, int] = (40, 30),
    colour: tuple[int, int, int] | None = None,
    folder: Folder | None = None,
    alt: str = "",
) -> Image:
    """In a colour of its own, so that no two are alike."""
    colour = colour or tuple(crc32(name.encode()).to_bytes(4)[:3])
    image = library.add(picture("PNG", size, colour), f"{name}.png", folder, by=None)
    image.alt = alt
    return image


def make_tracked_link(
    name: str = "Lumo collection",
    url: str = "https://www.fjordlys.example/lumo",
    folder: Folder | None = None,
) -> TrackedLink:
    return tracked_links.make(name, url, folder, by=None)


def make_mailing(name: str = "November newsletter", **values: Any) -> Mailing:
    """An e-mail that was sent, unless `state` says otherwise."""
    now = utcnow()
    state = values.get("state", State.SENT)
    started = None if state in {State.DRAFT, State.SCHEDULED} else now
    finished = now if state in {State.SENT, State.SENT_WITH_ERRORS} else None
    values = {
        "state": State.SENT,
        "subject": "Light for the dark months",
        "from_name": "Mette Kjærgaard",
        "from_address": "mette@fjordlys.example",
        "content": make_content(),
        "started_at": started,
        "prepared_at": None if state == State.PREPARING else started,
        "finished_at": finished,
    } | values
    return _stored(Mailing(name=name, **values))


def make_template(name: str = "Monthly news", **values: Any) -> Template:
    return _stored(Template(**{"name": name, "document": make_content()} | values))


def make_content(url: str = "https://www.fjordlys.example/lumo", label: str = "See it") -> Document:
    """A heading, a greeting with the first name, one button and the footer."""
    document, block_id = add_block(new_document(), "button")
    return update_part(document, block_id, {"label": label, "url": url})


def make_link(
    mailing: Mailing,
    number: int = 1,
    url: str = "https://www.fjordlys.example/lumo",
    label: str = "See it",
) -> MailingLink:
    """`url` may hold merge tags without fallbacks."""
    pieces = re.split(r"\[\[(.+?)\]\]", url)
    target = tuple(
        Slot(piece, "", Escape.URL) if place % 2 else piece for place, piece in enumerate(pieces)
    )
    return _stored(
        MailingLink(mailing_id=mailing.id, number=number, target=dumped(target), label=label)
    )


def make_recipient(
    mailing: Mailing,
    contact: Contact | None = None,
    *,
    state: RecipientState = RecipientState.SENT,
    reason: LeftOut | None = None,
    email: str = "bare@address.example",
    **values: Any,
) -> Recipient:
    """`contact` as a recipient, or a bare address when there is none."""
    address = parse_address(contact.email if contact else email)
    state = RecipientState.LEFT_OUT if reason else state
    if state == RecipientState.SENT:
        values = {"sent_at": utcnow()} | values
    return _stored(
        Recipient(
            mailing_id=mailing.id,
            contact_id=contact.id if contact else None,
            name=values.pop("name", contact.name if contact else ""),
            email=address.text,
            email_hash=fingerprint(address.key),
            dedupe_key=None if reason else address.key,
            state=state,
            reason=reason,
            **values,
        )
    )


def _stored(thing: Any) -> Any:
    _store([thing])
    return thing


def _store(things: Iterable[Any]) -> None:
    db.session.add_all(things)
    db.session.flush()
