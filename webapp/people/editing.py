"""Two people at the same card, and one who presses the button twice. Of what somebody saves, only
what they changed themselves is written; whoever changes what somebody else has changed meanwhile is
told first."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.accounts.audit import audit
from webapp.accounts.models import AuditEntry, User
from webapp.people.models import Company, Contact
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l

Card = TypeVar("Card", Contact, Company)
Details = TypeVar("Details", bound=Any)

MOMENT = timedelta(minutes=1)
NEWEST = 20

CUSTOM = "field_"
"""Stands before the key of a custom field, so that a key can be any word."""


class ChangedMeanwhile(DomainError):
    """`mine` are the fields that the user changed; `both` are those of them that somebody else has
    given another value since."""

    message = _l(
        "%(names)s changed this card while you were at it. Where you changed the same, what you"
        " typed still stands, and under it what was saved meanwhile. Save again to put yours in its"
        " place."
    )

    def __init__(self, names: str, mine: set[str], both: set[str]) -> None:
        super().__init__(names=names)
        self.mine, self.both = mine, both


@dataclass(frozen=True)
class Read:
    """What somebody had before them when they began to type: when the card was last changed, and a
    fingerprint of each field. That tells whether a field is still the same, and a form need not
    carry a long note twice."""

    at: datetime
    fields: Mapping[str, str]

    @classmethod
    def now(cls, card: Contact | Company, details: Any) -> Self:
        return cls.of(card.updated_at, values(details))

    @classmethod
    def of(cls, at: datetime, known: Mapping[str, Any]) -> Self:
        return cls(at, {name: _print(value) for name, value in known.items()})

    @classmethod
    def loaded(cls, text: str) -> Self | None:
        """None when the text is not what `dumped` made."""
        try:
            at, fields = json.loads(text)
            return cls(datetime.fromisoformat(at), dict(fields))
        except (TypeError, ValueError):
            return None

    def dumped(self) -> str:
        return json.dumps([self.at.isoformat(), self.fields])

    def had(self, name: str, value: Any) -> bool:
        return self.fields.get(name, _NOTHING) == _print(value)

    def apart(self, now: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[set[str], set[str]]:
        """The fields that who read this changed, and those of them that somebody else has given
        another value since."""
        mine = {name for name, value in wanted.items() if not self.had(name, value)}
        both = {
            name
            for name in mine
            if not self.had(name, now.get(name)) and now.get(name) != wanted[name]
        }
        return mine, both


def values(details: Any) -> dict[str, Any]:
    """Each by its name, those of custom fields too."""
    known = asdict(details)
    return {CUSTOM + key: value for key, value in known.pop("fields").items()} | known


def save(
    card: Card,
    new: Details,
    *,
    details: Callable[[Card], Details],
    change: Callable[[Card, Details], None],
    read: Read | None,
    by: int | None,
) -> str:
    """`new` is as `details` would say it, and what of it differs from what was `read` is changed;
    all of it where that is None. Answers who else has changed the card since.

    Raises ChangedMeanwhile, and what `change` raises; then nothing has changed. To save twice what
    is there already is no change, so a double click does no harm.
    """
    with db.session.begin_nested():
        db.session.refresh(card, with_for_update=True)
        saved_at, before = card.updated_at, values(details(card))
        change(card, _together(card, details(card), new, read))
        db.session.flush()
        after = values(details(card))
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    if not changed:
        return ""
    others = _who(card, read.at) if read and read.at != saved_at else ""
    kind = card.__tablename__
    audit(f"{kind} changed", by=by, fields=" ".join(changed), **{kind: card.id})
    return others


def once(
    model: type[Card],
    new: Details,
    *,
    details: Callable[[Card], Details],
    create: Callable[[Details], Card],
    by: int,
) -> Card:
    """Made, unless the same was made a moment ago: pressed twice, a button makes one card. `new` is
    as `details` would say it."""
    # The second of two presses waits until the first one is done.
    db.session.execute(select(User.id).where(User.id == by).with_for_update())
    newest = (
        select(model)
        .where(model.updated_at > utcnow() - MOMENT)
        .order_by(model.updated_at.desc())
        .limit(NEWEST)
    )
    same = (card for card in db.session.scalars(newest) if _known(details(card)) == _known(new))
    return next(same, None) or create(new)


def _known(details: Any) -> dict[str, Any]:
    return {name: value for name, value in values(details).items() if value is not None}


def _together(card: Card, saved: Details, new: Details, read: Read | None) -> Details:
    if read is None:
        return new
    now, wanted = values(saved), values(new)
    mine, both = read.apart(now, wanted)
    if both:
        raise ChangedMeanwhile(_who(card, read.at), mine, both)
    stands = now | {name: wanted[name] for name in mine}
    custom = [name for name in stands if name.startswith(CUSTOM)]
    fields = {name.removeprefix(CUSTOM): stands.pop(name) for name in custom}
    together: Details = type(new)(**stands, fields=fields)
    return together


def _print(value: Any) -> str:
    return hashlib.blake2b(json.dumps(value).encode(), digest_size=9).hexdigest()


_NOTHING = _print(None)


def _who(card: Contact | Company, moment: datetime) -> str:
    """By ix_audit_entry_at: what was written down since then."""
    kind = card.__tablename__
    entries = db.session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.at > moment,
            AuditEntry.action == f"{kind} changed",
            AuditEntry.detail[kind].as_integer() == card.id,
        )
        .options(selectinload(AuditEntry.user))
        .order_by(AuditEntry.id)
    ).all()
    names = dict.fromkeys(entry.user.name for entry in entries if entry.user)
    return ", ".join(names) or _("Somebody else")
