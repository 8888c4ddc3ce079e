"""The merge tags of custom fields, which come and go with the fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from json import loads
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.organisation import organisation
from webapp.content.tags.logic.expressions import Worded
from webapp.content.tags.merge_tags import KnownTag, TagFamily, register_family
from webapp.mailings.models import Mailing
from webapp.people import custom_fields
from webapp.people.custom_values import in_words
from webapp.people.models import CustomField, FieldKind, FieldOf
from webapp.platform.database import db
from webapp.platform.locales import _, speaking

PREFIXES = {FieldOf.CONTACT: "customer.field.", FieldOf.COMPANY: "company.field."}
SAMPLES: dict[FieldKind, Any] = {
    FieldKind.NUMBER: 140,
    FieldKind.DATE: "2026-05-12",
    FieldKind.YES_NO: True,
}
IN_ANY_LANGUAGE = {FieldKind.TEXT, FieldKind.ONE_OF}


@dataclass(frozen=True)
class Source:
    """Where a tag's value comes from: a column, and how what it holds is put into words."""

    column: ColumnElement[str] | InstrumentedAttribute[str]
    words: Callable[[str], str] | None = None


def source_of(tag: str) -> Source | None:
    """Also of a retired field, which what is under way and what was sent goes on naming."""
    for of, prefix in PREFIXES.items():
        if tag.startswith(prefix):
            field = custom_fields.find(of, tag.removeprefix(prefix))
            return _source(field) if field else None
    return None


def tag_of(field: CustomField) -> str:
    return PREFIXES[field.of] + field.key


def names() -> list[str]:
    """Those of retired fields too."""
    return [tag_of(field) for field in custom_fields.everything()]


def mailings_with(field: CustomField) -> list[Mailing]:
    """Those that name it, newest first."""
    # \M is the end of a word, in which an underscore counts: size is not size_2.
    name = r"\[\[\s*" + re.escape(tag_of(field)) + r"\M"
    texts = (Mailing.subject, Mailing.preheader, cast(Mailing.content, Text))
    named = or_(*(column.regexp_match(name, flags="i") for column in texts))
    found = select(Mailing).where(Mailing.deleted_at.is_(None), named)
    return list(db.session.scalars(found.order_by(Mailing.updated_at.desc(), Mailing.id)))


def _source(field: CustomField) -> Source:
    value = custom_fields.OWNERS[field.of].fields[field.key]
    if field.kind in IN_ANY_LANGUAGE:
        return Source(value.astext)
    return Source(
        cast(value, Text), partial(_in_words, kind=field.kind, language=organisation().language)
    )


@lru_cache(maxsize=2_000)
def _in_words(json: str, *, kind: FieldKind, language: str) -> str:
    """Many people share a date, a number or a yes."""
    with speaking(language):
        return _worded(kind, loads(json))


def _worded(kind: FieldKind, value: Any) -> Worded:
    """In the language that is spoken now, and comparable: a yes is 1 and a no is 0."""
    words = in_words(kind, value)
    if kind is FieldKind.DATE:
        return Worded(words, value)
    is_number = kind in {FieldKind.NUMBER, FieldKind.YES_NO}
    return Worded(words, f"{Decimal(str(+value)):f}" if is_number else words)


def _known(field: CustomField) -> KnownTag:
    of_company = field.of is FieldOf.COMPANY
    label = _("%(label)s (company)", label=field.label) if of_company else field.label
    retired = field.retired_at is not None
    return KnownTag(tag_of(field), label, _sample(field), retired=retired)


def _sample(field: CustomField) -> str:
    if field.kind is FieldKind.TEXT:
        return field.label
    if field.kind in custom_fields.WITH_OPTIONS:
        return field.options[0] if field.options else field.label
    return _worded(field.kind, SAMPLES[field.kind])


def _family(of: FieldOf) -> TagFamily:
    def find(key: str) -> KnownTag | None:
        field = custom_fields.find(of, key)
        return _known(field) if field else None

    return TagFamily(PREFIXES[of], find, lambda: list(map(_known, custom_fields.defined(of))))


for each in FieldOf:
    register_family(_family(each))
