"""The SQL of what was looked up: category, our contact and custom fields, which are columns of a
contact, and interests, which are rows of their own.

`looked_up` names the columns of `staged` that the file fills; the others cost nothing. Where a row
brings nothing for them, they are NULL.
"""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    FromClause,
    all_,
    and_,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people.imports.tables import matched, staged
from webapp.people.models import Contact, ContactInterest

FIELDS, INTERESTS = "fields", "interest_ids"

Values = dict[InstrumentedAttribute[Any], ColumnElement[Any]]


def changes(looked_up: Collection[str], *, overwrite: bool) -> Iterator[ColumnElement[bool]]:
    """The staged row has something that the contact has not (or has otherwise)."""
    for column, value in left(looked_up, staged, overwrite=overwrite).items():
        yield value.is_distinct_from(column)
    if INTERESTS in looked_up:
        theirs = select(ContactInterest.item_id).where(ContactInterest.contact_id == Contact.id)
        known = func.array(theirs.order_by(ContactInterest.item_id).scalar_subquery())
        new = staged.c[INTERESTS]
        yield and_(new.is_not(None), new != known if overwrite else ~theirs.exists())


def left(looked_up: Collection[str], row: FromClause, *, overwrite: bool) -> Values:
    """The contact's columns as the row leaves them. Every custom field is a value of its own."""
    values: Values = {}
    for name in looked_up:
        if name != INTERESTS:
            known, new = getattr(Contact, name), row.c[name]
            weak, strong = (known, new) if overwrite else (new, known)
            joined = (weak.concat(strong), known) if name == FIELDS else (strong, weak)
            values[known] = func.coalesce(*joined)
    return values


def brought(looked_up: Collection[str], row: FromClause) -> Values:
    """The columns of a new contact."""
    values: Values = {
        getattr(Contact, name): row.c[name] for name in looked_up if name != INTERESTS
    }
    if FIELDS in looked_up:
        values[Contact.fields] = func.coalesce(row.c[FIELDS], text("'{}'::jsonb"))
    return values


def drop_interests() -> Delete:
    """Those of people for whom the file names others."""
    new = staged.c[INTERESTS]
    return delete(ContactInterest).where(
        ContactInterest.contact_id == matched.c.contact_id,
        matched.c.row_number == staged.c.row_number,
        new.is_not(None),
        ContactInterest.item_id != all_(new),
    )


def add_interests(*, overwrite: bool) -> Insert:
    """Unless they are replaced, only people who have none get some."""
    named = (
        select(matched.c.contact_id, func.unnest(staged.c[INTERESTS]))
        .join_from(matched, staged, staged.c.row_number == matched.c.row_number)
        .where(staged.c[INTERESTS].is_not(None))
    )
    if not overwrite:
        theirs = select(ContactInterest).where(ContactInterest.contact_id == matched.c.contact_id)
        named = named.where(~theirs.exists())
    added = insert(ContactInterest).from_select(["contact_id", "item_id"], named)
    return added.on_conflict_do_nothing()
