"""The list of mailings, and the first step of a draft: Setup."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Right
from webapp.content import folders
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.models import FolderOf
from webapp.content.tags.merge_tags import known_tags
from webapp.content.tags.words import Words
from webapp.content.templates import templates
from webapp.mailings import (
    attachments,
    beginnings,
    campaigns,
    drafts,
    overview,
    preview,
    sources,
)
from webapp.mailings.models import Goal, Kind, Mailing, State
from webapp.mailings.names import GOAL_NAMES, TRACKING_NAMES
from webapp.mailings.overview import Narrowed, Place, Shelf
from webapp.mailings.steps import Step
from webapp.people import subscriptions
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.forms import ChosenField, EmailField, IdField, LineField, choices_of
from webapp.views.marketer import looks, mailing_rows, wizard
from webapp.views.marketer.folders import in_tree, places
from webapp.views.rendering import go_to, render, wants_fragment

Named = TypeVar("Named")

bp = Blueprint("mailings", __name__)


class KnownTags:
    """A text whose merge tags can all be filled in."""

    def __call__(self, _form: Any, field: Any) -> None:
        words = Words("")
        words.of_line(field.data or "", field.name)
        for problem in words.problems:
            raise ValidationError(f"{problem.message} {problem.hint}".strip())


class NeededToGoOn:
    """May stay empty while somebody is still writing, not when they press Continue."""

    def __call__(self, _form: Any, field: Any) -> None:
        if not field.data and "go_on" in request.form:
            raise ValidationError(_("Write this before you go on."))


def number_or_none(value: Any) -> int | None:
    return int(value) if value else None


LINKS = {"selection", "project"}
"""Of the form's fields: they bring people along."""


class SetupForm(FlaskForm):
    name = LineField(_l("Name"), DataRequired(_l("A mailing needs a name.")))
    folder_id = IdField(_l("Folder"))
    goal = SelectField(_l("Goal"), choices=choices_of(GOAL_NAMES), coerce=Goal)
    goal_figure = IntegerField(
        _l("Target"), validators=[Optional(), NumberRange(min=1, max=1_000_000_000)]
    )
    selection = ChosenField(
        _l("Selection"), selections.find_named, _l("There is no selection called “%(name)s”.")
    )
    project = ChosenField(
        _l("Project"), projects.find_named, _l("There is no project called “%(name)s”.")
    )
    subject = LineField(_l("Subject"), NeededToGoOn(), KnownTags(), max_length=300)
    preheader = LineField(_l("Preheader"), KnownTags(), max_length=300)
    from_name = LineField(_l("From, name"), max_length=100)
    from_address = EmailField(
        _l("From, address"),
        validators=[DataRequired(_l("Recipients must see who writes to them."))],
    )
    reply_to = EmailField(_l("Reply to"))
    subscription_type_id = SelectField(_l("Subscription type"), coerce=number_or_none)
    track_links = RadioField(_l("Links"), choices=choices_of(TRACKING_NAMES), coerce=LinkTracking)
    track_opens = BooleanField(_l("Count opens"))
    campaign_tags = BooleanField(_l("Campaign tags"))
    utm_medium = LineField(_l("Medium"), max_length=100)
    utm_source = LineField(_l("Source"), max_length=100)
    utm_campaign = LineField(_l("Campaign"), max_length=100)

    KEPT_WITH_ERRORS = ("subject", "preheader")
    """What is wrong with these can wait until Confirm, which says it again."""

    def __init__(self, mailing: Mailing) -> None:
        super().__init__(obj=mailing)
        self.folder_id.choices = places(FolderOf.MAILING)
        offered = subscriptions.types(active_only=True)
        names = {type_.id: subscriptions.name_of(type_) for type_ in offered}
        chosen = mailing.subscription_type
        if chosen is not None and not chosen.active:
            name = subscriptions.name_of(chosen)
            names[chosen.id] = _("%(name)s (not active any more)", name=name)
        self.subscription_type_id.choices = choices_of({"": _("Any"), **names})

    def keep(self, mailing: Mailing) -> None:
        """What is fine is saved, whatever is wrong beside it."""
        if not self.subscription_type_id.errors:
            drafts.choose_type(mailing, self.subscription_type_id.data)
        for field in self:
            fine = field.name in self.KEPT_WITH_ERRORS or not field.errors
            if fine and field.name not in LINKS and hasattr(mailing, field.name):
                setattr(mailing, field.name, field.data)
        if not self.selection.errors and not self.project.errors:
            sources.link(mailing, self.selection.data, self.project.data)


