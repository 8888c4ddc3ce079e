"""What a contact allows: where they stand, the history of it, and their subscriptions.

The parts of the card, `contacts/_consent.html` and `contacts/_subscriptions.html`, show what
`standing_of` answers.
"""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_login import current_user

from webapp.accounts.rights import Right
from webapp.people import consent, contacts, privacy, subscriptions
from webapp.people.models import Contact
from webapp.people.privacy import BASIS_NAMES, PURPOSE_NAMES
from webapp.platform.database import db
from webapp.views.access import requires
from webapp.views.rendering import go_to, render, wants_fragment

bp = Blueprint("privacy", __name__, url_prefix="/contacts/<int:contact_id>")


@bp.post("/subscriptions/<int:type_id>")
@requires(Right.EDIT_PEOPLE)
def subscription(contact_id: int, type_id: int) -> Response:
    """One switch of the card, saved at once."""
    contact, type_ = contacts.get(contact_id), subscriptions.get(type_id)
    change = privacy.subscribe if request.form.get("subscribed") == "yes" else privacy.leave
    change(contact, type_, by=current_user.id)
    db.session.commit()
    if not wants_fragment():
        return go_to(url_for("contacts.show", contact_id=contact.id))
    return render(
        "marketer/contacts/_subscriptions.html",
        contact=contact,
        editing=True,
        **standing_of(contact),
    )


def standing_of(contact: Contact) -> dict[str, Any]:
    return {
        "consents": consent.standing(contact),
        "purposes": PURPOSE_NAMES,
        "basis_names": BASIS_NAMES,
        "places": subscriptions.places(contact),
    }
