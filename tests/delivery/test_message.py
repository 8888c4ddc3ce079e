from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from html import escape
from typing import Any

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import make_contact, make_mailing, make_recipient
from tests.support.drafts import with_link
from webapp.accounts.organisation import organisation
from webapp.content.document.operations import add_block, new_document, update_part
from webapp.content.email.compile import CompiledContent
from webapp.content.tags.segments import render
from webapp.content.texts import without_controls
from webapp.delivery import message as message_module
from webapp.delivery.message import Message, MessageWriter, mailbox
from webapp.mailings import attachments, values
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, Recipient, State
from webapp.people.addresses import parse_address
from webapp.people.models import Contact
from webapp.people.texts import file_name
from webapp.platform.database import db
from webapp.platform.tokens import Purpose


def written(mailing: Mailing, contact: Contact) -> bytes:
    return write(mailing, make_recipient(mailing, contact)).content


def write(mailing: Mailing, recipient: Recipient) -> Message:
    writer = MessageWriter(mailing)
    this_one = writer.reading.people().where(Recipient.id == recipient.id)
    return writer.message_for(db.session.execute(this_one).one())


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
    tries = [parsed(write(mailing, recipient).content) for _ in range(2)]
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


# What a database text can hold.
WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=400)
NAMES = st.one_of(
    WORDS,
    st.text(alphabet="aZ .,;:@<>()[]\\\"'=?_\r\n\t\u00e6", max_size=60),
)
LONG_NAMES = st.one_of(
    NAMES,
    st.text(max_size=200),
    st.integers(0, 2000).map(lambda length: ("Karen Blichfeldt " * 120)[:length]),
    st.integers(0, 2000).map(lambda length: ("Åse-Ærø, " * 250)[:length]),
)


@given(name=LONG_NAMES)
@example(name="=?utf-8?q?evil=40x.dk?=")
@example(name="Ole, =?utf-8?q?evil?=")
@example(name="x" * 1500)
@example(name="Karen, " * 200)
@settings(max_examples=200, deadline=None)
def test_any_name_leaves_the_address_whole_and_is_read_back(name: str) -> None:
    line = f"To: {mailbox(name, 'ole@x.dk')}\r\n"
    assert max(map(len, line.split("\r\n"))) <= 998
    assert line.isascii()
    read = parsed(f"{line}X-Next: here\r\n\r\n".encode())
    assert read.keys() == ["To", "X-Next"]
    assert [address.addr_spec for address in read["To"].addresses] == ["ole@x.dk"]
    # The new parser of Python 3.11 puts blanks between encoded words; the old one does not.
    raw, _address = parseaddr(line.removeprefix("To: ").replace("\r\n ", " "))
    shown = str(make_header(decode_header(raw)))
    # A very long one may be cut.
    assert " ".join(without_controls(name).split()).startswith(shown)
    assert bool(shown) == bool(without_controls(name).strip())


def test_an_address_beyond_ascii_keeps_its_letters_where_the_server_takes_them() -> None:
    mailing = make_mailing()
    recipient = make_recipient(mailing, make_contact(email="søren@bøgehuset.dk"))
    found = write(mailing, recipient)
    assert found.utf8
    assert found.envelope_to == "søren@xn--bgehuset-54a.dk"
    assert "søren@xn--bgehuset-54a.dk".encode() in found.content
    ascii_only = found.content.replace("søren".encode(), b"")
    assert ascii_only.isascii()


# Whole messages, read back: the content of each has slots in every place.

PLACES = (
    "[[customer.firstname|friend]] [[company.name]]. [[customer.lastname]]\n\n.[[company.adr]]"
    "[[customer.title]]=\n[[config.companyName]]"
)
VALUES = st.one_of(
    WORDS,
    st.text(alphabet="Az9 .,:/@_+-=<&'\"\r\n\t\u00e6\U0001f4a1", max_size=90),
    st.integers(0, 2000).map(lambda length: ("Karen. " * 300)[:length]),
)
TAGS = [
    "customer.firstname",
    "customer.lastname",
    "customer.title",
    "company.name",
    "company.adr",
]
KNOWN = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        [
            "customer.firstname",
            "customer.lastname",
            "customer.title",
            "company.name",
            "company.adr",
        ],
        VALUES,
    ),
)


def checked(content: bytes) -> None:
    lines = content.split(b"\r\n")
    assert content.count(b"\r") == content.count(b"\n") == len(lines) - 1
    assert lines[-1] == b""
    assert max(map(len, lines)) <= 998
    assert not any(line.startswith(b".") for line in lines)
    assert content.isascii()


