"""What selections and projects have in common: the people in them, and adding to them."""

from collections.abc import Callable
from typing import Any

from flask import Response, request
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from webapp.people.models import Contact
from webapp.people.search import find_contacts, parts
from webapp.people.standing import standings
from webapp.platform.paging import page_of
from webapp.targets.membership import People
from webapp.targets.models import Project, Selection
from webapp.views.rendering import render


def found_by(find: Callable[..., Select[Contact]]) -> dict[str, Any]:
    """For people_table() and search_box(): the page of the people whom `find(text, sort=…)`
    answers to what the query asks."""
    q, sort = request.args.get("q", ""), request.args.get("sort", "name")
    found = find(q, sort=sort).options(selectinload(Contact.company))
    page = page_of(parts(found, sort), request.args.get("page", 1, int))
    ids = [person.id for person in page.rows]
    return {"page": page, "ids": ids, "standings": standings(page.rows), "q": q, "sort": sort}


def adding_page(
    target: Selection | Project,
    among: Callable[..., Any],
    **context: Any,
) -> Response:
    """Everybody there is, to search and tick, but for those whom `among` finds in it already."""
    people = found_by(find_contacts)
    return render(
        "marketer/members/add.html",
        "marketer/members/_candidates.html",
        target=target,
        members=among(target.id, people["ids"]),
        **people,
        **context,
    )


def chosen() -> People:
    """The ticked ones, or everybody whom the search found."""
    if "everybody" in request.form:
        return find_contacts(request.form.get("q", "")).with_only_columns(Contact.id)
    return request.form.getlist("contact", int)
