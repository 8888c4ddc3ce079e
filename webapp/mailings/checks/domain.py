"""What the rest of the world reads about the From domain: whether our messages are genuine."""

from collections.abc import Callable

from webapp.mailings.checks.finding import Finding, Findings, Level, Place, fine
from webapp.people.addresses import AddressError, parse_address
from webapp.platform.domain_records import CannotLookUp, DomainRecords, look_up
from webapp.platform.locales import _


def findings(from_address: str) -> list[Finding]:
    """It asks DNS, and so takes a while; nothing stops a mailing here."""
    try:
        domain = parse_address(from_address).key.rpartition("@")[2]
    except AddressError:
        return []
    try:
        records = look_up(domain)
    except CannotLookUp:
        text = _("The records of %(domain)s could not be looked up", domain=domain)
        return [_note(Level.HINT, text, _("DNS did not answer. That says nothing about them."))]
    if not records.exists:
        text = _("The domain %(domain)s does not exist", domain=domain)
        detail = _("Most servers refuse messages that come from there.")
        return [_note(Level.WARNING, text, detail)]
    return [finding for check in CHECKS for finding in check(domain, records)]


def spf(domain: str, records: DomainRecords) -> Findings:
    if not records.spf:
        yield _note(
            Level.WARNING,
            _("%(domain)s does not say which servers send for it (SPF)", domain=domain),
            _("Without it many messages are taken for spam. Who looks after the domain adds it."),
        )
    elif len(records.spf) > 1:
        yield _note(
            Level.WARNING,
            _("%(domain)s has more than one SPF record", domain=domain),
            _("Then none of them counts. Who looks after the domain puts them together."),
        )
    else:
        yield fine(_("%(domain)s says which servers send for it (SPF)", domain=domain))


def dkim(domain: str, records: DomainRecords) -> Findings:
    """We do not sign: the sending server does, and it alone knows with which key."""
    covered = _(
        "Your sending server signs, not Brevdue. Its signature must cover List-Unsubscribe and"
        " List-Unsubscribe-Post, or Gmail and Yahoo show no button to leave."
    )
    if records.has_dkim_keys:
        text = _("%(domain)s has keys for signatures (DKIM)", domain=domain)
        yield _note(Level.HINT, text, covered)
    else:
        text = _("%(domain)s has no key for signatures (DKIM)", domain=domain)
        yield _note(Level.WARNING, text, covered)


def dmarc(domain: str, records: DomainRecords) -> Findings:
    if records.dmarc:
        yield fine(_("%(domain)s says what to do with forgeries (DMARC)", domain=domain))
    else:
        yield _note(
            Level.WARNING,
            _("%(domain)s does not say what to do with forgeries (DMARC)", domain=domain),
            _(
                "Gmail, Yahoo and Outlook ask for it of whoever sends many messages. A record"
                " “%(record)s” at %(name)s is enough to begin with.",
                record="v=DMARC1; p=none",
                name=f"_dmarc.{domain}",
            ),
        )


CHECKS: tuple[Callable[[str, DomainRecords], Findings], ...] = (spf, dkim, dmarc)


def _note(level: Level, text: str, detail: str) -> Finding:
    return Finding(level, text, detail, Place.ELSEWHERE)
