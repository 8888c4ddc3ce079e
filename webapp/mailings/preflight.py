"""The check before sending: what must be fixed, what somebody may want to look at, what is fine."""

from dataclasses import dataclass

from webapp.mailings import audience, contents, gathering
from webapp.mailings.checks import CHECKS, WITHOUT_CONTENT, Draft, Finding, FixKind, Level
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


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
    def fine(self) -> list[Finding]:
        return self._of(Level.FINE)

    def _of(self, level: Level) -> list[Finding]:
        return [finding for finding in self.findings if finding.level is level]


def check(mailing: Mailing) -> Report:
    """The recipients are counted anew when their sources changed."""
    gathering.bring_up_to_date(mailing)
    draft = Draft(mailing, compiled(mailing), audience.count(mailing))
    checks = CHECKS if mailing.content is not None else WITHOUT_CONTENT
    return Report([finding for one in checks for finding in one(draft)])


def require_ready(mailing: Mailing) -> None:
    """Raises NotReady, with the first thing that must be fixed."""
    errors = check(mailing).errors
    if errors:
        raise NotReady(fault=errors[0].text)


def mend(mailing: Mailing, kind: str, old: str) -> bool:
    """Makes a mend that the check offers. False when it does not offer it any more."""
    offered = [finding.fix for finding in check(mailing).findings if finding.fix]
    fix = next((fix for fix in offered if (fix.kind, fix.old) == (kind, old)), None)
    if fix is None:
        return False
    if fix.kind is FixKind.UNSUBSCRIBE:
        contents.add_unsubscribe_link(mailing)
    else:
        contents.replace_text(mailing, fix.old, fix.new)
    return True
