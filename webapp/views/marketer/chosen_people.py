"""The people whom somebody chose in a list: the ticked ones, or all that it found.

The list may be of all contacts, or of those of one selection, one project or one mailing. What it
showed is in the address of the pages that follow, so that these lead back to it.
"""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from sqlalchemy import Select

from webapp.mailings import drafts
from webapp.platform.database import db
from webapp.platform.locales import _
from webapp.response import recipients
from webapp.targets import projects, selections
from webapp.targets.updates import Whom
from webapp.views.marketer.mailing import chosen

LIST = ("selection", "project", "mailing", "which", "reason", "q", "only", "sort", "page")


@dataclass(frozen=True)
class List:
    """Where they were chosen; `place` is that of the navigation."""

    name: str
    url: str
    place: str


def ticked() -> list[int]:
    """Their ids. Raises NobodyChosen."""
    contacts = request.form.getlist("contact", int)
    mailing_id = request.args.get("mailing", type=int)
    if mailing_id is not None:
        ids = request.form.getlist("recipient", int)
        contacts += db.session.scalars(recipients.contacts_among(mailing_id, ids))
    Whom(contacts).people()
    return contacts


def whom() -> Select[int]:
    """By the address. Raises NobodyChosen, and a NotFound when the list is gone."""
    everybody = "everybody" in request.args
    mailing_id = request.args.get("mailing", type=int)
    if everybody and mailing_id is not None:
        return recipients.contacts_of(drafts.get(mailing_id).id, chosen(request.args))
    return Whom(
        request.args.getlist("contact", int),
        everybody=everybody,
        selection=request.args.get("selection", type=int),
        project=request.args.get("project", type=int),
        q=request.args.get("q", ""),
        only=request.args.get("only", ""),
    ).people()


def list_() -> dict[str, Any]:
    """What the address says of the list."""
    return {name: request.args[name] for name in LIST if request.args.get(name)}


def came_from() -> List:
    """Raises a NotFound when the list is gone."""
    shown = {name: value for name, value in list_().items() if name not in LIST[:3]}
    ids = {name: request.args.get(name, type=int) for name in LIST[:3]}
    if (selection_id := ids["selection"]) is not None:
        url = url_for("selections.show", selection_id=selection_id, **shown)
        return List(selections.get(selection_id).name, url, "selections")
    if (project_id := ids["project"]) is not None:
        url = url_for("projects.show", project_id=project_id, **shown)
        return List(projects.get(project_id).name, url, "projects")
    if (mailing_id := ids["mailing"]) is not None:
        url = url_for("mailing.recipients_of", mailing_id=mailing_id, **shown)
        return List(drafts.get(mailing_id).name, url, "mailings")
    return List(_("Contacts"), url_for("contacts.index", **shown), "contacts")
