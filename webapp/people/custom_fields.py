"""Custom fields: what an administrator wants to know of people and companies beyond what everybody
does. What their values are is in custom_values."""

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, func, select, text

from webapp.accounts.audit import audit
from webapp.people.models import Company, Contact, CustomField, FieldKind, FieldOf
from webapp.people.texts import MAX_TEXT, one_line
from webapp.platform.database import db, utcnow
from webapp.platform.errors import DomainError, NotFound
from webapp.platform.locales import _l

MAX_LABEL = 60
MAX_KEY = 40
MAX_OPTIONS = 100

KIND_NAMES = {
    FieldKind.TEXT: _l("Text"),
    FieldKind.NUMBER: _l("Number"),
    FieldKind.DATE: _l("Date"),
    FieldKind.YES_NO: _l("Yes or no"),
    FieldKind.ONE_OF: _l("One of several"),
    FieldKind.MANY_OF: _l("Any of several"),
}
WITH_OPTIONS = {FieldKind.ONE_OF, FieldKind.MANY_OF}
OWNERS: dict[FieldOf, type[Contact | Company]] = {
    FieldOf.CONTACT: Contact,
    FieldOf.COMPANY: Company,
}

_SPELLED = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})


class NoSuchField(NotFound):
    message = _l("This field does not exist any more.")


class LabelTaken(DomainError):
    message = _l("There is a field called “%(label)s” already.")


class LabelOfDeleted(DomainError):
    message = _l("A deleted field is called “%(label)s”. Bring it back instead.")


class OptionsFault(DomainError):
    """The choices of a field cannot be these."""


class NoOptions(OptionsFault):
    message = _l("Write what there is to choose from, one on each line.")


class TooManyOptions(OptionsFault):
    message = _l("These are too many: keep them to %(limit)d.")


class OptionTooLong(OptionsFault):
    message = _l("“%(option)s…” is too long: keep each under %(limit)d characters.")


def defined(of: FieldOf) -> list[CustomField]:
    """In the order in which they are shown."""
    return _fields(CustomField.of == of, CustomField.retired_at.is_(None))


def retired(of: FieldOf) -> list[CustomField]:
    return _fields(CustomField.of == of, CustomField.retired_at.is_not(None))


def everything() -> list[CustomField]:
    """Of people first, retired ones included."""
    return _fields()


def get(field_id: int) -> CustomField:
    """Raises NoSuchField."""
    field = db.session.get(CustomField, field_id)
    if field is None:
        raise NoSuchField
    return field


def find(of: FieldOf, key: str) -> CustomField | None:
    """Also a retired one."""
    by_key = select(CustomField).where(CustomField.of == of, CustomField.key == key)
    return db.session.scalar(by_key)


def define(
    of: FieldOf, label: str, kind: FieldKind, options: Iterable[str] = (), *, by: int | None
) -> CustomField:
    """Raises LabelTaken, LabelOfDeleted and an OptionsFault."""
    # Two at once would find the same key free.
    db.session.execute(text("LOCK TABLE custom_field IN SHARE ROW EXCLUSIVE MODE"))
    _require_free(of, label)
    others = [field for field in everything() if field.of == of]
    field = CustomField(
        of=of,
        key=_key(label, {other.key for other in others}),
        label=label,
        kind=kind,
        options=_options(kind, options),
        position=max((other.position for other in others), default=0) + 1,
    )
    db.session.add(field)
    db.session.flush()
    audit("custom field defined", by=by, field=field.id, of=of.value, label=label)
    return field


def change(field: CustomField, label: str, options: Iterable[str] = (), *, by: int | None) -> None:
    """Whoever has an option that is no more keeps it. The key stays, as mailings name it.

    Raises LabelTaken, LabelOfDeleted and an OptionsFault.
    """
    _require_free(field.of, label, but=field.id)
    field.options = _options(field.kind, options)
    field.label = label
    audit("custom field changed", by=by, field=field.id, of=field.of.value, label=label)


def move(field: CustomField, *, up: bool) -> None:
    """Past its neighbour, if there is one."""
    order = defined(field.of)
    if field not in order:
        return
    place = order.index(field)
    order.insert(max(0, place - 1) if up else place + 1, order.pop(place))
    for position, each in enumerate(order):
        each.position = position


def retire(field: CustomField, *, by: int | None) -> None:
    """Nobody is asked for it any more. The values stay."""
    field.retired_at = field.retired_at or utcnow()
    audit("custom field deleted", by=by, field=field.id, of=field.of.value, label=field.label)


def bring_back(field: CustomField, *, by: int | None) -> None:
    field.retired_at = None
    audit("custom field brought back", by=by, field=field.id, of=field.of.value, label=field.label)


def holders(field: CustomField) -> int:
    """How many people or companies have a value. Looks at every one of them."""
    owner = OWNERS[field.of]
    having = select(func.count()).select_from(owner).where(owner.fields.has_key(field.key))
    return db.session.scalar(having) or 0


def _fields(*conditions: ColumnElement[bool]) -> list[CustomField]:
    order = (CustomField.of.desc(), CustomField.position, CustomField.id)
    return list(db.session.scalars(select(CustomField).where(*conditions).order_by(*order)))


def _require_free(of: FieldOf, label: str, *, but: int | None = None) -> None:
    same = func.lower(CustomField.label) == label.lower()
    taken = select(CustomField).where(CustomField.of == of, same, CustomField.id != (but or 0))
    other = db.session.scalar(taken.limit(1))
    if other is not None:
        raise (LabelOfDeleted if other.retired_at else LabelTaken)(label=other.label)


def _options(kind: FieldKind, options: Iterable[str]) -> list[str]:
    if kind not in WITH_OPTIONS:
        return []
    kept: dict[str, str] = {}
    for option in filter(None, map(one_line, options)):
        kept.setdefault(option.casefold(), option)
    if not kept:
        raise NoOptions
    if len(kept) > MAX_OPTIONS:
        raise TooManyOptions(limit=MAX_OPTIONS)
    for option in kept.values():
        if len(option) > MAX_TEXT:
            raise OptionTooLong(option=option[:MAX_KEY], limit=MAX_TEXT)
    return list(kept.values())


def _key(label: str, taken: Iterable[str]) -> str:
    """“Butikkens størrelse” is butikkens_stoerrelse; a number tells it from others."""
    plain = unicodedata.normalize("NFKD", label.lower().translate(_SPELLED))
    words = re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", plain))
    key = "_".join(words)[:MAX_KEY].strip("_") or "field"
    number, unique = 1, key
    while unique in taken:
        number += 1
        unique = f"{key}_{number}"
    return unique
