"""What the steps of a draft share: finding it, and the frame around each step."""

from typing import Any

from flask import Response, abort, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm

from webapp.mailings import drafts, presence
from webapp.mailings.models import Mailing, State
from webapp.mailings.names import KIND_NAMES
from webapp.mailings.steps import Step, step_states
from webapp.platform.database import db
from webapp.platform.locales import _, _l
from webapp.views.rendering import go_to, render

ENDPOINTS = {
    Step.SETUP: "setup.index",
    Step.TEMPLATE: "template_step.index",
    Step.CONTENT: "editor.index",
    Step.RECIPIENTS: "recipients.index",
    Step.CONFIRM: "confirm.index",
}

LABELS = {
    Step.SETUP: _l("Setup"),
    Step.TEMPLATE: _l("Template"),
    Step.CONTENT: _l("Content"),
    Step.RECIPIENTS: _l("Recipients"),
    Step.CONFIRM: _l("Confirm"),
}


def draft(mailing_id: int) -> Mailing:
    """The mailing while it can be changed; a later one leads to its summary.

    Raises NoSuchMailing.
    """
    mailing = drafts.get(mailing_id)
    if request.method == "POST":
        # Nobody sends it while it is being changed.
        db.session.refresh(mailing, with_for_update=True)
    if mailing.state != State.DRAFT:
        abort(go_to(url_for("mailing.summary", mailing_id=mailing.id)))
    return mailing


def address(mailing: Mailing, step: Step, **query: Any) -> str:
    return url_for(ENDPOINTS[step], mailing_id=mailing.id, **query)


def next_address(mailing: Mailing, step: Step) -> str:
    """What is written already is not begun from something again."""
    if step is Step.SETUP and mailing.content is not None:
        return address(mailing, Step.CONTENT)
    steps = list(Step)
    return address(mailing, steps[steps.index(step) + 1])


def show(
    mailing: Mailing,
    step: Step,
    template: str,
    /,
    fragment: str | None = None,
    *,
    status: int = 200,
    **context: Any,
) -> Response:
    """Templates are named within marketer/mailings/."""
    folder = "marketer/mailings/"
    return render(
        folder + template,
        folder + fragment if fragment else None,
        status,
        mailing=mailing,
        place="mailings",
        steps=_steps(mailing, step),
        back_url=url_for("mailings.index"),
        wizard_name=mailing.name,
        wizard_note=_("%(kind)s · Draft", kind=KIND_NAMES[mailing.kind]),
        **present(mailing, step),
        **context,
    )


def present(mailing: Mailing, step: str) -> dict[str, Any]:
    """Who else is at work on the mailing, for the frame. Whoever looks it over before it is sent
    is told of the others, but is not at work on it."""
    if step != Step.CONFIRM:
        presence.note_here(mailing, current_user.id)
    return {"step": step, "others": presence.others(mailing, current_user.id)}


def show_dialog(
    mailing: Mailing,
    step: Step,
    title: str,
    body: str,
    *,
    form: FlaskForm | None = None,
    **context: Any,
) -> Response:
    """A form over the step; a page of its own where scripts are off."""
    return show(
        mailing,
        step,
        "dialog.html",
        "_dialog.html",
        status=422 if form and form.errors else 200,
        form=form,
        title=title,
        body=f"marketer/mailings/{body}",
        step_url=address(mailing, step),
        **context,
    )


def _steps(mailing: Mailing, current: Step) -> list[dict[str, Any]]:
    states = step_states(mailing)
    return [
        {
            "label": LABELS[step],
            "url": address(mailing, step),
            "state": "current" if step is current else states[step],
        }
        for step in Step
    ]
