from tests.factories import make_contact, make_content, make_mailing
from webapp.mailings import audience, sources
from webapp.mailings.models import State
from webapp.mailings.steps import Progress, Step, step_states


def test_a_new_draft_has_begun_with_setup_only() -> None:
    mailing = make_mailing(state=State.DRAFT, subject="", content=None)
    states = step_states(mailing)
    assert states.pop(Step.SETUP) == Progress.INCOMPLETE
    assert set(states.values()) == {Progress.UNTOUCHED}


def test_a_written_mailing_with_recipients_is_done_up_to_confirm() -> None:
    mailing = make_mailing(state=State.DRAFT)
    sources.add_contact(mailing, make_contact())
    audience.resolve(mailing)
    states = step_states(mailing)
    assert states.pop(Step.CONFIRM) == Progress.UNTOUCHED
    assert set(states.values()) == {Progress.DONE}


def test_an_unknown_tag_makes_the_step_where_it_stands_incomplete() -> None:
    in_subject = make_mailing(state=State.DRAFT, subject="Hi [[nobody.knows]]")
    assert step_states(in_subject)[Step.SETUP] == Progress.INCOMPLETE
    assert step_states(in_subject)[Step.CONTENT] == Progress.DONE
    in_content = make_mailing(state=State.DRAFT, content=make_content(label="[[nobody.knows]]"))
    assert step_states(in_content)[Step.SETUP] == Progress.DONE
    assert step_states(in_content)[Step.CONTENT] == Progress.INCOMPLETE


def test_sources_that_reach_nobody_are_not_complete() -> None:
    mailing = make_mailing(state=State.DRAFT)
    sources.add_contact(mailing, make_contact(former_employee=True))
    audience.resolve(mailing)
    assert step_states(mailing)[Step.RECIPIENTS] == Progress.INCOMPLETE


def test_sources_that_nobody_has_looked_at_are_no_fault() -> None:
    mailing = make_mailing(state=State.DRAFT)
    sources.add_contact(mailing, make_contact())
    assert step_states(mailing)[Step.RECIPIENTS] == Progress.UNTOUCHED