def readable(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(known=KNOWN, name=NAMES, words=WORDS)
@settings(max_examples=25, deadline=None)
def test_any_message_is_read_back_as_its_content_says(
    app: Flask, known: dict[str, str], name: str, words: str
) -> None:
    with app.app_context():
        document, block_id = add_block(new_document(), "text")
        document = update_part(document, block_id, {"html": f"<p>{escape(words)} {PLACES}</p>"})
        mailing = make_mailing(content=document, subject=f"Hi {PLACES}", preheader=words)
        db.session.flush()
        content = MessageWriter(mailing).write(77, name, ADDRESS, known).content
        expected = compiled(mailing)
        links = _links_of(mailing, expected)
        shared = values.of_mailing(mailing)
        db.session.rollback()
    checked(content)
    found = parsed(content)
    assert not found.defects
    everything = known | links | shared
    subject = render(expected.subject, everything)
    assert str(found["Subject"]) == " ".join(without_controls(subject).split())
    assert sorted(found.keys()) == sorted(HEADERS)
    for subtype, segments in (("plain", expected.text), ("html", expected.html)):
        part = found.get_body((subtype,))
        assert part is not None
        assert readable(part.get_content()) == readable(render(segments, everything))
        assert not part.defects


HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
    "Feedback-ID",
    "Precedence",
    "MIME-Version",
    "Content-Type",
]
ADDRESS = parse_address("ole@x.dk")


def _links_of(mailing: Mailing, content: CompiledContent) -> dict[str, str]:
    public = values.public_links()
    links = values.links(public, mailing.id, 77) | {"open": public.open(mailing.id, 77)}
    clicks = {
        f"click.{link.number}": public.click(mailing.id, 77, link.number) for link in content.links
    }
    return links | clicks


@given(
    from_name=NAMES,
    mailing_name=WORDS,
    company=NAMES,
)
@settings(max_examples=25, deadline=None)
def test_whatever_a_mailing_and_its_sender_are_called_no_header_is_made_of_it(
    app: Flask, from_name: str, mailing_name: str, company: str
) -> None:
    with app.app_context():
        organisation().name = company
        mailing = make_mailing(mailing_name, from_name=from_name)
        content = MessageWriter(mailing).write(77, "Ole", ADDRESS, {}).content
        db.session.rollback()
    checked(content)
    found = parsed(content)
    assert sorted(found.keys()) == sorted(HEADERS)
    assert [each.addr_spec for each in found["From"].addresses] == ["mette@fjordlys.example"]
    assert found["List-Id"].rstrip().endswith("<mailings.localhost>")


def test_the_links_in_the_headers_carry_the_recipients_own_tokens() -> None:
    mailing = make_mailing()
    db.session.flush()
    found = parsed(MessageWriter(mailing).write(77, "Ole", ADDRESS, {}).content)
    public = values.public_links()
    assert found["List-Unsubscribe"] == f"<{public.unsubscribe(mailing.id, 77)}>"
    token = found["Message-ID"].strip("<>").partition("@")[0]
    assert public.signer.read(Purpose.MESSAGE, token) == (mailing.id, 77)


# Attachments.

FILE_NAMES = [
    "prisliste.pdf",
    "årsrapport æøå.pdf",
    "価格表 2026.xlsx",
    "قائمة الأسعار.txt",
    '6" rør "special".csv',
    "it's; a=b, c.txt",
    "line\r\nBcc: victim@x.dk.txt",
    "back\\slash.txt",
    "\U0001f4a1.png",
    "x" * 240 + ".pdf",
    "ø" * 120 + ".pdf",
    "per%20cent%.txt",
    ".hidden",
]


def attached(*files: tuple[str, bytes]) -> tuple[bytes, EmailMessage]:
    mailing = make_mailing(state=State.DRAFT)
    for name, content in files:
        attachments.add(mailing, name, content)
    content = MessageWriter(mailing).write(77, "Ole", ADDRESS, {}).content
    checked(content)
    return content, parsed(content)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_a_file_of_any_name_comes_through_byte_for_byte(name: str) -> None:
    _content, found = attached((name, b"\0\r\n.\r\n\xff" * 40))
    (file,) = found.iter_attachments()
    assert file.get_filename() == file_name(name)
    assert file.get_content_disposition() == "attachment"
    assert file.get_payload(decode=True) == b"\0\r\n.\r\n\xff" * 40
    assert not file.defects
    assert found["Bcc"] is None


@given(contents=st.lists(st.binary(min_size=1, max_size=400), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_any_files_come_through_in_their_order(app: Flask, contents: list[bytes]) -> None:
    endings = ["bin", "txt", "html", "eml", "ics"]
    with app.app_context():
        files = [(f"{n}.{endings[n]}", content) for n, content in enumerate(contents)]
        _content, found = attached(*files)
        db.session.rollback()
    parts = list(found.iter_attachments())
    assert [(each.get_filename(), each.get_payload(decode=True)) for each in parts] == files
    assert found.get_body(("html",)) is not None
    assert found.get_body(("plain",)) is not None


def test_a_button_may_lead_to_the_first_file() -> None:
    mailing = make_mailing(content=with_link("[[attachment.openUrl]]"), state=State.DRAFT)
    file = attachments.add(mailing, "map.pdf", b"%PDF")
    html = body(parsed(written(mailing, make_contact())), "html")
    assert f'href="{values.public_links().attachment(mailing.id, file.id)}"' in html


def test_files_are_encoded_once_however_many_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    mailing = make_mailing(state=State.DRAFT)
    attachments.add(mailing, "list.pdf", b"%PDF" * 1000)
    writer = MessageWriter(mailing)
    monkeypatch.setattr(message_module, "_file", None)
    both = [writer.write(number, "Ole", ADDRESS, {}).content for number in (1, 2)]
    assert both[0] != both[1]
    assert both[0].split(b"list.pdf")[1] == both[1].split(b"list.pdf")[1]
