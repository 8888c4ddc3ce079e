"""Companies: the list, the card with its people, and what is changed by hand."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.people import companies
from webapp.people.companies import NoSuchCompany
from webapp.people.custom_values import facts
from webapp.people.editing import ChangedMeanwhile, Read
from webapp.people.models import Company
from webapp.people.search import find_companies
from webapp.people.standing import standings
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.platform.paging import page_of
from webapp.response.people import figures_of_company, newest_first
from webapp.views.access import requires
from webapp.views.marketer.people_forms import CompanyForm, saved_words
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("companies", __name__, url_prefix="/companies")


@bp.get("/")
@requires(Right.VIEW)
def index() -> Response:
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    page = page_of(find_companies(q, sort=sort), request.args.get("page", 1, int))
    return render(
        "marketer/companies/index.html",
        "marketer/companies/_list.html",
        page=page,
        people=companies.people_counts(page.rows),
        q=q,
        sort=sort,
    )


@bp.get("/suggestions")
@requires(Right.VIEW)
def suggestions() -> Response:
    """Names that begin with what stands in the field of a form."""
    names = companies.suggestions(request.args.get("company", ""))
    return render("marketer/_suggestions.html", names=names)


@bp.route("/new", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def new() -> Response:
    form = CompanyForm.knowing({})
    if not form.validate_on_submit():
        return _form_page(form)
    company = companies.create_once(form.details(), by=current_user.id)
    db.session.commit()
    toast(_("%(name)s is in your companies.", name=company.name))
    return go_to(url_for(".show", company_id=company.id))


@bp.get("/<int:company_id>")
@requires(Right.VIEW)
def show(company_id: int) -> Response:
    company = companies.get(company_id)
    return render("marketer/companies/show.html", facts=facts(company), **_frame(company))


@bp.get("/<int:company_id>/people")
@requires(Right.VIEW)
def people(company_id: int) -> Response:
    company = companies.get(company_id)
    sort = request.args.get("sort", "name")
    page = page_of(companies.people(company, sort=sort), request.args.get("page", 1, int))
    return render(
        "marketer/companies/people.html",
        "marketer/companies/_people.html",
        page=page,
        standings=standings(page.rows),
        sort=sort,
        **_frame(company),
    )


@bp.get("/<int:company_id>/activities")
@requires(Right.VIEW)
def activities(company_id: int) -> Response:
    """The mailings that its people got."""
    company = companies.get(company_id)
    figures = figures_of_company(company.id)
    return render(
        "marketer/companies/activities.html",
        page=page_of(newest_first(figures), request.args.get("page", 1, int)),
        figures=figures,
        **_frame(company),
    )


@bp.route("/<int:company_id>/edit", methods=["GET", "POST"])
@requires(Right.EDIT_PEOPLE)
def edit(company_id: int) -> Response:
    try:
        company = companies.get(company_id)
    except NoSuchCompany as error:
        return _gone(error)
    known = companies.details(company)
    form = CompanyForm.knowing(company.fields, data=asdict(known), read=Read.now(company, known))
    if form.validate_on_submit() and _changed(company, form):
        db.session.commit()
        return go_to(url_for(".show", company_id=company.id))
    return _form_page(form, company)


@bp.post("/<int:company_id>/delete")
@requires(Right.EDIT_PEOPLE)
def delete(company_id: int) -> Response:
    company = companies.get(company_id)
    name = company.name
    companies.remove(company, by=current_user.id)
    db.session.commit()
    toast(_("%(name)s is deleted.", name=name))
    return go_to(url_for(".index"))


def _frame(company: Company) -> dict[str, Any]:
    """What the tabs of a company's card have in common."""
    return {"company": company, "counts": companies.people_counts([company])}


def _changed(company: Company, form: CompanyForm) -> bool:
    try:
        others = companies.save(company, form.details(), read=form.read.data, by=current_user.id)
    except ChangedMeanwhile as error:
        form.tell(error, company, companies.details(company))
        return False
    toast(saved_words(others))
    return True


def _gone(error: NoSuchCompany) -> Response:
    """Somebody deleted the card that another was at: what they typed is not lost."""
    if request.method == "GET":
        raise error
    form = CompanyForm.knowing({})
    form.tell_gone(error)
    return _form_page(form)


def _form_page(form: CompanyForm, company: Company | None = None) -> Response:
    return render(
        "marketer/companies/form.html",
        status=422 if form.errors else 200,
        form=form,
        company=company,
        action=url_for(".edit", company_id=company.id) if company else url_for(".new"),
    )
