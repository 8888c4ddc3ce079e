"""The people that Fjordlys knows, where they work, and what allows it to write to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from sqlalchemy import func, select, update

from webapp.commands.fjordlys.sorting import Sorting
from webapp.commands.fjordlys.story import Story
from webapp.commands.fjordlys.words import (
    ABROAD,
    ARCHITECTS,
    COUNTRIES,
    DEALERS,
    DENMARK,
    HOSPITALITY,
    NOTES,
    OFFICES,
    WAYS_IN,
    WITHDRAWALS,
    Country,
    Trade,
)
from webapp.people import companies, consent, contacts, models, privacy
from webapp.people.companies import CompanyDetails
from webapp.people.contacts import ContactDetails
from webapp.people.models import Basis, ConsentEntry, Contact
from webapp.platform.database import db

PRIVATE = 40
"""How many are customers of their own, without a company."""
NEWCOMERS = 9
TWO_YEARS = 730
_PLAIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ö": "o", "ä": "a", "ü": "u", "é": "e"})
_LEGAL_FORMS = {"aps", "a/s", "ab", "as", "gmbh", "ltd", "&"}


@dataclass(frozen=True)
class Company:
    name: str
    domain: str
    trade: Trade
    country: Country
    city: str
    postcode: str


@dataclass
class People:
    """Ids of the contacts by trade, and what the story has to know of some of them."""

    by_trade: dict[str, list[int]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    """Their mailbox is no more: whatever is sent there, the server refuses."""

    def of(self, *trades: str) -> list[int]:
        return [person for trade in trades for person in self.by_trade[trade]]

    @property
    def everybody(self) -> list[int]:
        return self.of(*self.by_trade)


@dataclass(frozen=True)
class Exceptions:
    """People, by their place in the order of creation, of whom something else is true."""

    without_address: set[int]
    without_consent: set[int]
    former_employees: set[int]
    no_mailings: set[int]
    withdrawn: set[int]
    blocked: set[int]

    @classmethod
    def among(cls, number: int, rng: Random) -> "Exceptions":
        chosen = iter(rng.sample(range(1, number), 60))
        return cls(*(set(islice(chosen, size)) for size in (6, 21, 12, 8, 9, 4)))

    def applied(self, number: int, details: ContactDetails) -> ContactDetails:
        return replace(
            details,
            email="" if number in self.without_address and details.first_name else details.email,
            former_employee=number in self.former_employees,
            no_mailings=number in self.no_mailings,
        )


def meet_people(story: Story) -> People:
    rng = story.rng
    sorting = Sorting.define(story)
    known = list(_people(rng, sorting))
    exceptions = Exceptions.among(len(known), rng)
    people, met = People(), []
    for number, (trade, details) in enumerate(known):
        source = None if number in exceptions.without_consent else rng.choice(WAYS_IN)
        moment = story.some_workday(TWO_YEARS, 45)
        contact = _meet(exceptions.applied(number, details), moment, source, story.owner_id)
        people.by_trade.setdefault(trade, []).append(contact.id)
        met.append(contact.id)
    _record_when_said()
    _date_companies()
    story.happened(story.workday(TWO_YEARS + 1, 9, 0))
    for number in sorted(exceptions.withdrawn | exceptions.blocked):
        _refuse(met[number], number in exceptions.blocked, story)
        story.happened(story.some_workday(44, 38))
    people.gone = set(rng.sample(people.of(DEALERS.key, HOSPITALITY.key), 9))
    return people


def meet_newcomers(story: Story) -> list[int]:
    """They signed up by themselves within the last two days."""
    rng = story.rng
    met = sorted(story.now - timedelta(minutes=rng.randint(40, 2800)) for _ in range(NEWCOMERS))
    newcomers = [
        _meet(_private_person(rng, f"{number}"), moment, WAYS_IN[0], None).id
        for number, moment in enumerate(met)
    ]
    _record_when_said()
    return newcomers


def _people(rng: Random, sorting: Sorting) -> Iterator[tuple[str, ContactDetails]]:
    """In the order in which we came to know them."""
    for trade, details in _unsorted(rng, sorting):
        yield trade, sorting.person(trade, details)


def _unsorted(rng: Random, sorting: Sorting) -> Iterator[tuple[str, ContactDetails]]:
    yield DEALERS.key, _karen(sorting)
    used: set[str] = {"karen@blichfeldt.example"}
    for company in _companies(rng):
        companies.create(sorting.company(company.trade.key, _company_details(company, rng)))
        for _person in range(rng.randint(*company.trade.people)):
            is_office = rng.random() < 0.03
            details = _office(company) if is_office else _employee(company, used, rng)
            yield company.trade.key, details
    for number in range(PRIVATE):
        yield "private", _private_person(rng, f"{number}" if number % 3 else "")


def _companies(rng: Random) -> Iterator[Company]:
    domains = {"blichfeldt"}
    for trade in (DEALERS, ARCHITECTS, HOSPITALITY, OFFICES):
        patterns = [trade.names[number % len(trade.names)] for number in range(trade.companies)]
        for pattern in patterns:
            yield _company(pattern, trade, DENMARK, domains, rng)
    for country, patterns_abroad in ABROAD.items():
        for pattern in patterns_abroad:
            yield _company(pattern, DEALERS, country, domains, rng)


def _company(
    pattern: str, trade: Trade, country: Country, domains: set[str], rng: Random
) -> Company:
    """With a name that no other has."""
    while True:
        postcode, city = rng.choice(country.places)
        town = city.removesuffix(city[-2:]) if city[-2:-1] == " " else city
        surnames = rng.sample(country.last_names, 2)
        name = pattern.format(*surnames, city=town)
        if (domain := _domain(name)) not in domains:
            domains.add(domain)
            return Company(name, f"{domain}.example", trade, country, city, postcode)


def _domain(name: str) -> str:
    words = [word for word in name.lower().split() if word not in _LEGAL_FORMS]
    return _plain("-".join(words))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9-]", "", text.lower().translate(_PLAIN))


def _company_details(company: Company, rng: Random) -> CompanyDetails:
    country = company.country
    return CompanyDetails(
        name=company.name,
        phone=_digits(country.phone, rng),
        domain=company.domain,
        address=f"{rng.choice(country.streets)} {rng.randint(1, 98)}",
        postcode=company.postcode,
        city=company.city,
        country=country.code,
    )


def _karen(sorting: Sorting) -> ContactDetails:
    company = CompanyDetails(
        name="Blichfeldt Belysning ApS",
        phone="10 22 14 88",
        domain="blichfeldt.example",
        address="Strandgade 12",
        postcode="5700",
        city="Svendborg",
        country="DK",
    )
    companies.create(sorting.company(DEALERS.key, company))
    return ContactDetails(
        first_name="Karen",
        last_name="Blichfeldt",
        email="karen@blichfeldt.example",
        mobile="10 14 88 36",
        company="Blichfeldt Belysning ApS",
        position="Owner",
        address="Strandgade 12",
        postcode="5700",
        city="Svendborg",
        country="DK",
        language="da",
        note="Prefers a call before noon. Wants Lumo in brass for the window.",
    )


def _employee(company: Company, used: set[str], rng: Random) -> ContactDetails:
    country = company.country
    first, middle, last = _name(country, rng)
    return ContactDetails(
        first_name=first,
        middle_name=middle,
        last_name=last,
        email=_work_address(first, last, company.domain, used, rng),
        mobile=_digits(country.mobile, rng) if rng.random() < 0.4 else "",
        company=company.name,
        position=rng.choice(company.trade.positions),
        city=company.city,
        postcode=company.postcode,
        country=country.code,
        language=country.language,
        note=rng.choice(NOTES) if rng.random() < 0.05 else "",
    )


def _office(company: Company) -> ContactDetails:
    """Nobody in particular."""
    return ContactDetails(
        email=f"info@{company.domain}",
        company=company.name,
        city=company.city,
        postcode=company.postcode,
        country=company.country.code,
        language=company.country.language,
    )


def _work_address(first: str, last: str, domain: str, used: set[str], rng: Random) -> str:
    """One of a person's own; now and then the one that everybody in the office reads."""
    if rng.random() < 0.04:
        return f"info@{domain}"
    long = f"{_plain(first)}.{_plain(last)}@{domain}"
    short = f"{_plain(first)}@{domain}"
    address = long if short in used or len(domain) < 18 else short
    used.add(address)
    return address


