"""Lists, searches and their deep pages, as a browser asks for them, of a million people with five
years of history; and PostgreSQL reading through those people once, as a reference.

Each page is asked for again and again. What counts is the time that 19 of 20 answers stay below.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.parse import urlencode

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from benchmarks import history
from benchmarks.desk import Bench, say
from benchmarks.figures import Better, CannotMeasure, Figure
from webapp.accounts.models import User
from webapp.mailings.models import Mailing
from webapp.people.search import COMPANY_ORDERS, CONTACT_ORDERS
from webapp.people.standing import Standing
from webapp.platform.database import db
from webapp.response.recipients import Which
from webapp.targets.models import Project, Selection
from webapp.views.access import SignedIn

PEOPLE = 1_000_000
TURNS = 20
LIMIT = 300.0
"""Milliseconds that an answer may take, in 19 of 20 cases."""
FAR = 10**9
"""A page of that number is the last one."""

READ_THROUGH = text("SELECT count(*) FROM contact WHERE note LIKE '%x%'")

SEARCHES = {
    "a rare word": "ulvestrup",
    "a common word": "Hansen",
    "a common and a rare word": "Hansen Ulvestrup",
    "two common words": "Anne Nielsen",
    "a company": "Ravnholm Arkitekter",
    "a town": "københavn",
    "an address": "karen@aakjaer.example",
    "an address begun": "karen.hansen@",
    "a number begun": "+4520",
    "one letter": "h",
    "a letter that all have": "e",
    "two letters": "ha",
    "no hits": "zzzzz",
}


@dataclass(frozen=True)
class Timed:
    page: str
    milliseconds: Sequence[float]

    @property
    def p95(self) -> float:
        return quantiles(self.milliseconds, n=20, method="inclusive")[-1]


def measure(bench: Bench) -> Iterator[Figure]:
    people = bench.options.size(PEOPLE, 20_000)
    with bench.desk("lists"):
        history.write(people)
        client = _signed_in()
        timed = [_timed(client, page, url) for page, url in _pages(people).items()]
        through = [_read_through() for _turn in range(TURNS)]
    say(_table(timed))
    slowest = [max(each.p95 for each in timed)]
    lower = Better.LOWER
    yield Figure("lists", slowest, "ms", "the limit", [LIMIT], 1, lower)
    yield Figure("lists-reading", slowest, "ms", "reading all people once", through, 1, lower)


def _pages(people: int) -> dict[str, str]:
    """Addresses, by what a person would call the page."""
    return {
        **_contact_pages(people),
        **_company_pages(people),
        **_target_pages(people),
        **_mailing_pages(people),
        **_card_pages(),
        "home": "/",
        "duplicates by address": "/contacts/duplicates",
        "duplicates by name": "/contacts/duplicates?by=name",
        "subscription types": "/settings/subscriptions/",
        "health": "/settings/health/",
        "interests with their uses": "/settings/lists/",
        "categories with their uses": "/settings/lists/category",
        "businesses with their uses": "/settings/lists/business",
    }


def _contact_pages(people: int) -> dict[str, str]:
    pages = {f"contacts by {sort}": _url("/contacts/", sort=sort) for sort in _both(CONTACT_ORDERS)}
    for only in Standing:
        pages[f"contacts, {only}"] = _url("/contacts/", only=only)
        pages[f"contacts, {only}, last page"] = _url("/contacts/", only=only, page=FAR)
    for sort in CONTACT_ORDERS:
        for place, number in _deep(people).items():
            pages[f"contacts by {sort}, {place}"] = _url("/contacts/", sort=sort, page=number)
    for what, words in SEARCHES.items():
        pages[f"contacts, {what}"] = _url("/contacts/", q=words)
        pages[f"contacts, {what}, last page"] = _url("/contacts/", q=words, page=FAR)
        pages[f"contacts, {what}, by company"] = _url("/contacts/", q=words, sort="company")
    pages["contacts, a common word, no consent"] = _url("/contacts/", q="Hansen", only="no_consent")
    pages["contacts, a common word, blocked"] = _url("/contacts/", q="Hansen", only="blocked")
    return pages


def _company_pages(people: int) -> dict[str, str]:
    pages = {
        f"companies by {sort}": _url("/companies/", sort=sort) for sort in _both(COMPANY_ORDERS)
    }
    for place, number in _deep(people // 20).items():
        pages[f"companies, {place}"] = _url("/companies/", page=number)
    for q in ("hansen", "h", "ravnholm arkitekter"):
        pages[f"companies, {q}"] = _url("/companies/", q=q)
        pages[f"companies to choose, {q}"] = _url("/companies/suggestions", company=q)
    pages["people of the largest company"] = "/companies/1/people"
    pages["mailings of the largest company"] = "/companies/1/activities"
    return pages


def _target_pages(people: int) -> dict[str, str]:
    large, project = _first(Selection), _first(Project)
    pages = {
        "selections": "/selections/",
        "selections to choose": "/selections/suggestions?selection=a",
        "projects": "/projects/",
        "project": f"/projects/{project}",
        "project by role": f"/projects/{project}?sort=role",
        "project, a common word": f"/projects/{project}?q=Hansen",
        "mailings of the selection": f"/selections/{large}/mailings",
    }
    for place, number in _deep(people * 4 // 5).items():
        pages[f"selection, {place}"] = _url(f"/selections/{large}", page=number)
    for what, words in SEARCHES.items():
        pages[f"selection, {what}"] = _url(f"/selections/{large}", q=words)
    pages["selection to add to, one letter"] = _url(f"/selections/{large}/add", q="h")
    return pages


def _mailing_pages(people: int) -> dict[str, str]:
    sent = f"/mailings/{_first(Mailing)}"
    draft = f"/mailings/{db.session.scalars(select(func.max(Mailing.id))).one()}/draft/recipients"
    pages = {"mailings": "/mailings/", "all mailings": "/mailings/?shelf=all"}
    pages |= {"mailing": sent, "mailing's links": f"{sent}/links"}
    for which in Which:
        pages[f"recipients, {which}"] = _url(f"{sent}/recipients", which=which)
    for place, number in _deep(people * 4 // 5).items():
        pages[f"recipients, {place}"] = _url(f"{sent}/recipients", page=number)
        pages[f"draft, {place}"] = _url(draft, page=number)
    left_out = {"which": Which.LEFT_OUT.value, "reason": "no_consent"}
    pages["recipients, no consent"] = _url(f"{sent}/recipients", **left_out)
    for what, words in SEARCHES.items():
        pages[f"recipients, {what}"] = _url(f"{sent}/recipients", q=words)
        pages[f"recipients, no consent, {what}"] = _url(f"{sent}/recipients", q=words, **left_out)
        pages[f"draft, {what}"] = _url(draft, q=words)
        pages[f"draft, to add, {what}"] = _url(f"{draft}/add/contact", q=words)
    for show in ("mailed", "no_consent", "no_address"):
        pages[f"draft, {show}"] = _url(draft, show=show)
    return pages


def _card_pages() -> dict[str, str]:
    """Of the first person, who got every mailing."""
    card = "/contacts/1"
    tabs = ("activities", "activities?only=reactions", "selections", "projects", "privacy", "merge")
    pages = {f"card, {tab}": f"{card}/{tab}" for tab in tabs}
    return {"card": card, "card, last activities": f"{card}/activities?page={FAR}", **pages}


def _both(orders: Mapping[str, object]) -> list[str]:
    ways = [f"{sign}{name.removeprefix('-')}" for name in orders for sign in ("", "-")]
    return list(dict.fromkeys(ways))


def _deep(rows: int) -> dict[str, int]:
    return {"second page": 2, "page in the middle": rows // 50, "last page": FAR}


def _url(path: str, **query: object) -> str:
    return f"{path}?{urlencode(query)}"


def _first(model: type[Mailing] | type[Project] | type[Selection]) -> int:
    return db.session.scalars(select(func.min(model.id))).one()


def _signed_in() -> FlaskClient:
    client = current_app.test_client()
    user = db.session.scalars(select(User).order_by(User.id).limit(1)).one()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = SignedIn(user).get_id(), True
    db.session.rollback()
    return client


def _timed(client: FlaskClient, page: str, url: str) -> Timed:
    """The first answer does not count: it compiles the template and the statements."""
    return Timed(page, [_answer(client, url) for _turn in range(TURNS + 1)][1:])


def _answer(client: FlaskClient, url: str) -> float:
    """Milliseconds. In a context of its own, as each request of a server has."""
    begun = time.perf_counter()
    answer = Context().run(client.get, url)
    took = 1000 * (time.perf_counter() - begun)
    if answer.status_code != 200:
        raise CannotMeasure(f"{url} answers {answer.status}")
    return took


def _read_through() -> float:
    begun = time.perf_counter()
    db.session.execute(READ_THROUGH)
    db.session.rollback()
    return 1000 * (time.perf_counter() - begun)


def _table(timed: Sequence[Timed]) -> str:
    """The slowest page first."""
    rows = [
        f"  {each.page:60} {median(each.milliseconds):7.0f} {each.p95:7.0f}"
        f" {max(each.milliseconds):7.0f}"
        for each in sorted(timed, key=lambda each: -each.p95)
    ]
    return "\n".join([f"  {'milliseconds':60} {'p50':>7} {'p95':>7} {'max':>7}", *rows])
