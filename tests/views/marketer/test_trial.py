from collections.abc import Callable

from flask.testing import FlaskClient

from tests.factories import make_contact, make_mailing
from tests.support.smtp import ScriptedSmtp
from webapp.mailings.models import State

SignIn = Callable[..., FlaskClient]


def test_a_test_is_sent_as_the_chosen_person(signed_in: SignIn, smtp: ScriptedSmtp) -> None:
    mailing = make_mailing(
        state=State.DRAFT, subject="[[customer.firstname]], meet Lumo", track_opens=True
    )
    contact = make_contact("Karen Blichfeldt")
    answer = signed_in().post(
        f"/mailings/{mailing.id}/draft/test",
        data={"addresses": "me@fjordlys.example, you@fjordlys.example", "as": contact.id},
    )
    assert "The test is on its way" in answer.text
    assert smtp.count_by_recipient() == {"me@fjordlys.example": 1, "you@fjordlys.example": 1}
    assert b"Subject: [Test] Karen, meet Lumo" in smtp.messages[0].content


def test_a_wrong_address_is_told_and_nothing_is_sent(signed_in: SignIn, smtp: ScriptedSmtp) -> None:
    mailing = make_mailing(state=State.DRAFT)
    data = {"addresses": "me@fjordlys.example, nobody"}
    answer = signed_in().post(f"/mailings/{mailing.id}/draft/test", data=data)
    assert answer.status_code == 422
    assert "has no @" in answer.text
    assert smtp.messages == []
