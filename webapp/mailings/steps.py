"""How far a draft has come: the five steps from an idea to Send."""

from enum import StrEnum

from sqlalchemy import select

from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, Recipient, RecipientState
from webapp.platform.database import db


class Step(StrEnum):
    SETUP = "setup"
    TEMPLATE = "template"
    CONTENT = "content"
    RECIPIENTS = "recipients"
    CONFIRM = "confirm"


class Progress(StrEnum):
    DONE = "done"
    INCOMPLETE = "incomplete"
    UNTOUCHED = "untouched"


def step_states(mailing: Mailing) -> dict[Step, Progress]:
    content = compiled(mailing)
    faults = {problem.where for problem in content.problems if problem.blocking}
    in_head = bool(faults & {"subject", "preheader"})
    in_content = bool(faults - {"subject", "preheader"})
    set_up = bool(mailing.subject.strip() and mailing.from_address and not in_head)
    begun = mailing.content is not None
    return {
        Step.SETUP: Progress.DONE if set_up else Progress.INCOMPLETE,
        Step.TEMPLATE: _progress(begun, complete=True),
        Step.CONTENT: _progress(begun, complete=not in_content),
        Step.RECIPIENTS: _progress(
            # Sources that nobody has looked at yet are no fault.
            bool(mailing.sources and mailing.resolved_at),
            complete=_has_recipients(mailing),
        ),
        Step.CONFIRM: Progress.UNTOUCHED,
    }


def _progress(begun: bool, *, complete: bool) -> Progress:
    if not begun:
        return Progress.UNTOUCHED
    return Progress.DONE if complete else Progress.INCOMPLETE


def _has_recipients(mailing: Mailing) -> bool:
    somebody = select(Recipient.id).where(
        Recipient.mailing_id == mailing.id, Recipient.state == RecipientState.READY
    )
    return db.session.scalar(select(somebody.exists())) is True
