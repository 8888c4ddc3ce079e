"""What users decide by hand about whether a person may be written to; all of it is audited."""

from datetime import datetime

from webapp.accounts.audit import audit
from webapp.people import consent, suppression
from webapp.people.models import Basis, Consent, Contact, SuppressionReason
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

BASIS_NAMES = {
    Basis.CONSENT: _l("Consent"),
    Basis.CUSTOMER: _l("Customer"),
    Basis.LEGITIMATE_INTEREST: _l("Legitimate interest"),
}
BASIS_MEANINGS = {
    Basis.CONSENT: _l("The person said yes to e-mail from us."),
    Basis.CUSTOMER: _l("Bought from us, and could say no then and in every e-mail since."),
    Basis.LEGITIMATE_INTEREST: _l(
        "We weighed our interest against the person's and wrote it down."
    ),
}


class NoAddress(DomainError):
    message = _l("%(name)s has no e-mail address.")


def grant(
    contact: Contact,
    *,
    basis: Basis,
    source: str,
    comment: str = "",
    given_at: datetime | None = None,
    by: int | None,
) -> None:
    consent.record(
        contact,
        Consent.GRANTED,
        basis=basis,
        source=source,
        comment=comment,
        given_at=given_at,
        user_id=by,
    )
    audit("consent granted", by=by, contact=contact.id, basis=basis, source=source)


def withdraw(
    contact: Contact,
    *,
    source: str = "",
    comment: str = "",
    given_at: datetime | None = None,
    by: int | None,
) -> None:
    consent.record(
        contact,
        Consent.WITHDRAWN,
        source=source,
        comment=comment,
        given_at=given_at,
        user_id=by,
    )
    audit("consent withdrawn", by=by, contact=contact.id)


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
