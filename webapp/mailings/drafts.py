"""A mailing before it goes out: making one, finding it, and guarding what must not change later."""

from sqlalchemy import insert, literal, select

from webapp.content.models import Folder
from webapp.mailings.models import Attachment, Kind, Mailing, State
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _, _l


class NoSuchMailing(NotFound):
    message = _l("This mailing does not exist any more.")


class NotADraft(DomainError):
    message = _l("“%(name)s” is on its way or sent, and cannot be changed any more.")


def get(mailing_id: int) -> Mailing:
    """Raises NoSuchMailing."""
    mailing = db.session.get(Mailing, mailing_id)
    if mailing is None or mailing.deleted_at is not None:
        raise NoSuchMailing
    return mailing


def create(
    name: str,
    *,
    owner_id: int | None,
    from_name: str,
    from_address: str,
    kind: Kind = Kind.EMAIL,
    folder: Folder | None = None,
) -> Mailing:
    mailing = Mailing(
        kind=kind,
        name=name,
        owner_id=owner_id,
        folder=folder,
        from_name=from_name,
        from_address=from_address,
    )
    db.session.add(mailing)
    db.session.flush()
    return mailing


def duplicate(mailing: Mailing, *, owner_id: int | None) -> Mailing:
    """A new draft beside it with the same set-up, content and attachments, and no recipients
    yet."""
    copied = (
        "kind", "folder_id", "goal", "goal_figure", "subject", "preheader", "from_name",
        "from_address", "reply_to", "track_links", "track_opens", "campaign_tags", "utm_medium",
        "utm_source", "utm_campaign", "one_per_address", "include_companies", "prefer_company",
        "update_when_sending", "selection_id", "project_id", "subscription_type_id", "content",
    )  # fmt: skip
    copy = Mailing(
        name=_("%(name)s (copy)", name=mailing.name),
        owner_id=owner_id,
        **{field: getattr(mailing, field) for field in copied},
    )
    db.session.add(copy)
    db.session.flush()
    _copy_attachments(mailing, copy)
    return copy


def choose_type(mailing: Mailing, type_id: int | None) -> None:
    """The subscription type, or any: who is mailed depends on it. Raises NotADraft."""
    require_draft(mailing)
    if mailing.subscription_type_id != type_id:
        mailing.subscription_type_id = type_id
        mailing.sources_changed_at = utcnow()


def require_draft(mailing: Mailing) -> None:
    """Raises NotADraft."""
    if mailing.state != State.DRAFT:
        raise NotADraft(name=mailing.name)


def _copy_attachments(mailing: Mailing, copy: Mailing) -> None:
    """Within the database, as they may be large."""
    copied = (Attachment.name, Attachment.media_type, Attachment.size, Attachment.content)
    of_mailing = select(literal(copy.id), *copied).where(Attachment.mailing_id == mailing.id)
    columns = ["mailing_id", *(column.key for column in copied)]
    db.session.execute(insert(Attachment).from_select(columns, of_mailing.order_by(Attachment.id)))
