from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_contact, make_mailing, make_recipient
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.accounts.organisation import organisation
from webapp.content.document import add_block, new_document
from webapp.delivery import trial
from webapp.delivery.message import MessageWriter, encoded_words, mailbox
from webapp.mailings import values
from webapp.mailings.models import Mailing, Recipient
from webapp.people.addresses import parse_address
from webapp.people.models import Contact
from webapp.platform.database import db


def written(mailing: Mailing, contact: Contact) -> bytes:
    recipient = make_recipient(mailing, contact)
    person = db.session.execute(values.people().where(Recipient.id == recipient.id)).one()
    return MessageWriter(mailing).message_for(person).content


def parsed(content: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(content)


def message(contact: Contact | None = None, **mailing: Any) -> EmailMessage:
    return parsed(written(make_mailing(**mailing), contact or make_contact()))


def body(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content())


def test_it_has_the_headers_of_a_bulk_message() -> None:
    organisation().name = "Fjordlys A/S"
    found = message(from_name="Fjordlys, nyheder", from_address="news@fjordlys.dk", reply_to="")
    assert found["From"] == '"Fjordlys, nyheder" <news@fjordlys.dk>'
    assert found["To"] == "Karen Blichfeldt <karen@blichfeldtlys.example>"
    assert found["Precedence"] == "bulk"
    assert found["List-Id"] == "Fjordlys A/S <mailings.localhost>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Unsubscribe"].startswith("<http://localhost/u/")
    assert found["Message-ID"].endswith("@fjordlys.dk>")
    assert {"Feedback-ID", "Date"} <= set(found.keys())
    assert {"Auto-Submitted", "Reply-To"}.isdisjoint(found.keys())


def test_replies_go_where_the_mailing_says() -> None:
    assert message(reply_to="answers@fjordlys.dk")["Reply-To"] == "answers@fjordlys.dk"


def test_text_and_html_are_both_there_and_personal() -> None:
    found = message(make_contact("Åse Ærø"))
    assert "Hi Åse," in body(found, "plain")
    assert "Hi Åse," in body(found, "html")


def test_every_line_is_short_and_ends_with_cr_lf() -> None:
    lines = written(make_mailing(), make_contact()).split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)


def test_the_message_id_is_the_same_on_every_try() -> None:
    mailing = make_mailing()
    recipient = make_recipient(mailing, make_contact())
    person = db.session.execute(values.people().where(Recipient.id == recipient.id)).one()
    tries = [parsed(MessageWriter(mailing).message_for(person).content) for _ in range(2)]
    assert tries[0]["Message-ID"] == tries[1]["Message-ID"]


def test_a_domain_with_letters_of_its_own_goes_out_in_ascii() -> None:
    found = message(make_contact(email="benjamin@bøgehuset.dk"))
    assert found["To"].addresses[0].addr_spec == "benjamin@xn--bgehuset-54a.dk"


def test_a_line_break_in_a_name_never_makes_a_header() -> None:
    found = message(make_contact("Ole\r\nBcc: victim@x.dk\r\n\r\n<h1>Hi</h1>"))
    assert found["Bcc"] is None
    assert "Bcc: victim@x.dk" in str(found["To"])


def test_html_in_a_name_stays_text() -> None:
    found = message(make_contact("<script>alert(1)</script> Ole"))
    assert "<script>" not in body(found, "html")
    assert "&lt;script&gt;" in body(found, "html")


def test_a_subject_may_be_personal_and_in_any_language() -> None:
    found = message(make_contact("Åse Ærø"), subject='Kære [[customer.firstname|"ven"]], 灯り 💡')
    assert found["Subject"] == "Kære Åse, 灯り 💡"


@given(text=st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_survives_in_a_header(text: str) -> None:
    folded = encoded_words(text)
    assert all(len(line) <= 998 for line in folded.split("\r\n"))
    read = parsed(f"Subject: {folded}\r\n\r\n".encode())
    assert set(read.keys()) == {"Subject"}


@given(name=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_name_leaves_the_address_whole(name: str) -> None:
    read = parsed(f"To: {mailbox(name, 'ole@x.dk')}\r\n\r\n".encode())
    assert [address.addr_spec for address in read["To"].addresses] == ["ole@x.dk"]
    assert set(read.keys()) == {"To"}


@given(text=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=400))
@settings(max_examples=30, deadline=None)
def test_any_words_in_the_content_come_through_as_text(app: Any, text: str) -> None:
    with app.app_context():
        document, _ = add_block(new_document(), "heading")
        mailing = make_mailing(content=document, subject="Hi", preheader=text)
        content = written(mailing, make_contact())
        db.session.rollback()
    assert not any(line.startswith(b"--=_") for line in content.split(b"\r\n\r\n")[2].split()[1:-1])
    assert parsed(content).get_body(("html",)) is not None


def test_a_test_message_is_sent_as_the_chosen_person_and_counts_nowhere(
    smtp: ScriptedSmtp,
) -> None:
    mailing = make_mailing()
    trial.send(mailing, [parse_address("me@fjordlys.dk")], make_contact("Åse Ærø"))
    (found,) = smtp.to("me@fjordlys.dk")
    assert "Hi Åse," in body(found, "plain")
    assert "/c/" not in body(found, "html")
    assert "/o/" not in body(found, "html")
    assert db.session.query(Recipient).count() == 0


def test_a_test_without_a_person_is_sent_as_a_sample(smtp: ScriptedSmtp) -> None:
    trial.send(make_mailing(), [parse_address("me@fjordlys.dk")], None)
    assert "Hi Karen," in body(smtp.to("me@fjordlys.dk")[0], "plain")


def test_a_refused_test_tells_the_servers_words(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.RCPT, reply="550 5.1.1 no such user")
    with pytest.raises(trial.TestNotSent, match="no such user"):
        trial.send(make_mailing(), [parse_address("me@fjordlys.dk")], None)
