"""The page of the development inbox."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.platform.development.inbox import create_inbox
from webapp.platform.development.mailbox import Mailbox
from webapp.platform.development.smtp import Envelope


@pytest.fixture
def mailbox(tmp_path: Path) -> Mailbox:
    return Mailbox(tmp_path)


@pytest.fixture
def inbox(mailbox: Mailbox) -> Flask:
    return create_inbox(mailbox)


@pytest.fixture
def visitor(inbox: Flask) -> FlaskClient:
    return inbox.test_client()


def letter(html: str = "<html><head></head><body><b>Hej</b></body></html>") -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "Fjordlys <hej@fjordlys.example>", "karen@example.com"
    message["Subject"] = "Blødt lys <b>"
    message.set_content("Hej Karen")
    message.add_alternative(html, subtype="html")
    return message.as_bytes().replace(b"\n", b"\r\n")


def arrive(mailbox: Mailbox, recipient: str, content: bytes | None = None) -> int:
    return mailbox.add(Envelope("bounce@fjordlys.example", [recipient], content or letter()))


def test_an_empty_inbox_says_what_to_do(visitor: FlaskClient) -> None:
    assert "Nothing has arrived yet" in visitor.get("/").text


def test_the_list_shows_and_finds_messages_and_escapes_them(
    visitor: FlaskClient, mailbox: Mailbox
) -> None:
    arrive(mailbox, "karen@example.com")
    arrive(mailbox, "bo@example.com")

    found = visitor.get("/?q=karen").text

    assert "karen@example.com" in found
    assert "bo@example.com" not in found
    assert "Blødt lys &lt;b&gt;" in found


def test_htmx_gets_the_list_alone(visitor: FlaskClient, mailbox: Mailbox) -> None:
    arrive(mailbox, "karen@example.com")

    fragment = visitor.get("/", headers={"HX-Request": "true"}).text

    assert fragment.strip().startswith('<div id="list"')


def test_the_html_of_a_message_is_walled_in_and_opens_links_in_a_new_tab(
    visitor: FlaskClient, mailbox: Mailbox
) -> None:
    message_id = arrive(mailbox, "karen@example.com")

    answer = visitor.get(f"/messages/{message_id}/html")

    assert '<head><base target="_blank"></head>' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src")
    assert "script" not in policy


def test_text_headers_and_the_raw_message_are_shown(visitor: FlaskClient, mailbox: Mailbox) -> None:
    content = letter()
    message_id = arrive(mailbox, "karen@example.com", content)

    assert "Hej Karen" in visitor.get(f"/messages/{message_id}/text").text
    assert "Subject" in visitor.get(f"/messages/{message_id}/headers").text
    assert visitor.get(f"/messages/{message_id}.eml").data == content


def test_a_message_without_html_shows_its_text(visitor: FlaskClient, mailbox: Mailbox) -> None:
    message_id = arrive(mailbox, "karen@example.com", b"Subject: Hi\r\n\r\nOnly words.\r\n")

    assert "Only words." in visitor.get(f"/messages/{message_id}").text


def test_a_broken_message_is_shown_as_far_as_it_goes(
    visitor: FlaskClient, mailbox: Mailbox
) -> None:
    content = b"Content-Type: text/html; charset=klingon\r\nSubject: \xff\r\n\r\n\xff\xfe\r\n"
    message_id = arrive(mailbox, "karen@example.com", content)

    for view in ("", "/text", "/headers", "/html"):
        assert visitor.get(f"/messages/{message_id}{view}").status_code == 200


def test_tests_read_the_messages_as_json(visitor: FlaskClient, mailbox: Mailbox) -> None:
    message_id = arrive(mailbox, "karen@example.com")

    answer = visitor.get("/messages.json").json

    assert answer is not None
    assert answer["count"] == 1
    (message,) = answer["messages"]
    assert (message["id"], message["to"]) == (message_id, ["karen@example.com"])
    assert (message["from"], message["subject"]) == (
        "Fjordlys <hej@fjordlys.example>",
        "Blødt lys <b>",
    )


def test_delete_all_empties_the_inbox(inbox: Flask, mailbox: Mailbox) -> None:
    inbox.config["WTF_CSRF_ENABLED"] = False
    arrive(mailbox, "karen@example.com")

    assert inbox.test_client().post("/delete").status_code == 302
    assert mailbox.count() == 0


def test_another_site_can_neither_delete_nor_read(visitor: FlaskClient, mailbox: Mailbox) -> None:
    arrive(mailbox, "karen@example.com")

    assert visitor.post("/delete").status_code == 400
    assert visitor.get("/messages.json", headers={"Host": "evil.example"}).status_code == 400
    assert mailbox.count() == 1


def test_a_message_that_is_gone_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/messages/12").status_code == 404
