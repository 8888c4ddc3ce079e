"""What users decide by hand about whether a person may be written to; all of it is audited."""

from datetime import datetime

from flask_babel import LazyString

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import consent, subscriptions, suppression
from webapp.people.consent import BASES
from webapp.people.models import (
    Basis,
    Consent,
    Contact,
    Purpose,
    SubscriptionType,
    SuppressionReason,
)
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l, speaking

PURPOSE_NAMES = {
    Purpose.E_MARKETING: _l("E-marketing"),
    Purpose.SALES_SERVICE: _l("Sales and service"),
}
PURPOSE_MEANINGS = {
    Purpose.E_MARKETING: _l("Newsletters, offers and invitations by e-mail and SMS."),
    Purpose.SALES_SERVICE: _l("To be rung and written to about orders, offers and service."),
}
BASIS_NAMES = {
    Basis.CONSENT: _l("Consent"),
    Basis.CUSTOMER: _l("Customer"),
    Basis.CONTRACT: _l("Contract"),
    Basis.LEGITIMATE_INTEREST: _l("Legitimate interest"),
}
BASIS_MEANINGS = {
    Basis.CONSENT: _l("The person said yes to it."),
    Basis.CONTRACT: _l("We need it to keep an agreement with the person."),
    Basis.CUSTOMER: _l("Bought from us, and could say no then and in every e-mail since."),
    Basis.LEGITIMATE_INTEREST: _l(
        "We weighed our interest against the person's and wrote it down."
    ),
}


class NoAddress(DomainError):
    message = _l("%(name)s has no e-mail address.")


def basis_names(purpose: Purpose) -> dict[Basis, LazyString]:
    """The bases that make sense for it."""
    return {basis: BASIS_NAMES[basis] for basis in BASES[purpose]}


def grant(
    contact: Contact,
    *,
    purpose: Purpose = Purpose.E_MARKETING,
    basis: Basis,
    source: str,
    comment: str = "",
    given_at: datetime | None = None,
    by: int | None,
) -> bool:
    """False when something newer was said since. Raises UnfitBasis."""
    counts = consent.grant(
        contact,
        purpose=purpose,
        basis=basis,
        source=source,
        comment=comment,
        given_at=given_at,
        user_id=by,
    )
    audit("consent granted", by=by, contact=contact.id, purpose=purpose, basis=basis, source=source)
    return counts


def withdraw(
    contact: Contact,
    *,
    purpose: Purpose = Purpose.E_MARKETING,
    source: str = "",
    comment: str = "",
    given_at: datetime | None = None,
    by: int | None,
) -> bool:
    """False when something newer was said since."""
    counts = consent.record(
        contact,
        Consent.WITHDRAWN,
        purpose=purpose,
        source=source,
        comment=comment,
        given_at=given_at,
        user_id=by,
    )
    audit("consent withdrawn", by=by, contact=contact.id, purpose=purpose)
    return counts


def subscribe(contact: Contact, type_: SubscriptionType, *, by: int | None) -> None:
    if subscriptions.subscribe(contact, type_, source=_by_hand(), by=by):
        audit("subscribed", by=by, contact=contact.id, type=type_.id)


def leave(contact: Contact, type_: SubscriptionType, *, by: int | None) -> None:
    if subscriptions.leave(contact, type_, source=_by_hand(), by=by):
        audit("unsubscribed", by=by, contact=contact.id, type=type_.id)


def block(contact: Contact, *, comment: str, by: int | None) -> None:
    """Raises NoAddress."""
    if contact.email_hash is None:
        raise NoAddress(name=contact.label)
    if suppression.block(contact.email_hash, SuppressionReason.BLOCKED_BY_HAND, comment=comment):
        audit("address blocked", by=by, contact=contact.id)


def lift_block(contact: Contact, *, by: int | None) -> None:
    blocked = suppression.in_force(contact.email_hash)
    if contact.email_hash and blocked:
        suppression.lift(contact.email_hash)
        audit("block lifted", by=by, contact=contact.id, reason=blocked.reason)


def _by_hand() -> str:
    """In the organisation's language, as it stands in the history."""
    with speaking(organisation().language):
        return _("Changed by hand")
