"""A message to try it out: written and sent like the real one, counted nowhere."""

from collections.abc import Sequence

from webapp.delivery.message import MessageWriter
from webapp.delivery.outcomes import ServerRefusesUs, ServerUnavailable
from webapp.delivery.smtp import Message, SmtpConnection
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, RecipientState
from webapp.people.addresses import Address
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


class TestNotSent(DomainError):
    message = _l("The test to %(address)s was not sent. The mail server said: %(reply)s")


def send(mailing: Mailing, addresses: Sequence[Address], as_contact: Contact | None) -> None:
    """To each address, as `as_contact` would read it. Raises TestNotSent at the first refusal.

    Ends the transaction: none is open while the mail server is spoken to.
    """
    writer = MessageWriter(mailing, tracked=False)
    known = values.for_preview(mailing, as_contact)
    name = known.get("customer.name", "")
    messages = [writer.write(PREVIEW, name, address, known) for address in addresses]
    db.session.rollback()
    with SmtpConnection() as connection:
        for message in messages:
            _deliver(connection, message)


def _deliver(connection: SmtpConnection, message: Message) -> None:
    try:
        outcome = connection.deliver(message)
    except (ServerUnavailable, ServerRefusesUs) as error:
        raise TestNotSent(address=message.envelope_to, reply=str(error)) from error
    if outcome.state is not RecipientState.SENT:
        raise TestNotSent(address=message.envelope_to, reply=outcome.reply)
