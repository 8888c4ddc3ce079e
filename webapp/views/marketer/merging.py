"""Likely duplicates, and making one card of two."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from webapp.accounts.rights import Right
from webapp.people import companies, contacts, duplicates, merging, not_duplicates
from webapp.people.duplicates import By
from webapp.people.merging import CardGone, CardsChanged, CustomPart, Part
from webapp.people.models import Company, Contact
from webapp.people.not_duplicates import NotDuplicate
from webapp.people.phones import readable
from webapp.people.search import find_companies, find_contacts
from webapp.people.standing import standings
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.platform.paging import page_of
from webapp.views.access import requires
from webapp.views.places import country_name, language_name
from webapp.views.rendering import came_from, go_to, render, toast

bp = Blueprint("merging", __name__)

OFFERED = 10


@bp.get("/contacts/duplicates")
@requires(Right.EDIT_PEOPLE)
def index() -> Response:
    named = request.args.get("by")
    by = By(named) if named in set(By) else By.ADDRESS
    after = request.args.get("after", "")
    return _list_page("list", found=duplicates.everywhere(by, after), by=by, after=after)


@bp.get("/contacts/duplicates/not")
@requires(Right.EDIT_PEOPLE)
def kept_apart() -> Response:
    """Pairs that somebody has said are two people."""
    remembered = not_duplicates.remembered().options(
        *(
            selectinload(part)
            for part in (NotDuplicate.first, NotDuplicate.second, NotDuplicate.user)
        )
    )
    return _list_page("apart", page=page_of(remembered, request.args.get("page", 1, int)))


@bp.post("/contacts/<int:one_id>/not-duplicate/<int:other_id>")
@requires(Right.EDIT_PEOPLE)
def keep_apart(one_id: int, other_id: int) -> Response:
    one, other = not_duplicates.remember(one_id, other_id, by=current_user.id)
    db.session.commit()
    toast(_("%(one)s and %(other)s are two people.", one=one.label, other=other.label))
    card = url_for("contacts.show", contact_id=one_id)
    return go_to(card if "compared" in request.form else came_from(card))


@bp.post("/contacts/<int:one_id>/not-duplicate/<int:other_id>/undo")
@requires(Right.EDIT_PEOPLE)
def undo_apart(one_id: int, other_id: int) -> Response:
    not_duplicates.forget(one_id, other_id, by=current_user.id)
    db.session.commit()
    toast(_("The two may be duplicates again."))
    return go_to(came_from(url_for(".kept_apart")))


@bp.get("/contacts/<int:contact_id>/merge")
@requires(Right.EDIT_PEOPLE)
def choose_contact(contact_id: int) -> Response:
    """Which one to merge it with."""
    kept = contacts.get(contact_id)
    q = request.args.get("q", "")
    found = find_contacts(q).where(Contact.id != kept.id).options(selectinload(Contact.company))
    page = page_of(found, 1, size=OFFERED)
    return render(
        "marketer/merging/contact.html",
        "marketer/merging/_contacts.html",
        contact=kept,
        likely=duplicates.of(kept),
        page=page,
        standings=standings(page.rows),
        q=q,
    )


@bp.get("/companies/<int:company_id>/merge")
@requires(Right.EDIT_PEOPLE)
def choose_company(company_id: int) -> Response:
    """Begins with those whose names begin alike, where there are any."""
    kept = companies.get(company_id)
    q = request.args.get("q", kept.name.partition(" ")[0])
    page = page_of(_other_companies(kept, q), 1, size=OFFERED)
    if not page.total and "q" not in request.args:
        q, page = "", page_of(_other_companies(kept, ""), 1, size=OFFERED)
    return render(
        "marketer/merging/company.html",
        "marketer/merging/_companies.html",
        company=kept,
        page=page,
        people=companies.people_counts(page.rows),
        q=q,
    )


@bp.route("/contacts/<int:kept_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def merge_contacts(kept_id: int, other_id: int) -> Response:
    card = url_for("contacts.show", contact_id=kept_id)
    return _merge(Contact, kept_id, other_id, card, "marketer/merging/contacts.html")


@bp.route("/companies/<int:kept_id>/merge/<int:other_id>", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def merge_companies(kept_id: int, other_id: int) -> Response:
    card = url_for("companies.show", company_id=kept_id)
    return _merge(Company, kept_id, other_id, card, "marketer/merging/companies.html")


def _other_companies(kept: Company, q: str) -> Select[Company]:
    return find_companies(q).where(Company.id != kept.id)


def _list_page(part: str, **context: Any) -> Response:
    fragment = f"marketer/merging/_{part}.html"
    return render("marketer/merging/index.html", fragment, part=fragment, **context)


def _merge(model: Any, kept_id: int, other_id: int, card: str, template: str) -> Response:
    if request.method == "GET":
        return _side_by_side(model, kept_id, other_id, template)
    read_at = (_moment("kept_read_at"), _moment("other_read_at"))
    try:
        merging.merge(model, kept_id, other_id, request.form, read_at=read_at, by=current_user.id)
    except CardsChanged as error:
        return _side_by_side(model, kept_id, other_id, template, problem=str(error))
    except CardGone as error:
        # The second of two clicks comes here, and the card that stays shows that it is done.
        if db.session.get(model, kept_id) is None:
            raise
        flash(str(error), "error")
        return go_to(card)
    db.session.commit()
    toast(_("The two cards are one."))
    return go_to(card)


def _side_by_side(
    model: Any, kept_id: int, other_id: int, template: str, problem: str | None = None
) -> Response:
    kept, other = merging.pair(model, kept_id, other_id)
    return render(
        template,
        status=422 if problem else 200,
        kept=kept,
        other=other,
        parts=merging.compare(kept, other),
        shown=_shown,
        problem=problem,
    )


def _moment(name: str) -> datetime | None:
    try:
        return datetime.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _shown(part: Part, card: Contact | Company) -> str:
    """What the card says there, for people to read."""
    look = LOOKS.get(part.name) if not isinstance(part, CustomPart) else None
    return look(card) if look else " ".join(map(_plain, filter(None, part.values(card))))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _address(card: Any) -> str:
    town = " ".join(filter(None, (card.postcode, card.city)))
    return "\n".join(filter(None, (card.address, town, country_name(card.country))))


LOOKS: dict[str, Callable[[Any], str]] = {
    "email": lambda card: card.email,
    "mobile": lambda card: readable(card.mobile),
    "phone": lambda card: readable(card.phone),
    "company": lambda card: card.company.name if card.company else "",
    "address": _address,
    "language": lambda card: language_name(card.language),
    "category": lambda card: card.category.name if card.category else "",
    "business": lambda card: card.business.name if card.business else "",
    "our_contact": lambda card: card.our_contact.name if card.our_contact else "",
}
"""Of parts whose columns are not texts to read."""
