"""The first step of a draft: what it is for, what the inbox shows, what is counted."""

from typing import Any

from flask import Blueprint, Response, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from webapp.accounts.rights import Right
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.models import FolderOf
from webapp.content.tags.merge_tags import known_tags
from webapp.content.tags.words import Words
from webapp.mailings import attachments, campaigns, setup
from webapp.mailings.models import Goal, Mailing
from webapp.mailings.names import GOAL_NAMES, TRACKING_NAMES
from webapp.mailings.steps import Step
from webapp.people import subscriptions
from webapp.people.editing import Read
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.targets import projects, selections
from webapp.views.access import requires
from webapp.views.forms import (
    ChosenField,
    EmailField,
    LineField,
    ReadField,
    choices_of,
    shown,
)
from webapp.views.marketer import wizard
from webapp.views.marketer.folders import FolderField
from webapp.views.rendering import go_to, wants_fragment

bp = Blueprint("setup", __name__)


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


MEANWHILE = _l(
    "Somebody else changed this mailing while you were at it. Where you changed the same, what you"
    " typed still stands, and under it what was saved meanwhile. Whatever stands here is saved with"
    " your next change."
)


class SetupForm(FlaskForm):
    read = ReadField()
    name = LineField(_l("Name"), DataRequired(_l("A mailing needs a name.")))
    folder_id = FolderField(FolderOf.MAILING)
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
        super().__init__(obj=mailing, read=Read.of(mailing.updated_at, setup.said(mailing)))
        offered = subscriptions.types(active_only=True)
        names = {type_.id: subscriptions.name_of(type_) for type_ in offered}
        chosen = mailing.subscription_type
        if chosen is not None and not chosen.active:
            name = subscriptions.name_of(chosen)
            names[chosen.id] = _("%(name)s (not active any more)", name=name)
        self.subscription_type_id.choices = choices_of({"": _("Any"), **names})

    def save(self, mailing: Mailing) -> bool:
        """What is fine is saved, whatever is wrong beside it. What the user left alone is renewed,
        and what somebody else changed at the same place stands beside it. Whether that was all."""
        fields = [field for field in self if field.name not in {"csrf_token", "read"}]
        wrong = [
            field for field in fields if field.errors and field.name not in self.KEPT_WITH_ERRORS
        ]
        wanted = {_key(field): _value(field) for field in fields if field not in wrong}
        both = setup.save(mailing, wanted, self.read.data)
        db.session.flush()
        for field in fields:
            if _key(field) in both:
                field.saved_meanwhile = _shown(field, mailing)
            elif not field.errors:
                field.data, field.raw_data = getattr(mailing, field.name), None
        if both:
            self.form_errors.append(str(MEANWHILE))
        self.read.data = setup.read_now(mailing, self.read.data, {_key(field) for field in wrong})
        return not (wrong or both)


def _key(field: Field) -> str:
    """What the mailing calls it."""
    return f"{field.name}_id" if isinstance(field, ChosenField) else str(field.name)


def _value(field: Field) -> Any:
    if isinstance(field, ChosenField):
        return field.data.id if field.data else None
    return field.data


def _shown(field: Field, mailing: Mailing) -> str:
    value = getattr(mailing, field.name)
    return shown(field, value.name if isinstance(field, ChosenField) and value else value)


@bp.route("/mailings/<int:mailing_id>/draft/setup", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
def index(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = SetupForm(mailing)
    all_saved = True
    if form.is_submitted():
        form.validate()
        all_saved = form.save(mailing)
        db.session.commit()
    if form.is_submitted() and not form.errors and not wants_fragment():
        return go_to(wizard.next_address(mailing, Step.SETUP))
    return wizard.show(
        mailing,
        Step.SETUP,
        "setup.html",
        "_setup_fields.html",
        status=422 if form.errors else 200,
        form=form,
        unsaved=not all_saved,
        files=attachments.of(mailing),
        most=attachments.MOST,
        usual_tags=campaigns.usual(mailing),
        tags=[tag for tag in known_tags() if not tag.is_address],
        selection_names=selections.names(),
        project_names=projects.names(),
    )
