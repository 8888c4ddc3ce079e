"""Companies: making, changing and deleting them; their people stay."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import selectinload

from webapp.accounts.audit import audit
from webapp.accounts.organisation import organisation
from webapp.people import editing
from webapp.people.addresses import parse_address, set_address
from webapp.people.custom_values import Value, merged
from webapp.people.editing import Read
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
    department: str = ""
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


ELSEWHERE = {"email", "fields"}
PLAIN = [each.name for each in fields(CompanyDetails) if each.name not in ELSEWHERE]


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


def create_once(new: CompanyDetails, *, by: int) -> Company:
    """Raises what `create` does; see `editing.once`."""
    return editing.once(Company, tidy(new), details=details, create=create, by=by)


def change(company: Company, details: CompanyDetails) -> None:
    """Raises AddressError and PhoneError."""
    tidied = tidy(details)
    for name in PLAIN:
        setattr(company, name, getattr(tidied, name))
    company.fields = merged(company.fields, tidied.fields)
    set_address(company, tidied.email)


def tidy(details: CompanyDetails) -> CompanyDetails:
    """As it is kept. Raises AddressError and PhoneError."""
    country = details.country or organisation().country
    return replace(
        details,
        email=parse_address(details.email).text if details.email else "",
        phone=parse_phone(details.phone, country) if details.phone else "",
        domain=domain_of(details.domain),
    )


def details(company: Company) -> CompanyDetails:
    """What is known of the company, to be changed by a user."""
    known = {each.name: getattr(company, each.name) for each in fields(CompanyDetails)}
    return CompanyDetails(**known)


def save(company: Company, new: CompanyDetails, *, read: Read | None = None, by: int | None) -> str:
    """Raises ChangedMeanwhile, AddressError and PhoneError; see `editing.save`."""
    return editing.save(company, tidy(new), details=details, change=change, read=read, by=by)


def named(name: str) -> Company:
    """The company that people call so, in whatever case; a new one when there is none."""
    return _called(name) or create(CompanyDetails(name=name))


def name_of(name: str) -> str:
    """As the company that people call so writes it itself; as it is when there is none."""
    known = _called(name) if name else None
    return known.name if known else name


def _called(name: str) -> Company | None:
    exactly_so_first = (Company.name != name, Company.id)
    called = select(Company).where(func.lower(Company.name) == name.lower())
    return db.session.scalar(called.order_by(*exactly_so_first).limit(1))


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
