"""What is chosen in Setup, and what is done before sending."""

from collections.abc import Iterator

from sqlalchemy import select

from webapp.accounts.models import AuditEntry
from webapp.mailings import attachments, presence
from webapp.mailings.checks.finding import Draft, Finding, Findings, Level, Place, fine
from webapp.people.addresses import AddressError, parse_address
from webapp.people.subscriptions import name_of
from webapp.platform.database import db
from webapp.platform.locales import _, file_size, ngettext

HEAVY_ATTACHMENTS = 5_000_000
"""Bytes; a message is a third larger than what it carries, and 10 MB is a common limit."""

MAILBOX_PROVIDERS = {
    *("gmail.com", "googlemail.com", "yahoo.com", "outlook.com", "hotmail.com", "live.com"),
    *("hotmail.dk", "live.dk", "outlook.dk", "yahoo.dk", "icloud.com", "me.com", "aol.com"),
    *("gmx.de", "gmx.net", "web.de", "mail.ru", "proton.me", "protonmail.com"),
}


def subject(draft: Draft) -> Findings:
    if draft.mailing.subject.strip():
        yield fine(_("Subject written"))
    else:
        text = _("There is no subject.")
        yield Finding(Level.ERROR, text, place=Place.SETUP, at="subject")


def sender(draft: Draft) -> Findings:
    try:
        address = parse_address(draft.mailing.from_address)
        yield fine(_("Sent from %(address)s", address=address.text))
    except AddressError as error:
        text = _("The address that it comes from is missing or wrong.")
        yield Finding(Level.ERROR, text, str(error), Place.SETUP, "from_address")


def mailbox_provider(draft: Draft) -> Findings:
    domain = draft.mailing.from_address.rpartition("@")[2].strip().lower()
    if domain in MAILBOX_PROVIDERS:
        yield Finding(
            Level.WARNING,
            _("It comes from an address at %(domain)s", domain=domain),
            _(
                "Only %(domain)s itself may send for it, so most of these messages are refused or"
                " taken for spam. Write from an address at a domain of your own.",
                domain=domain,
            ),
            Place.SETUP,
            "from_address",
        )


def preheader(draft: Draft) -> Findings:
    if draft.mailing.preheader.strip():
        yield fine(_("Preheader written"))
    else:
        detail = _("Inboxes show it beside the subject; without one, the first words of the text.")
        text = _("There is no preheader")
        yield Finding(Level.WARNING, text, detail, Place.SETUP, "preheader")


def subscription_type(draft: Draft) -> Findings:
    type_ = draft.mailing.subscription_type
    if type_ is not None and not type_.active:
        yield Finding(
            Level.WARNING,
            _("The subscription type “%(name)s” is not active any more", name=name_of(type_)),
            _("It still goes to those who subscribe to it. Nobody is offered it any longer."),
            Place.SETUP,
            "subscription_type_id",
        )


def attached_files(draft: Draft) -> Findings:
    files = attachments.of(draft.mailing)
    if not files and not set(attachments.TAGS).isdisjoint(draft.tags):
        text = _("It speaks of an attachment, and nothing is attached.")
        yield Finding(Level.ERROR, text, place=Place.SETUP, at="attachments")
    total = sum(file.size for file in files)
    if total > HEAVY_ATTACHMENTS:
        yield Finding(
            Level.WARNING,
            _("The attachments take %(size)s", size=file_size(total)),
            _("Many servers refuse more than 10 MB. Put large files behind a link instead."),
            Place.SETUP,
            "attachments",
        )
    elif files:
        yield fine(
            ngettext(
                "%(num)d attachment, %(size)s",
                "%(num)d attachments, %(size)s",
                len(files),
                size=file_size(total),
            )
        )


def tested(draft: Draft) -> Findings:
    if _was_tested(draft):
        yield fine(_("A test was sent"))
    else:
        detail = _("Send one to yourself, and look at it on your phone as well.")
        yield Finding(Level.HINT, _("No test has been sent yet"), detail, Place.TEST)


def nobody_else_at_it(draft: Draft) -> Findings:
    if draft.viewer is None:
        return
    names = ", ".join(_others(draft))
    if names:
        yield Finding(
            Level.WARNING,
            _("%(names)s is working on it right now", names=names),
            _("Agree first: what you see here may change before you send it."),
        )
    else:
        yield fine(_("Nobody else is working on it"))


def _others(draft: Draft) -> Iterator[str]:
    return (user.name for user in presence.others(draft.mailing, draft.viewer or 0))


def _was_tested(draft: Draft) -> bool:
    # The log is read from the draft's first day on: it has an index by time and no other.
    tests = select(AuditEntry.id).where(
        AuditEntry.at >= draft.mailing.created_at,
        AuditEntry.action == "test sent",
        AuditEntry.detail["mailing"].as_integer() == draft.mailing.id,
    )
    return db.session.scalar(select(tests.exists())) is True
