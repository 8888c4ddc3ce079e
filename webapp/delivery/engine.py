"""Sending a mailing, a slice at a time.

A job holds one of the mailing's places, works for about twenty seconds and rings for its
successor. Fairness between mailings, stops and deploys come from that.
"""

from uuid import UUID, uuid4

import flask_babel

from webapp.accounts.organisation import organisation
from webapp.delivery import batches, preparing, queries, servers
from webapp.delivery.message import MessageWriter
from webapp.delivery.models import SendingServer
from webapp.delivery.outcomes import ServerRefusesUs, ServerTrouble
from webapp.delivery.pool import Pool
from webapp.delivery.shift import Shift
from webapp.mailings import lifecycle
from webapp.mailings.models import Mailing, State
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, speaking

SLOTS = 2
"""How many senders work on one mailing at once."""
PLACE = 60.0
"""Seconds that a place is held; a dead holder's is free after them, or when it is replayed."""


def work_slice(mailing_id: int, slot: int) -> None:
    """Prepare the mailing, or send of it. Run any number of times at once, this works once: the
    others find the place taken."""
    token = uuid4()
    place = {"mailing": mailing_id, "slot": slot, "token": token, "lease": PLACE}
    taken = db.session.scalar(queries.TAKE_SLOT, place)
    db.session.commit()
    if taken is None:
        return
    try:
        # What goes wrong is written down for the marketer, who is not here to choose a language.
        with speaking(organisation().language):
            if preparing.prepare(mailing_id):
                _ring_for_the_others(mailing_id, slot)
            more = _send(mailing_id, token)
    finally:
        db.session.rollback()
        batches.insist(lambda: _leave(token), until=batches.clock() + PLACE)
    if more:
        lifecycle.ring(mailing_id, slot)
    elif lifecycle.finish(mailing_id):
        db.session.commit()


def _leave(token: UUID) -> None:
    db.session.execute(queries.LEAVE_SLOT, {"token": token})
    db.session.commit()


def _ring_for_the_others(mailing_id: int, slot: int) -> None:
    for other in set(range(SLOTS)) - {slot}:
        lifecycle.ring(mailing_id, other)


def _send(mailing_id: int, token: UUID) -> bool:
    """Whether there is more to do right away."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.state != State.SENDING:
        return False
    try:
        writer = MessageWriter(mailing)
        server = servers.choose(writer.from_domain)
        config = servers.connection_of(server) if server else None
    except DomainError as error:
        _pause(mailing_id, str(error))
        return False
    if server is None or config is None:
        return False
    db.session.expunge(server)
    db.session.rollback()
    shift = Shift(mailing_id, token, writer, server)
    pool = Pool(config, shift, most=server.connections, per_line=server.messages_per_connection)
    try:
        pool.run(between=shift.look)
    finally:
        shift.end()
    _draw_conclusions(mailing_id, server, shift, pool.trouble)
    # Another server may take over; the next slice finds out.
    return shift.more or pool.trouble is not None


def _draw_conclusions(
    mailing_id: int, server: SendingServer, shift: Shift, trouble: ServerTrouble | None
) -> None:
    if shift.broken:
        _pause(mailing_id, shift.broken)
    elif isinstance(trouble, ServerRefusesUs):
        servers.pause(server.id, str(trouble))
    elif trouble is not None:
        servers.rest(server.id)
        shift.tell(str(trouble))
    elif until := shift.limit_reached_until:
        servers.rest(server.id, until)
        moment = flask_babel.format_datetime(until, "short")
        shift.tell(_("The limit of the sending server is reached until %(moment)s.", moment=moment))
    elif until := shift.domain_waits_until:
        moment = flask_babel.format_datetime(until, "short")
        shift.tell(
            _("The limit for a recipient domain is reached until %(moment)s.", moment=moment)
        )


def _pause(mailing_id: int, reason: str) -> None:
    lifecycle.pause(mailing_id, reason)
    db.session.commit()