def _private_person(rng: Random, number: str) -> ContactDetails:
    """`number` is the end of the local part, since others had the plain one already."""
    country = DENMARK if rng.random() < 0.9 else rng.choice(COUNTRIES)
    first, middle, last = _name(country, rng)
    postcode, city = rng.choice(country.places)
    host = rng.choice(("mail.example", "post.example", "bredbaand.example"))
    return ContactDetails(
        first_name=first,
        middle_name=middle,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}{number}@{host}",
        mobile=_digits(country.mobile, rng) if rng.random() < 0.6 else "",
        postcode=postcode,
        city=city,
        country=country.code,
        language=country.language,
    )


def _name(country: Country, rng: Random) -> tuple[str, str, str]:
    first, last = rng.choice(country.first_names), rng.choice(country.last_names)
    middle = rng.choice(country.last_names) if country is DENMARK and rng.random() < 0.25 else ""
    return first, "" if middle == last else middle, last


def _digits(pattern: str, rng: Random) -> str:
    return "".join(str(rng.randint(0, 9)) if sign == "#" else sign for sign in pattern)


def _meet(
    details: ContactDetails, moment: datetime, way_in: tuple[str, str] | None, user_id: int | None
) -> Contact:
    contact = contacts.create(details)
    if way_in:
        source, basis = way_in
        consent.grant(
            contact,
            basis=Basis(basis),
            source=source,
            given_at=moment,
            user_id=user_id,
        )
    contact.created_at = contact.updated_at = moment
    return contact


def _record_when_said() -> None:
    db.session.execute(update(ConsentEntry).values(recorded_at=ConsentEntry.given_at))


def _date_companies() -> None:
    first_met = select(func.min(Contact.created_at)).where(Contact.company_id == models.Company.id)
    moment = first_met.scalar_subquery()
    db.session.execute(update(models.Company).values(created_at=moment, updated_at=moment))


def _refuse(contact_id: int, block: bool, story: Story) -> None:
    contact = contacts.get(contact_id)
    if block:
        privacy.block(contact, comment="Asked never to hear from us again", by=story.owner_id)
    else:
        privacy.withdraw(contact, source=story.rng.choice(WITHDRAWALS), by=story.owner_id)
