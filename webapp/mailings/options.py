"""Who of the people in a mailing's sources is mailed: what may be chosen, and what may be
overridden by those who are allowed to."""

from dataclasses import asdict, dataclass

from webapp.accounts.audit import audit
from webapp.mailings.drafts import require_draft
from webapp.mailings.models import Mailing
from webapp.platform.database import utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l


class NoReason(DomainError):
    message = _l("Say why this mailing may go to people without consent or subscription.")


@dataclass(frozen=True)
class Options:
    """As in `Mailing`."""

    one_per_address: bool
    include_companies: bool
    prefer_company: bool
    update_when_sending: bool


def choose(mailing: Mailing, options: Options) -> None:
    require_draft(mailing)
    for name, chosen in asdict(options).items():
        setattr(mailing, name, chosen)
    mailing.sources_changed_at = utcnow()


def override(mailing: Mailing, reason: str, *, by: int) -> None:
    """It goes to people without consent or subscription, too: a recall of a product, say. What
    comes before these rules stays. Raises NoReason."""
    require_draft(mailing)
    if not reason.strip():
        raise NoReason
    mailing.override_reason, mailing.override_by_id = reason.strip(), by
    mailing.sources_changed_at = utcnow()
    audit("consent overridden", by=by, mailing=mailing.id, name=mailing.name, reason=reason.strip())


def end_override(mailing: Mailing, *, by: int) -> None:
    require_draft(mailing)
    if mailing.override_reason:
        mailing.override_reason, mailing.override_by_id = "", None
        mailing.sources_changed_at = utcnow()
        audit("consent respected again", by=by, mailing=mailing.id, name=mailing.name)
