"""What this floor leaves on the timeline of a person's card (what was sent, and what was not), and
what goes along when two cards become one."""

from typing import Any

from sqlalchemy import Select, Text, case, cast, func, literal, select, update
from sqlalchemy.orm import aliased

from webapp.mailings.left_out import sentence_of
from webapp.mailings.models import (
    LeftOut,
    Mailing,
    MailingSource,
    Recipient,
    RecipientState,
    State,
)
from webapp.people.merging import follows
from webapp.people.models import Contact
from webapp.people.timeline import Data, Group, Trace, Words, happening, register
from webapp.platform.database import db, utcnow
from webapp.platform.locales import _

TOLD = (RecipientState.SENT, RecipientState.FAILED, RecipientState.UNKNOWN, RecipientState.LEFT_OUT)

_winner = aliased(Recipient)
# By uq_recipient_mailing_id_dedupe_key; only asked of duplicates.
_got_it_instead = case(
    (
        Recipient.reason == LeftOut.DUPLICATE,
        select(func.jsonb_build_object("id", _winner.contact_id, "name", _winner.name))
        .where(
            _winner.mailing_id == Recipient.mailing_id,
            _winner.dedupe_key == func.lower(Recipient.email),
        )
        .scalar_subquery(),
    )
)
# The page of one that was deleted is gone.
shown_id = case((Mailing.deleted_at.is_(None), Mailing.id))


def mailings(contact: Contact) -> Select[Any]:
    """By ix_recipient_contact_id_mailing_id."""
    return (
        happening(
            func.coalesce(Recipient.sent_at, Mailing.started_at),
            literal("mailing_", Text) + cast(Recipient.state, Text),
            Recipient.id,
            mailing=Mailing.name,
            mailing_id=shown_id,
            reason=Recipient.reason,
            reply=Recipient.reply,
            instead=_got_it_instead,
            type_id=Mailing.subscription_type_id,
        )
        .join(Mailing, Mailing.id == Recipient.mailing_id)
        .where(
            Recipient.contact_id == contact.id,
            Recipient.state.in_(TOLD),
            Mailing.started_at.is_not(None),
        )
    )


def join_recipients(kept: Contact, other: Contact) -> None:
    """What was sent, with all that came back, is the history of the one card. Drafts find out
    anew whom they go to; what is on its way goes out as it was prepared."""
    db.session.execute(
        update(Mailing)
        .where(
            Mailing.state == State.DRAFT,
            Mailing.id.in_(
                select(Recipient.mailing_id).where(Recipient.contact_id.in_([kept.id, other.id]))
            ),
        )
        .values(sources_changed_at=utcnow()),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(Recipient).where(Recipient.contact_id == other.id).values(contact_id=kept.id),
        execution_options={"synchronize_session": False},
    )


def sent_words(data: Data) -> Words:
    return Words(_("Got %(name)s"), data["mailing"])


def failed_words(data: Data) -> Words:
    notes = (data["reply"],) if data["reply"] else ()
    return Words(_("Could not be given %(name)s"), data["mailing"], notes)


def unknown_words(data: Data) -> Words:
    note = _("Nobody knows whether it arrived.")
    return Words(_("May have got %(name)s"), data["mailing"], (note,))


def left_out_words(data: Data) -> Words:
    sentence = sentence_of(LeftOut(data["reason"]), data["instead"])
    return Words(_("Was left out of %(name)s"), data["mailing"], (sentence,))


register(
    Trace(
        Group.MAILINGS,
        mailings,
        {
            "mailing_sent": sent_words,
            "mailing_failed": failed_words,
            "mailing_unknown": unknown_words,
            "mailing_left_out": left_out_words,
        },
    )
)

follows(Recipient.contact_id, follow=join_recipients)
follows(Recipient.company_id)
follows(MailingSource.contact_id, once_per=MailingSource.mailing_id)
