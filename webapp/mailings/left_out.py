"""Why a person was not mailed: in words, and whether it still stands in the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.accounts.organisation import organisation
from webapp.mailings import queries
from webapp.mailings.models import LeftOut, Mailing, Recipient, RecipientState
from webapp.mailings.names import REASON_NAMES
from webapp.people import suppression
from webapp.people.models import Contact, Subscription
from webapp.people.standing import sufficient_consents
from webapp.platform.database import db
from webapp.platform.locales import _, _l

SENTENCES = {
    LeftOut.NO_ADDRESS: _l("The card had no e-mail address."),
    LeftOut.BLOCKED_ADDRESS: _l("The address was blocked."),
    LeftOut.FORMER_EMPLOYEE: _l("The card said that this person does not work there any more."),
    LeftOut.NO_MAILINGS: _l("The card said “No mailings”."),
    LeftOut.NO_CONSENT: _l("There was no consent to e-mail marketing."),
    LeftOut.NO_SUBSCRIPTION: _l("This person did not subscribe to this type of mailing."),
    LeftOut.DUPLICATE: _l("Somebody else with the same address got it."),
}


@dataclass(frozen=True)
class Missed:
    """A mailing that did not reach a person; `reason` is None when it was tried and failed."""

    mailing: str
    at: datetime | None
    sentence: str
    reason: LeftOut | None


@dataclass(frozen=True)
class Obstacles:
    """What would keep a person out of a mailing now."""

    reasons: frozenset[LeftOut]
    subscribed: Mapping[int | None, bool]
    """By subscription type, where the person or the address has answered."""
    unasked: bool
    """Whether who has not answered gets a mailing of a type."""

    def hold(self, reason: LeftOut | str, type_id: int | None = None) -> bool:
        """Whether that reason is still one, for a mailing of that subscription type."""
        if reason == LeftOut.NO_SUBSCRIPTION:
            return not self.subscribed.get(type_id, self.unasked)
        return reason in self.reasons


def obstacles(contact: Contact) -> Obstacles:
    held = {
        LeftOut.NO_ADDRESS: contact.email_key is None,
        LeftOut.BLOCKED_ADDRESS: suppression.in_force(contact.email_hash) is not None,
        LeftOut.FORMER_EMPLOYEE: contact.former_employee,
        LeftOut.NO_MAILINGS: contact.no_mailings,
        LeftOut.NO_CONSENT: contact.e_marketing not in sufficient_consents(),
        LeftOut.DUPLICATE: _shares_address(contact),
    }
    return Obstacles(
        frozenset(reason for reason, holds in held.items() if holds),
        _answers(contact),
        unasked=not organisation().privacy_mode,
    )


def latest(contact: Contact, now: Obstacles) -> Missed | None:
    """The newest mailing that was to reach the person, if it did not and what kept it back still
    does."""
    newest = db.session.execute(
        select(Recipient.state, Recipient.reason, Recipient.reply, Mailing)
        .join(Mailing, Mailing.id == Recipient.mailing_id)
        .where(Recipient.contact_id == contact.id, Mailing.started_at.is_not(None))
        .order_by(Mailing.started_at.desc(), Mailing.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        return None
    state, reason, reply, mailing = newest
    if state == RecipientState.FAILED:
        return Missed(mailing.name, mailing.started_at, reply or "", None)
    if reason and now.hold(reason, mailing.subscription_type_id):
        return Missed(mailing.name, mailing.started_at, str(SENTENCES[reason]), reason)
    return None


def further_reasons(mailing: Mailing, shown: Iterable[Recipient]) -> dict[int, list[str]]:
    """What keeps those who are left out from being mailed by now, besides the reason that counted:
    by their ids, where there is anything."""
    counted = {each.id: each.reason for each in shown if each.reason}
    further: dict[int, list[str]] = {}
    for row in db.session.execute(queries.REASONS, {"mailing": mailing.id, "ids": list(counted)}):
        for reason in map(LeftOut, row.reasons):
            if reason != counted[row.id]:
                further.setdefault(row.id, []).append(str(REASON_NAMES[reason]))
    return further


def sentence_of(reason: LeftOut, instead: Mapping[str, Any] | None = None) -> str:
    """`instead` is who got it in place of a duplicate."""
    if reason == LeftOut.DUPLICATE and instead and instead["name"]:
        return _("%(name)s, who has the same address, got it.", name=instead["name"])
    return str(SENTENCES[reason])


def _answers(contact: Contact) -> dict[int | None, bool]:
    answered = select(Subscription.type_id, Subscription.subscribed).where(
        Subscription.contact_id == contact.id
    )
    answers: dict[int | None, bool] = {}
    answers.update(db.session.execute(answered).all())
    return answers | dict.fromkeys(suppression.types_left(contact.email_hash), False)


def _shares_address(contact: Contact) -> bool:
    others = select(func.count()).where(
        Contact.email_key == contact.email_key, Contact.id != contact.id
    )
    return bool(contact.email_key and db.session.scalar(others))
