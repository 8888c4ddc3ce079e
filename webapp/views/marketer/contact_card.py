"""The card of a person: a frame with tabs, each at an address of its own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, request

from webapp.accounts.rights import Right
from webapp.mailings import left_out
from webapp.people import contacts, duplicates, lists, suppression, timeline
from webapp.people.cards import BLOCK_REASONS
from webapp.people.custom_values import facts
from webapp.people.models import Contact
from webapp.people.standing import standings
from webapp.people.timeline import Group
from webapp.platform.locales import _l
from webapp.response import people
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.marketer.privacy import standing_of
from webapp.views.rendering import render

bp = Blueprint("contact", __name__, url_prefix="/contacts/<int:contact_id>")

NEWEST = 8
GROUP_NAMES = {
    Group.MAILINGS: _l("Mailings"),
    Group.REACTIONS: _l("Opens and clicks"),
    Group.CONSENT: _l("Consent and subscriptions"),
    Group.LISTS: _l("Lists"),
}


def of_contact(view: Callable[[Contact], Response]) -> Callable[[int], Response]:
    @wraps(view)
    def found(contact_id: int) -> Response:
        return view(contacts.get(contact_id))

    return found


def details(contact: Contact) -> Response:
    now = left_out.obstacles(contact)
    return _tab(
        "show",
        contact,
        newest=timeline.page(contact, size=NEWEST),
        obstacles=now,
        missed=left_out.latest(contact, now),
        duplicates=duplicates.of(contact),
        last_year=people.last_year(contact.id),
        interests=lists.interests_of(contact.id),
        facts=facts(contact),
        reasons=BLOCK_REASONS,
        **standing_of(contact),
    )


@bp.get("/activities")
@requires(Right.VIEW)
@of_contact
def activities(contact: Contact) -> Response:
    only = request.args.get("only")
    group = Group(only) if only in set(Group) else None
    return _tab(
        "activities",
        contact,
        page=timeline.page(contact, request.args.get("page", 1, int), group=group),
        obstacles=left_out.obstacles(contact),
        group=group,
        group_names=GROUP_NAMES,
    )


@bp.get("/selections")
@requires(Right.VIEW)
@of_contact
def selections_of(contact: Contact) -> Response:
    return _tab(
        "selections",
        contact,
        selections=selections.containing(contact.id),
        selection_names=selections.names(),
    )


@bp.get("/projects")
@requires(Right.VIEW)
@of_contact
def projects_of(contact: Contact) -> Response:
    return _tab(
        "projects",
        contact,
        memberships=projects.memberships(contact.id),
        project_names=projects.names(),
    )


@bp.get("/privacy")
@requires(Right.VIEW)
@of_contact
def privacy(contact: Contact) -> Response:
    return _tab(
        "privacy",
        contact,
        page=timeline.page(contact, request.args.get("page", 1, int), group=Group.CONSENT),
        obstacles=left_out.obstacles(contact),
        **standing_of(contact),
    )


def _tab(name: str, contact: Contact, **context: Any) -> Response:
    return render(
        f"marketer/contacts/{name}.html",
        contact=contact,
        standing=standings([contact])[contact.id],
        block=suppression.in_force(contact.email_hash),
        counts={
            "activities": timeline.count(contact),
            "selections": len(selections.containing(contact.id)),
            "projects": len(projects.memberships(contact.id)),
        },
        **context,
    )
