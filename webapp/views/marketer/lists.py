"""The lists of words that people, companies and projects are sorted by."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import InstrumentedAttribute
from wtforms.validators import DataRequired

from webapp.accounts.rights import Right
from webapp.people import lists
from webapp.people.lists import LIST_NAMES, MAX_NAME
from webapp.people.models import Company, Contact, ContactInterest, ListName
from webapp.platform.database import db
from webapp.platform.locales import _, _l, ngettext
from webapp.platform.paging import page_of
from webapp.targets.models import Project
from webapp.views.access import requires
from webapp.views.formats import number
from webapp.views.forms import LineField, refusals_at
from webapp.views.rendering import go_to, render, toast

bp = Blueprint("lists", __name__, url_prefix="/settings/lists")

MEANINGS = {
    ListName.INTEREST: _l("What people want to hear of. Each can have several."),
    ListName.CATEGORY: _l("What a person or a company is to you, such as dealer or press."),
    ListName.BUSINESS: _l("What a company does."),
    ListName.PROJECT_TYPE: _l("What kind of project it is, such as fair or campaign."),
}
USES: dict[ListName, tuple[InstrumentedAttribute[Any], ...]] = {
    ListName.INTEREST: (ContactInterest.item_id,),
    ListName.CATEGORY: (Contact.category_id, Company.category_id),
    ListName.BUSINESS: (Company.business_id,),
    ListName.PROJECT_TYPE: (Project.type_id,),
}
"""Where an item of the list may stand."""


class ItemForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("Write a name.")), max_length=MAX_NAME)


@bp.route("/", defaults={"name": ListName.INTEREST.value}, methods=["GET", "POST"])
@bp.route("/<name>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def index(name: str) -> Response:
    if name not in set(ListName):
        abort(404)
    chosen, form = ListName(name), ItemForm()
    if form.validate_on_submit():
        with refusals_at(form.name):
            lists.create(chosen, form.name.data, by=current_user.id)
            db.session.commit()
            toast(_("“%(name)s” is on the list.", name=form.name.data))
            return go_to(url_for(".index", name=name))
    q = request.args.get("q", "")
    page = page_of(lists.find_items(chosen, q), request.args.get("page", 1, int))
    return render(
        "marketer/settings/lists.html",
        "marketer/settings/_list_items.html",
        status=422 if form.errors else 200,
        chosen=chosen,
        page=page,
        uses=_uses(chosen, [item.id for item in page.rows]),
        names=LIST_NAMES,
        q=q,
        meaning=MEANINGS[chosen],
        form=form,
    )


@bp.get("/interests/suggestions")
@requires(Right.EDIT_PEOPLE)
def interests() -> Response:
    """Names to choose from, by what stands in the field of a form."""
    names = lists.names(ListName.INTEREST, request.args.get("interest", ""))
    return render("marketer/_suggestions.html", names=names)


@bp.route("/items/<int:item_id>", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
def rename(item_id: int) -> Response:
    item = lists.get(item_id)
    name, form = item.name, ItemForm(obj=item)
    if form.validate_on_submit():
        with refusals_at(form.name):
            lists.rename(item, form.name.data, by=current_user.id)
            db.session.commit()
            toast(_("Saved."))
            return go_to(url_for(".index", name=item.list.value))
    return render(
        "marketer/settings/list_item.html",
        status=422 if form.errors else 200,
        item=item,
        name=name,
        list_name=LIST_NAMES[item.list],
        form=form,
    )


@bp.post("/items/<int:item_id>/delete")
@requires(Right.ADMINISTER)
def delete(item_id: int) -> Response:
    item = lists.get(item_id)
    chosen, name = item.list, item.name
    lists.remove(item, by=current_user.id)
    db.session.commit()
    toast(_("“%(name)s” is deleted.", name=name))
    return go_to(url_for(".index", name=chosen.value))


def _uses(chosen: ListName, item_ids: Collection[int]) -> Mapping[int, str]:
    """In words, such as “12 people, 3 companies”, by the item's id."""
    used: dict[int, list[str]] = {}
    for column in USES[chosen]:
        for item_id, count in lists.uses(column, item_ids).items():
            used.setdefault(item_id, []).append(_in_words(column, count))
    return {item_id: ", ".join(words) for item_id, words in used.items()}


def _in_words(column: InstrumentedAttribute[Any], count: int) -> str:
    shown = number(count)
    if column.class_ is Company:
        return ngettext("%(number)s company", "%(number)s companies", count, number=shown)
    if column.class_ is Project:
        return ngettext("%(number)s project", "%(number)s projects", count, number=shown)
    return ngettext("%(number)s person", "%(number)s people", count, number=shown)
