"""A message to try it out: written and sent like the real one, counted nowhere."""

from collections.abc import Sequence

from webapp.delivery.message import MessageWriter
from webapp.delivery.outcomes import ServerRefusesUs, ServerUnavailable
from webapp.delivery.smtp import SmtpConnection
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, RecipientState
from webapp.people.addresses import Address
from webapp.people.models import Contact
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


class TestNotSent(DomainError):
    message = _l("The test to %(address)s was not sent. The mail server said: %(reply)s")


def send(mailing: Mailing, addresses: Sequence[Address], as_contact: Contact | None) -> None:
    """To each address, as `as_contact` would read it. Raises TestNotSent at the first refusal."""
    writer = MessageWriter(mailing, tracked=False)
    known = values.for_preview(mailing, as_contact)
    with SmtpConnection() as connection:
        for address in addresses:
            message = writer.write(PREVIEW, known.get("customer.name", ""), address, known)
            try:
                outcome = connection.deliver(message)
            except (ServerUnavailable, ServerRefusesUs) as error:
                raise TestNotSent(address=address.text, reply=str(error)) from error
            if outcome.state is not RecipientState.SENT:
                raise TestNotSent(address=address.text, reply=outcome.reply)
