"""Who to reach: adding sources to a draft and taking them away."""

from dataclasses import dataclass

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.accounts.organisation import fingerprint
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Mailing, MailingSource, PastedAddress, SourceKind
from webapp.people.addresses import parse_address_list
from webapp.people.models import Basis, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l
from webapp.targets.models import Selection


class NothingPasted(DomainError):
    message = _l("There is no e-mail address in this text that can be written to.")


@dataclass(frozen=True)
class Pasted:
    """What became of a pasted text: addresses taken, and (text, why not) for the others."""

    taken: int
    rejected: list[tuple[str, str]]


def add_selection(mailing: Mailing, selection: Selection) -> None:
    """Adding it twice adds it once."""
    _add(mailing, kind=SourceKind.SELECTION, selection_id=selection.id)


def add_contact(mailing: Mailing, contact: Contact) -> None:
    _add(mailing, kind=SourceKind.CONTACT, contact_id=contact.id)


def add_pasted(
    mailing: Mailing, text: str, *, basis: Basis, consent_source: str, stated_by: int | None
) -> Pasted:
    """Raises NothingPasted when not one address can be read."""
    require_draft(mailing)
    people, rejected = parse_address_list(text)
    if not people:
        raise NothingPasted
    source = MailingSource(
        mailing_id=mailing.id,
        kind=SourceKind.PASTED,
        basis=basis,
        consent_source=consent_source,
        stated_by_id=stated_by,
    )
    db.session.add(source)
    db.session.flush()
    db.session.execute(
        insert(PastedAddress),
        [
            {
                "source_id": source.id,
                "name": name,
                "email": address.text,
                "email_key": address.key,
                "email_hash": fingerprint(address.key),
            }
            for name, address in people
        ],
    )
    mailing.sources_changed_at = utcnow()
    return Pasted(len(people), rejected)


def remove(mailing: Mailing, source_id: int) -> None:
    require_draft(mailing)
    for source in mailing.sources:
        if source.id == source_id:
            db.session.delete(source)
            mailing.sources_changed_at = utcnow()


def _add(mailing: Mailing, **source: object) -> None:
    require_draft(mailing)
    db.session.execute(
        upsert(MailingSource).values(mailing_id=mailing.id, **source).on_conflict_do_nothing()
    )
    mailing.sources_changed_at = utcnow()
    db.session.expire(mailing, ["sources"])
