"""Sending again to people of whom nobody knows whether they got it: only when somebody says so."""

from collections.abc import Sequence

from webapp.accounts.audit import audit
from webapp.mailings import lifecycle, queries
from webapp.mailings.audience import BATCH_SIZE
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


class WasCancelled(DomainError):
    message = _l("“%(name)s” was cancelled, so nothing more of it is sent.")


def resend_unknown(mailing: Mailing, ids: Sequence[int] | None, by: int | None) -> int:
    """To all its unknown recipients, or to those among `ids`; says to how many. They may get it
    twice. Commits, and rings for the work.

    They move to batches of their own: what a late sender still writes for the old ones no longer
    concerns them. Raises WasCancelled.
    """
    db.session.refresh(mailing, with_for_update=True)
    if mailing.state == State.CANCELLED:
        raise WasCancelled(name=mailing.name)
    chosen = {"mailing": mailing.id, "ids": ids, "batch_size": BATCH_SIZE}
    people: int = sum(db.session.scalars(queries.RESEND_UNKNOWN, chosen))
    if not people:
        db.session.rollback()
        return 0
    lifecycle.reopen(mailing.id)
    audit("sent again to unknown", by=by, mailing=mailing.id, name=mailing.name, people=people)
    db.session.commit()
    lifecycle.ring(mailing.id, slot=0)
    return people
