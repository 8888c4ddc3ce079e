"""The check before sending: what must be fixed, what somebody may want to look at, what is fine."""

from dataclasses import dataclass

from webapp.mailings import audience, contents, gathering
from webapp.mailings.checks import content, links, recipients, setup, wording
from webapp.mailings.checks.finding import Check, Draft, Finding, FixKind, Level
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

STOPPING: list[Check] = [
    recipients.recipients,
    setup.subject,
    setup.sender,
    setup.attached_files,
    content.something_written,
    content.tags_and_blocks,
    content.unsubscribe_link,
]
"""Those that may find an error: without them nothing is sent, whoever starts it. Upper floors add
theirs by `register`."""

ADVISING: tuple[Check, ...] = (
    recipients.override,
    setup.nobody_else_at_it,
    setup.mailbox_provider,
    setup.subscription_type,
    setup.preheader,
    content.unwritten,
    content.foreign_tags,
    content.unsubscribe_in_text,
    content.text_part,
    content.pictures,
    content.weight,
    links.parses,
    links.leads_outside,
    links.shows_where_it_leads,
    recipients.empty_values,
    links.encrypted,
    links.tracked_openly,
    links.shortened,
    content.pictures_alone,
    wording.spam,
    setup.tested,
)

WITHOUT_CONTENT: tuple[Check, ...] = (
    recipients.recipients,
    setup.subject,
    setup.sender,
    content.something_written,
    setup.subscription_type,
    setup.preheader,
)
"""What there is to say before anything is written."""


class NotReady(DomainError):
    message = _l("The mailing cannot be sent yet. %(fault)s")


@dataclass(frozen=True)
class Report:
    findings: list[Finding]

    @property
    def errors(self) -> list[Finding]:
        return self._of(Level.ERROR)

    @property
    def warnings(self) -> list[Finding]:
        return self._of(Level.WARNING)

    @property
    def hints(self) -> list[Finding]:
        return self._of(Level.HINT)

    @property
    def fine(self) -> list[Finding]:
        return self._of(Level.FINE)

    def _of(self, level: Level) -> list[Finding]:
        return [finding for finding in self.findings if finding.level is level]


def register(check: Check) -> None:
    """One more that may find an error."""
    STOPPING.append(check)


def check(mailing: Mailing, viewer: int | None = None) -> Report:
    """The recipients are counted anew when their sources changed."""
    return _report(mailing, (*STOPPING, *ADVISING), viewer)


def require_ready(mailing: Mailing) -> None:
    """Raises NotReady, with the first thing that must be fixed."""
    errors = _report(mailing, tuple(STOPPING)).errors
    if errors:
        raise NotReady(fault=errors[0].text)


def mend(mailing: Mailing, kind: str, old: str) -> bool:
    """Makes a mend that the check offers. False when it does not offer it any more."""
    offered = [finding.fix for finding in check(mailing).findings if finding.fix]
    fix = next((fix for fix in offered if (fix.kind, fix.old) == (kind, old)), None)
    if fix is None:
        return False
    match fix.kind:
        case FixKind.UNSUBSCRIBE:
            contents.add_unsubscribe_link(mailing)
        case FixKind.UNSUBSCRIBE_IN_TEXT:
            contents.add_unsubscribe_to_text(mailing)
        case FixKind.TEXT:
            contents.replace_text(mailing, fix.old, fix.new)
    return True


def _report(mailing: Mailing, checks: tuple[Check, ...], viewer: int | None = None) -> Report:
    gathering.bring_up_to_date(mailing)
    draft = Draft(mailing, compiled(mailing), audience.count(mailing), viewer)
    chosen = checks if mailing.content is not None else WITHOUT_CONTENT
    return Report([finding for one in chosen for finding in one(draft)])
