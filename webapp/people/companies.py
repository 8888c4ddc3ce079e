"""Companies: making, changing and deleting them; their people stay."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import selectinload

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import editing
from webapp.people.addresses import set_address
from webapp.people.custom_values import Value, merged
from webapp.people.models import Company, Contact
from webapp.people.phones import parse_phone
from webapp.people.search import find_companies, find_contacts
from webapp.platform.database import db
from webapp.platform.errors import NotFound
from webapp.platform.locales import _l

SUGGESTED = 12
SITE = re.compile(r"(?:https?://)?(?:www\.)?([^/?#\s]*)\S*", re.IGNORECASE)


class NoSuchCompany(NotFound):
    message = _l("This company does not exist any more.")


@dataclass(frozen=True, kw_only=True)
class CompanyDetails:
    """What a user writes about a company; empty where nothing is known."""

    name: str
    email: str = ""
    """Its own, such as info@…"""
    phone: str = ""
    domain: str = ""
    address: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    note: str = ""
    category_id: int | None = None
    business_id: int | None = None
    our_contact_id: int | None = None
    fields: Mapping[str, Value | None] = field(default_factory=dict)
    """Of custom fields, by key. None takes one away; what is not named stays as it is."""
    no_mailings: bool = False


PARSED = {"email", "phone", "domain", "fields"}
PLAIN = [each.name for each in fields(CompanyDetails) if each.name not in PARSED]


def get(company_id: int) -> Company:
    """Raises NoSuchCompany."""
    company = db.session.get(Company, company_id)
    if company is None:
        raise NoSuchCompany
    return company


def create(details: CompanyDetails) -> Company:
    """Raises AddressError and PhoneError."""
    company = Company(fields={})
    change(company, details)
    db.session.add(company)
    db.session.flush()
    return company


def change(company: Company, details: CompanyDetails) -> None:
    """Raises AddressError and PhoneError."""
    for name in PLAIN:
        setattr(company, name, getattr(details, name))
    country = details.country or organisation().country
    company.phone = parse_phone(details.phone, country) if details.phone else ""
    company.domain = domain_of(details.domain)
    company.fields = merged(company.fields, details.fields)
    set_address(company, details.email)


def details(company: Company) -> CompanyDetails:
    """What is known of the company, to be changed by a user."""
    known = {each.name: getattr(company, each.name) for each in fields(CompanyDetails)}
    return CompanyDetails(**known)


def save(
    company: Company, new: CompanyDetails, *, read_at: datetime | None = None, by: int | None
) -> None:
    """Raises ChangedMeanwhile and PhoneError; see `editing.save`."""
    editing.save(
        company,
        lambda: change(company, new),
        lambda: details(company),
        read_at=read_at,
        by=by,
    )


def named(name: str) -> Company:
    """The company that people call so, in whatever case; a new one when there is none."""
    known = db.session.scalar(
        select(Company)
        .where(func.lower(Company.name) == name.lower())
        .order_by(Company.id)
        .limit(1)
    )
    return known or create(CompanyDetails(name=name))


def remove(company: Company, *, by: int | None) -> None:
    """The people who work there stay."""
    db.session.execute(delete(Company).where(Company.id == company.id))
    audit("company deleted", by=by, company=company.id, name=company.name)


def suggestions(text: str) -> list[str]:
    """Names to choose from while one is being typed."""
    found = find_companies(text).with_only_columns(Company.name).limit(SUGGESTED)
    return list(dict.fromkeys(db.session.scalars(found))) if text.strip() else []


def people(company: Company, *, sort: str = "name") -> Select[Contact]:
    works_there = Contact.company_id == company.id
    return find_contacts(sort=sort).where(works_there).options(selectinload(Contact.company))


def people_counts(companies: Collection[Company]) -> dict[int, int]:
    """How many work in each, by its id."""
    counted = (
        select(Company.id, func.count())
        .join(Contact, Contact.company_id == Company.id)
        .where(Company.id.in_([company.id for company in companies]))
        .group_by(Company.id)
    )
    nobody = {company.id: 0 for company in companies}
    return nobody | dict(db.session.execute(counted).all())


def domain_of(text: str) -> str:
    """“https://www.fjordlys.dk/om-os” is fjordlys.dk."""
    found = SITE.fullmatch(text.strip())
    return found[1].lower() if found else text.strip().lower()
