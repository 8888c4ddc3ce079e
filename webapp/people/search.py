"""Finding people and companies by the beginnings of words, in the order that a list asks for."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute

from webapp.accounts.organisation import organisation
from webapp.people.models import Company, Contact
from webapp.people.phones import phones_begun
from webapp.people.standing import Standing, condition
from webapp.platform.database import db
from webapp.platform.paging import as_search

Found = TypeVar("Found")
Orders = Mapping[str, tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]]

WORD = re.compile(r"[^\W_]+")
ADDRESS_BEGUN = re.compile(r"[!-~]+@[!-~]*")
MAX_WORDS = 8
FEW = 5_000
"""Companies that are handed on by their numbers."""

CONTACT_ORDERS: Orders = {
    "name": (Contact.sort_key, Contact.id),
    "company": (Company.sort_key, Company.id, Contact.sort_key, Contact.id),
    "-company": (Company.sort_key.desc(), Company.id.desc(), Contact.sort_key, Contact.id),
    "created": (Contact.id,),
    "changed": (Contact.updated_at, Contact.id),
}
COMPANY_ORDERS: Orders = {
    "name": (Company.sort_key, Company.id),
    "city": (Company.city, Company.sort_key, Company.id),
    "created": (Company.id,),
    "changed": (Company.updated_at, Company.id),
}


def find_contacts(
    text: str = "", *, only: Standing | None = None, sort: str = "name"
) -> Select[Contact]:
    """`sort` is a key of CONTACT_ORDERS, after a hyphen for the other way round; in the order of
    companies, `parts` has everybody in their place."""
    statement = matching(select(Contact), text)
    if only:
        statement = statement.where(condition(only))
    if sort.removeprefix("-") == "company":
        statement = statement.outerjoin(Contact.company)
    return ordered(statement, CONTACT_ORDERS, sort)


def parts(found: Select[Contact], sort: str) -> list[Select[Contact]]:
    """What `page_of` shows as one list: who has no company comes last, whichever way round.

    By company, people are read from one company after the other, as no index has them all in that
    order.
    """
    if sort.removeprefix("-") != "company":
        return [found]
    alone = found.where(Contact.company_id.is_(None)).order_by(None)
    return [
        found.where(Company.id.is_not(None)),
        alone.order_by(*CONTACT_ORDERS["name"]),
    ]


def matching(statement: Select[Found], text: str) -> Select[Found]:
    """Of a statement about contacts, only those that the text finds."""
    return as_search(statement.where(contact_matches(text))) if words(text) else statement


def find_companies(text: str = "", *, sort: str = "name") -> Select[Company]:
    """`sort` is a key of COMPANY_ORDERS, after a hyphen for the other way round."""
    found = select(Company)
    if words(text):
        spelled = [_begins(Company.search, word) for word in words(text)]
        found = as_search(found.where(or_(and_(*spelled), *_phones(Company.search, text))))
    return ordered(found, COMPANY_ORDERS, sort)


def contact_matches(text: str) -> ColumnElement[bool]:
    """Every word begins one of the person's or of the company's, or all is the beginning of a phone
    number; an address is matched whole."""
    if ADDRESS_BEGUN.fullmatch(text.strip()):
        return Contact.email_key.startswith(text.strip().lower(), autoescape=True)
    spelled = map(_person_or_company, words(text))
    return or_(and_(true(), *spelled), *_phones(Contact.search, text))


def _phones(column: InstrumentedAttribute[str], text: str) -> list[ColumnElement[bool]]:
    return [_begins(column, number) for number in phones_begun(text, organisation().country)]


def _person_or_company(word: str) -> ColumnElement[bool]:
    written = _begins(Contact.search, word)
    named_so = select(Company.id).where(_begins(Company.search, word))
    # A few companies are found first, and their people by an index. With many there are so many
    # people that whatever is read through holds a page of them soon.
    companies = db.session.scalars(named_so.limit(FEW + 1)).all()
    if not companies:
        return written
    if len(companies) > FEW:
        return or_(written, Contact.company_id.in_(named_so))
    return or_(written, Contact.company_id == any_(literal(companies, ARRAY(BigInteger))))


def _begins(column: InstrumentedAttribute[str], word: str) -> ColumnElement[bool]:
    return column.bool_op("@@")(func.to_tsquery("simple", f"'{word}':*"))


def words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFC", text))[:MAX_WORDS]


def ordered(statement: Select[Found], orders: Orders, sort: str) -> Select[Found]:
    """By the first of `orders` when there is none of that name."""
    forwards = sort.removeprefix("-")
    if sort not in orders and forwards in orders and not forwards.startswith("-"):
        return statement.order_by(*(column.desc() for column in orders[forwards]))
    return statement.order_by(*(orders.get(sort) or next(iter(orders.values()))))
