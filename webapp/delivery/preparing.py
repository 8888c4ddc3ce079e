"""Between “Send now” and the first message: the audience as it is now, the links, a rehearsal."""

import logging

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from webapp.content.links import tracked_links
from webapp.content.tags.segments import dumped
from webapp.delivery.message import MessageWriter
from webapp.mailings import audience, gathering, lifecycle
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, MailingLink, Recipient, RecipientState, State
from webapp.platform.database import db
from webapp.platform.locales import _

SAMPLE = 25
"""Messages that are written before the first one is sent."""

# However often the job runs, one of them prepares. Ends with the transaction.
ONLY_ONE = text("SELECT pg_try_advisory_xact_lock(hashtextextended('prepare mailing', :mailing))")

log = logging.getLogger(__name__)


def prepare(mailing_id: int) -> bool:
    """Whether it can be sent from now on. May run twice: the second finds it sending, or does the
    same again. What goes wrong pauses the mailing, with the reason."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.state != State.PREPARING:
        return False
    if not db.session.scalar(ONLY_ONE, {"mailing": mailing_id}):
        return False
    try:
        return _prepared(mailing)
    except OperationalError:
        raise
    except gathering.GivenUp:
        db.session.rollback()
        return False
    except Exception as error:  # The job would be rung for again and again.
        log.exception("Mailing %s could not be prepared", mailing_id)
        db.session.rollback()
        lifecycle.pause(mailing_id, _("It could not be prepared: %(error)s", error=error))
        db.session.commit()
        return False


def _prepared(mailing: Mailing) -> bool:
    if mailing.update_when_sending or audience.is_out_of_date(mailing):
        with gathering.told(mailing.id) as tell:
            audience.resolve(mailing, tell)
    keep_links(mailing)
    if not lifecycle.prepared(mailing.id):
        # Paused or cancelled meanwhile: then there is no audience either.
        db.session.rollback()
        return False
    fault = _rehearse(mailing)
    if fault:
        lifecycle.pause(mailing.id, fault)
    db.session.commit()
    return not fault


def keep_links(mailing: Mailing) -> None:
    """A click names a link by its number; where it leads is looked up here, never in the click."""
    for link in compiled(mailing).links:
        kept = insert(MailingLink).values(
            mailing_id=mailing.id,
            number=link.number,
            target=dumped(link.url),
            label=link.label,
            tracked_link_id=tracked_links.number_of(link.tag),
        )
        db.session.execute(kept.on_conflict_do_nothing())


def _rehearse(mailing: Mailing) -> str:
    """Write a few messages, so that a fault of the content shows before anybody got one. The
    answer is what went wrong, or nothing."""
    writer = MessageWriter(mailing)
    ready = select(Recipient.id).where(
        Recipient.mailing_id == mailing.id, Recipient.state == RecipientState.READY
    )
    sample = ready.order_by(Recipient.id).limit(SAMPLE)
    for person in db.session.execute(writer.reading.people().where(Recipient.id.in_(sample))):
        try:
            writer.message_for(person)
        except Exception as error:
            log.exception("The message for recipient %s could not be written", person.id)
            return _(
                "The message to %(name)s could not be written: %(error)s",
                name=person.name,
                error=error,
            )
    return ""
