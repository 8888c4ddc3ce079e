"""Between “Send now” and the first message: the audience as it is now, and the links."""

from sqlalchemy.dialects.postgresql import insert

from webapp.content.segments import dumped
from webapp.mailings import audience, lifecycle
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, MailingLink, State
from webapp.platform.database import db


def prepare(mailing_id: int) -> bool:
    """Whether it can be sent from now on. May run twice: the second finds it sending, or does the
    same again."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.state != State.PREPARING:
        return False
    audience.resolve(mailing)
    _keep_links(mailing)
    prepared = lifecycle.prepared(mailing_id)
    db.session.commit()
    return prepared


def _keep_links(mailing: Mailing) -> None:
    """A click names a link by its number; where it leads is looked up here, never in the click."""
    for link in compiled(mailing).links:
        kept = insert(MailingLink).values(
            mailing_id=mailing.id, number=link.number, target=dumped(link.url), label=link.label
        )
        db.session.execute(kept.on_conflict_do_nothing())
