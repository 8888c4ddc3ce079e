import pytest

from tests.support.drafts import found_by, make_draft, with_block
from webapp.mailings.checks import wording
from webapp.mailings.checks.finding import Check, Level, Place


@pytest.mark.parametrize(
    ("sign", "subject"),
    [
        (wording.subject_length, "Light for the dark months, and a word about " + "lamps " * 6),
        (wording.capitals, "THE LAMPS ARE HERE"),
        (wording.exclamation_marks, "New lamps! Come and see!"),
        (wording.market_cries, "It is FREE!!!"),
        (wording.market_cries, "Save $$$ on lamps"),
        (wording.market_cries, "GRATIS lamper"),
    ],
)
def test_a_sign_of_spam_is_a_hint_at_the_subject(sign: Check, subject: str) -> None:
    [hint] = found_by(sign, make_draft(subject=subject))
    assert (hint.level, hint.place, hint.at) == (Level.HINT, Place.SETUP, "subject")
    assert hint in found_by(wording.spam, make_draft(subject=subject))


@pytest.mark.parametrize("subject", ["Re: your order", "Sv: aftalen", "FW: lamps", "Re : x"])
def test_a_subject_that_poses_as_an_answer_is_a_warning(subject: str) -> None:
    [warning] = found_by(wording.answer, make_draft(subject=subject))
    assert warning.level is Level.WARNING


@pytest.mark.parametrize(
    "subject",
    [
        "Light for the dark months",
        "Regarding: lamps",
        "Come and see the lamps!",
        "NEW",
        "Feel free to come",
        "[[customer.firstname]], 20 % off",
        "PH 5 i messing",
    ],
)
def test_ordinary_words_are_no_sign(subject: str) -> None:
    assert found_by(wording.spam, make_draft(subject=subject)) == []


def test_the_content_is_read_as_well() -> None:
    content = with_block("text", html="<p>CLICK HERE for lamps</p>")
    [hint] = found_by(wording.market_cries, make_draft(content=content))
    assert hint.place is Place.CONTENT
    assert hint.at
