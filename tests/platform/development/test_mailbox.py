"""The messages that the development inbox keeps."""

from pathlib import Path

from webapp.platform.development.mailbox import Mailbox
from webapp.platform.development.smtp import Envelope


def envelope(recipient: str, subject: bytes = b"Hello") -> Envelope:
    content = b"From: Fjordlys <hello@fjordlys.example>\r\nSubject: " + subject + b"\r\n\r\nHi.\r\n"
    return Envelope("bounce@fjordlys.example", [recipient], content)


def test_a_message_survives_a_restart_byte_for_byte(tmp_path: Path) -> None:
    kept = envelope("karen@example.com")
    message_id = Mailbox(tmp_path).add(kept)

    mailbox = Mailbox(tmp_path)

    assert mailbox.content(message_id) == kept.content
    assert mailbox.newest()[0].recipients == ("karen@example.com",)


def test_the_newest_message_comes_first_and_the_oldest_makes_room(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path, kept=2)
    for name in ("anna", "bo", "carl"):
        mailbox.add(envelope(f"{name}@example.com"))

    assert [message.recipients for message in mailbox.newest()] == [
        ("carl@example.com",),
        ("bo@example.com",),
    ]
    assert len(list(tmp_path.glob("*.eml"))) == 2


def test_a_number_is_not_used_again_after_a_restart(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    first = mailbox.add(envelope("anna@example.com"))

    assert Mailbox(tmp_path).add(envelope("bo@example.com")) > first


def test_messages_are_found_by_recipient_and_by_sender(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.add(envelope("Karen@example.com"))
    mailbox.add(envelope("bo@example.com"))

    assert mailbox.count("karen@") == 1
    assert mailbox.count("FJORDLYS") == 2
    assert mailbox.count("nobody") == 0


def test_encoded_and_folded_subjects_are_readable(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.add(envelope("a@example.com", b"=?utf-8?q?Bl=C3=B8dt?=\r\n =?utf-8?q?_lys?="))
    mailbox.add(envelope("a@example.com", b"=?no-such-charset?q?x?="))

    unknown, soft_light = mailbox.newest()
    assert soft_light.subject == "Blødt lys"
    assert unknown.subject == "=?no-such-charset?q?x?="


def test_a_file_cut_short_by_a_crash_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "000000007.eml").write_bytes(b'{"from": "a@exa')

    assert Mailbox(tmp_path).newest() == []


def test_deleting_all_leaves_no_file(tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path)
    mailbox.add(envelope("anna@example.com"))

    mailbox.clear()

    assert mailbox.count() == 0
    assert list(tmp_path.iterdir()) == []
