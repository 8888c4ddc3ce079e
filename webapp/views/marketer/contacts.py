"""Contacts: the list, the card, and what is done by hand."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from sqlalchemy.orm import selectinload

from webapp.accounts.rights import Right
from webapp.people import contacts, privacy
from webapp.people.contacts import Nobody, NoSuchContact
from webapp.people.editing import ChangedMeanwhile, Read
from webapp.people.models import Basis, Contact, Purpose
from webapp.people.phones import readable
from webapp.people.privacy import (
    BASIS_MEANINGS,
    PURPOSE_MEANINGS,
    PURPOSE_NAMES,
)
from webapp.people.search import find_contacts, parts
from webapp.people.standing import Standing, standings
from webapp.platform.database import db
from webapp.platform.locales import _, ngettext
from webapp.platform.paging import page_of
from webapp.targets import selections
from webapp.views.access import requires
from webapp.views.forms import refusals_at
from webapp.views.marketer import contact_card
from webapp.views.marketer.people_forms import BlockForm, ConsentForm, ContactForm, saved_words
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("contacts", __name__, url_prefix="/contacts")
bp.add_app_template_filter(readable, "phone")


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    only = request.args.get("only")
    standing = Standing(only) if only in set(Standing) else None
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = find_contacts(q, only=standing, sort=sort).options(selectinload(Contact.company))
    page = page_of(parts(found, sort), request.args.get("page", 1, int))
    return render(
        "marketer/contacts/index.html",
        "marketer/contacts/_list.html",
        page=page,
        standings=standings(page.rows),
        q=q,
        sort=sort,
        only=standing,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def new() -> Response:
    form = ContactForm.knowing({}, company=request.args.get("company", ""))
    if form.validate_on_submit():
        with refusals_at(form.first_name):
            contact = contacts.create_once(form.details(), by=current_user.id)
            db.session.commit()
            toast(_("%(name)s is in your contacts.", name=contact.label))
            return go_to(url_for(".show", contact_id=contact.id))
    return _form_page(form)


@bp.get("/<int:contact_id>")
@requires(Right.VIEW)
def show(contact_id: int) -> Response:
    return contact_card.details(contacts.get(contact_id))


@bp.route("/<int:contact_id>/edit", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def edit(contact_id: int) -> Response:
    try:
        contact = contacts.get(contact_id)
    except NoSuchContact as error:
        return _gone(error)
    known = contacts.details(contact)
    form = ContactForm.knowing(contact.fields, data=asdict(known), read=Read.now(contact, known))
    if form.validate_on_submit() and _changed(contact, form):
        db.session.commit()
        return go_to(url_for(".show", contact_id=contact.id))
    return _form_page(form, contact)


@bp.post("/<int:contact_id>/delete")
@requires(Right.EDIT_PEOPLE)
def delete(contact_id: int) -> Response:
    contact = contacts.get(contact_id)
    name = contact.label
    contacts.remove([contact.id], by=current_user.id)
    db.session.commit()
    toast(_("%(name)s is deleted.", name=name))
    return go_to(url_for(".index"))


@bp.post("/delete")
@requires(Right.EDIT_PEOPLE)
def delete_chosen() -> Response:
    gone = contacts.remove(request.form.getlist("contact", int), by=current_user.id)
    db.session.commit()
    toast(ngettext("%(num)d contact is deleted.", "%(num)d contacts are deleted.", gone))
    return go_to(url_for(".index"))


@bp.post("/<int:contact_id>/selections/<int:selection_id>/leave")
@requires(Right.EDIT_PEOPLE)
def leave_selection(contact_id: int, selection_id: int) -> Response:
    contact, selection = contacts.get(contact_id), selections.get(selection_id)
    selections.remove_members(selection.id, [contact.id])
    db.session.commit()
    toast(_("Removed from “%(name)s”.", name=selection.name))
    return go_to(url_for("contact.selections_of", contact_id=contact.id))


@bp.route("/<int:contact_id>/consent", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def consent(contact_id: int) -> Response:
    """For one purpose; e-marketing when none is named."""
    contact = contacts.get(contact_id)
    named = request.args.get("purpose")
    purpose = Purpose(named) if named in set(Purpose) else Purpose.E_MARKETING
    form = ConsentForm(purpose)
    if form.validate_on_submit():
        counts = _record(form, contact)
        db.session.commit()
        done = _("The consent is granted.") if form.granted else _("The consent is withdrawn.")
        toast(done if counts else _("It is in the history. What was said later stands."))
        return go_to(url_for(".show", contact_id=contact.id))
    return render(
        "marketer/contacts/consent.html",
        status=422 if form.errors else 200,
        form=form,
        contact=contact,
        basis_meanings=BASIS_MEANINGS,
        purposes=PURPOSE_NAMES,
        purpose_meanings=PURPOSE_MEANINGS,
    )


@bp.route("/<int:contact_id>/block", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def block(contact_id: int) -> Response:
    contact = contacts.get(contact_id)
    form = BlockForm()
    if form.validate_on_submit():
        privacy.block(contact, comment=form.comment.data, by=current_user.id)
        db.session.commit()
        toast(_("%(email)s is blocked.", email=contact.email))
        return go_to(url_for(".show", contact_id=contact.id))
    return render(
        "marketer/contacts/block.html",
        status=422 if form.errors else 200,
        form=form,
        contact=contact,
    )


@bp.post("/<int:contact_id>/lift-block")
@requires(Right.EDIT_PEOPLE)
def lift_block(contact_id: int) -> Response:
    contact = contacts.get(contact_id)
    privacy.lift_block(contact, by=current_user.id)
    db.session.commit()
    toast(_("%(email)s is not blocked any more.", email=contact.email))
    return go_to(url_for(".show", contact_id=contact.id))


def _changed(contact: Contact, form: ContactForm) -> bool:
    try:
        others = contacts.save(contact, form.details(), read=form.read.data, by=current_user.id)
    except Nobody as error:
        form.first_name.errors = [str(error)]
        return False
    except ChangedMeanwhile as error:
        form.tell(error, contact, contacts.details(contact))
        return False
    toast(saved_words(others))
    return True


def _gone(error: NoSuchContact) -> Response:
    """Somebody deleted the card that another was at: what they typed is not lost."""
    if request.method == "GET":
        raise error
    form = ContactForm.knowing({})
    form.tell_gone(error)
    return _form_page(form)


def _form_page(form: ContactForm, contact: Contact | None = None) -> Response:
    return render(
        "marketer/contacts/form.html",
        status=422 if form.errors else 200,
        form=form,
        contact=contact,
        action=url_for(".edit", contact_id=contact.id) if contact else url_for(".new"),
    )


def _record(form: ConsentForm, contact: Contact) -> bool:
    said: dict[str, Any] = {
        "purpose": form.purpose,
        "source": form.source.data,
        "comment": form.comment.data,
        "given_at": form.given_at,
        "by": current_user.id,
    }
    if form.granted:
        return privacy.grant(contact, basis=Basis(form.basis.data), **said)
    return privacy.withdraw(contact, **said)
