"""Finding people and companies by the beginnings of words, in the order that a list asks for."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, any_, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.people.models import Company, Contact
from webapp.people.standing import Standing, condition

Found = TypeVar("Found")
Orders = Mapping[str, tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]]

WORD = re.compile(r"[^\W_]+")
ADDRESS_BEGUN = re.compile(r"[!-~]+@[!-~]*")
MAX_WORDS = 8

CONTACT_ORDERS: Orders = {
    "name": (Contact.sort_key, Contact.id),
    "company": (Company.sort_key, Contact.sort_key, Contact.id),
    # People without a company come last this way round too.
    "-company": (Company.sort_key.desc().nulls_last(), Contact.sort_key, Contact.id),
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
    """`sort` is a key of CONTACT_ORDERS, after a hyphen for the other way round."""
    statement = select(Contact).where(contact_matches(text))
    if only:
        statement = statement.where(condition(only))
    if sort.removeprefix("-") == "company":
        statement = statement.outerjoin(Contact.company)
    return ordered(statement, CONTACT_ORDERS, sort)


def find_companies(text: str = "", *, sort: str = "name") -> Select[Company]:
    """`sort` is a key of COMPANY_ORDERS, after a hyphen for the other way round."""
    matches = and_(true(), *(_begins(Company.search, word) for word in words(text)))
    return ordered(select(Company).where(matches), COMPANY_ORDERS, sort)


def contact_matches(text: str) -> ColumnElement[bool]:
    """Every word begins one of the person's or of the company's; an address is matched whole."""
    if ADDRESS_BEGUN.fullmatch(text.strip()):
        return Contact.email_key.startswith(text.strip().lower(), autoescape=True)
    return and_(true(), *map(_person_or_company, words(text)))


def _person_or_company(word: str) -> ColumnElement[bool]:
    # As an array, the companies are found first and the people through the index; with a
    # subquery every contact would be looked at.
    companies = func.array(
        select(Company.id).where(_begins(Company.search, word)).scalar_subquery()
    )
    return or_(_begins(Contact.search, word), Contact.company_id == any_(companies))


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