@bp.get("/mailings/")
@requires(Right.VIEW)
def index() -> Response:
    by_folder = overview.count_by_folder()
    tree = folders.tree(FolderOf.MAILING, by_folder)
    folder = in_tree(tree)
    shelf = _word(Shelf, request.args.get("shelf")) or (Shelf.ALL if folder else Shelf.RECENT)
    place = Place(shelf, current_user.id, folder.ids if folder else None)
    narrowed = _narrowed()
    sort = request.args.get("sort", "goes" if shelf is Shelf.SCHEDULED else "-changed")
    return render(
        "marketer/mailings/index.html",
        "marketer/mailings/_list.html",
        shelf=shelf,
        counts=overview.count_by_state(replace(place, shelf=Shelf.ALL)),
        total=sum(by_folder.values()),
        tree=tree,
        folder=folder,
        narrowed=narrowed,
        q=narrowed.text,
        sort=sort,
        tiles=_tiles(),
        kinds_there=overview.count_by_kind(place),
        states_there=overview.count_by_state(place),
        owners_there=overview.count_by_owner(place),
        **mailing_rows.rows(overview.find_mailings(place, narrowed, sort=sort)),
    )


@bp.post("/mailings/new")
@requires(Right.WRITE_MAILINGS)
def new() -> Response:
    """A draft at once, so that nothing can be lost; in a folder, about a selection or project, and
    from a template, if they are named."""
    selection, project = _named("selection", selections.get), _named("project", projects.get)
    template = _named("template", templates.get)
    about = selection or project or template
    mailing = drafts.create(
        about.name if about else _("New mailing"),
        owner_id=current_user.id,
        folder=folders.chosen(FolderOf.MAILING, request.values.get("folder", type=int)),
        from_name=organisation().name,
        from_address=current_app.config["MAIL_DEFAULT_SENDER"] or current_user.email,
    )
    sources.link(mailing, selection, project)
    if template:
        beginnings.begin(mailing, template)
    db.session.commit()
    return go_to(url_for("mailings.setup", mailing_id=mailing.id))


@bp.route("/mailings/<int:mailing_id>/draft/setup", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def setup(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = SetupForm(mailing)
    valid = form.validate_on_submit()
    if form.is_submitted():
        form.keep(mailing)
        db.session.commit()
    if valid and not wants_fragment():
        return go_to(wizard.next_address(mailing, Step.SETUP))
    return wizard.show(
        mailing,
        Step.SETUP,
        "setup.html",
        "_setup_fields.html",
        status=422 if form.errors else 200,
        form=form,
        files=attachments.of(mailing),
        most=attachments.MOST,
        usual_tags=campaigns.usual(mailing),
        tags=[tag for tag in known_tags() if not tag.is_address],
        selection_names=selections.names(),
        project_names=projects.names(),
    )


@bp.get("/mailings/<int:mailing_id>/preview")
@requires(Right.VIEW)
def look(mailing_id: int) -> Response:
    """What a made-up person would read."""
    mailing = drafts.get(mailing_id)
    mark = looks.mark_of(mailing.id, mailing.updated_at)
    return looks.answer(mark, lambda: preview.message(mailing, None).html)


@bp.post("/mailings/<int:mailing_id>/duplicate")
@requires(Right.WRITE_MAILINGS)
def duplicate(mailing_id: int) -> Response:
    copy = drafts.duplicate(drafts.get(mailing_id), owner_id=current_user.id)
    db.session.commit()
    return go_to(url_for("mailings.setup", mailing_id=copy.id))


def _named(name: str, get: Callable[[int], Named]) -> Named | None:
    chosen = request.values.get(name, type=int)
    return get(chosen) if chosen else None


def _narrowed() -> Narrowed:
    query = request.args
    return Narrowed(
        text=query.get("q", ""),
        kinds=_words(Kind, query.getlist("kind")),
        states=_words(State, query.getlist("state")),
        owners=tuple(query.getlist("owner", type=int)),
    )


def _tiles() -> bool:
    """As a list or as tiles: what the query says, or what was chosen last."""
    if "as" in request.args:
        session["mailings_as"] = request.args["as"]
    return session.get("mailings_as") == "tiles"


def _words(words: Any, values: list[str]) -> tuple[Any, ...]:
    return tuple(words(value) for value in values if value in set(words))


def _word(words: Any, value: str | None) -> Any:
    """The word of an enumeration that a query names, or None."""
    return words(value) if value in set(words) else None
