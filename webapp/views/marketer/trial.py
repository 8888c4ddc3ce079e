"""Sending a test of a draft, from the Content step and from Confirm."""

from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from webapp.accounts.audit import audit
from webapp.accounts.rights import Right
from webapp.delivery import trial
from webapp.mailings.audience_list import people_to_preview_as
from webapp.mailings.models import Mailing
from webapp.mailings.steps import Step
from webapp.people.addresses import Address, parse_address_list
from webapp.people.models import Contact
from webapp.platform.database import db
from webapp.platform.errors import DomainError
from webapp.platform.locales import _, _l
from webapp.views.access import limiter, requires
from webapp.views.forms import trimmed
from webapp.views.marketer import wizard

bp = Blueprint("trial", __name__)

MOST = 10


class TrialForm(FlaskForm):
    addresses = StringField(
        _l("To"), filters=[trimmed], validators=[DataRequired(_l("Where should it go?"))]
    )

    people: list[tuple[str, Address]]

    def validate_addresses(self, field: Any) -> None:
        self.people, rejected = parse_address_list(field.data)
        if rejected:
            raise ValidationError(" ".join(why for _entry, why in rejected))
        if len(self.people) > MOST:
            raise ValidationError(_("A test goes to at most %(most)d addresses.", most=MOST))


@bp.route("/mailings/<int:mailing_id>/draft/test", methods=["GET", "POST"])
@requires(Right.WRITE_MAILINGS)
@limiter.limit("60 per hour", methods=["POST"], key_func=lambda: f"trial {current_user.get_id()}")
def send(mailing_id: int) -> Response:
    mailing = wizard.draft(mailing_id)
    form = TrialForm(addresses=current_user.email)
    reader = _reader()
    sent = form.validate_on_submit() and _send(mailing, form, reader)
    return wizard.show_dialog(
        mailing,
        Step.CONTENT,
        _("Send test"),
        "_test_sent.html" if sent else "_test_form.html",
        form=form,
        reader=reader,
        people=_offered(mailing, reader),
    )


def _send(mailing: Mailing, form: TrialForm, reader: Contact | None) -> bool:
    try:
        trial.send(mailing, [address for _name, address in form.people], reader)
    except DomainError as error:
        form.form_errors.append(str(error))
        return False
    to = ", ".join(address.text for _name, address in form.people)
    audit("test sent", by=current_user.id, mailing=mailing.id, to=to)
    db.session.commit()
    return True


def _reader() -> Contact | None:
    chosen = request.values.get("as", type=int)
    return db.session.get(Contact, chosen) if chosen else None


def _offered(mailing: Mailing, reader: Contact | None) -> list[Contact]:
    first = people_to_preview_as(mailing, request.values.get("q", ""))
    return [reader, *(each for each in first if each != reader)] if reader else first
