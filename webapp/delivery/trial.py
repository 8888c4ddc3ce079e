"""A message to try it out: written and sent like the real one, counted nowhere."""

from collections.abc import Iterator, Sequence

from webapp.delivery import servers
from webapp.delivery.message import Message, MessageWriter
from webapp.delivery.outcomes import Outcome
from webapp.delivery.pool import Pool
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, RecipientState
from webapp.people.addresses import Address, parse_address
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l


class TestNotSent(DomainError):
    message = _l("The test to %(address)s was not sent. The mail server said: %(reply)s")


class _Feed:
    """A few messages, with what became of the ones that were refused."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self._messages = list(messages)
        self.refused: list[tuple[Message, str]] = []

    def next(self) -> Message | None:
        return self._messages.pop(0) if self._messages else None

    def waiting(self) -> int:
        return len(self._messages)

    def goes_on(self) -> bool:
        return True

    def may_begin(self, _message: Message) -> bool:
        return True

    def settle(self, message: Message, outcome: Outcome) -> None:
        if outcome.state is not RecipientState.SENT:
            self.refused.append((message, outcome.reply))


def send(mailing: Mailing, addresses: Sequence[Address], as_contact: Contact | None) -> None:
    """To each address, as `as_contact` would read it. Raises TestNotSent for the first refusal.

    It never waits behind a mailing: a server's limits are not asked. Ends the transaction, so that
    none is open while the mail server is spoken to.
    """
    writer = MessageWriter(mailing, tracked=False, subject_prefix=f"[{_('Test')}] ")
    known = values.for_preview(mailing, as_contact)
    name = known.get("customer.name", "")
    feed = _Feed(writer.write(PREVIEW, name, address, known) for address in addresses)
    server = servers.choose(parse_address(mailing.from_address).key.rpartition("@")[2])
    if server is None:
        raise TestNotSent(address=addresses[0].text, reply=_("It does not answer just now."))
    pool = Pool(servers.connection_of(server), feed, most=1, per_line=len(addresses))
    db.session.rollback()
    pool.run()
    if pool.trouble is not None:
        raise TestNotSent(address=addresses[0].text, reply=str(pool.trouble))
    for message, reply in feed.refused:
        raise TestNotSent(address=message.envelope_to, reply=reply)
