"""What a test of a mail server shows: its own answers, and plain words where it fails."""

import base64
import socket
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.certificates import Authority
from tests.support.secure_smtp import SecureSmtp
from tests.support.smtp import Moment, ScriptedSmtp
from webapp.delivery import server_check
from webapp.delivery.models import SendingServer
from webapp.delivery.server_check import Check, Speaker, try_out
from webapp.people.addresses import parse_address
from webapp.platform.config import MailConfig

PASSWORD = "correct-horse"
METTE = parse_address("mette@fjordlys.example")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Clients of this test know the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_check, "PATIENCE", 2.0)


def starttls(port: int, host: str = "localhost", password: str | None = None) -> MailConfig:
    return MailConfig(host, port, use_tls=True, username="brevdue", password=password)


def said(check: Check) -> list[str]:
    return [line.text for line in check.lines if line.speaker is Speaker.SERVER]


def we_said(check: Check) -> list[str]:
    return [line.text for line in check.lines if line.speaker is Speaker.US]


def what(check: Check) -> str:
    assert check.fault is not None
    assert check.fault.advice
    return check.fault.what


def test_the_answers_of_a_server_are_shown_as_it_gave_them(smtp: ScriptedSmtp) -> None:
    check = try_out(MailConfig("127.0.0.1", smtp.port))

    assert check.fault is None
    assert said(check)[:3] == ["220 localhost ESMTP", "250-localhost", "250-SIZE 33554432"]
    assert we_said(check)[-2:] == ["NOOP", "QUIT"]
    assert said(check)[-1].startswith("221")
    assert "PIPELINING" in check.offers
    assert (check.protocol, check.certificate, check.signed_in) == ("", None, False)
    assert smtp.messages == []


def test_a_trusted_certificate_and_the_right_password_are_accepted(trusted: Authority) -> None:
    with SecureSmtp(trusted.server("localhost"), password=PASSWORD) as server:
        check = try_out(starttls(server.port, password=PASSWORD))

    assert check.fault is None
    assert check.signed_in
    assert check.protocol.startswith("TLSv1")
    assert check.certificate is not None
    assert check.certificate.subject == "localhost"
    assert check.certificate.issuer == "Brevdue test authority"
    assert check.certificate.expires_at > datetime.now(UTC) + timedelta(days=29)
    texts = [line.text for line in check.lines]
    assert texts.index("STARTTLS") < texts.index("AUTH PLAIN …")
    assert [line.speaker for line in check.lines].count(Speaker.NOTE) == 1
    assert "STARTTLS" not in check.offers


def test_encryption_from_the_start_is_spoken(trusted: Authority) -> None:
    with SecureSmtp(trusted.server("localhost"), from_start=True) as server:
        check = try_out(MailConfig("localhost", server.port, use_ssl=True))

    assert check.fault is None
    assert check.lines[0].speaker is Speaker.NOTE
    assert check.certificate is not None


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN", "PLAIN LOGIN"])
def test_no_password_is_shown_even_where_the_server_repeats_it(
    trusted: Authority, mechanisms: str
) -> None:
    server = SecureSmtp(trusted.server("localhost"), password=PASSWORD, mechanisms=mechanisms)
    with server:
        check = try_out(starttls(server.port, password="wrong-horse"))

    assert any("wrong-horse" in _plain(words) for words in server.heard)
    assert "535 5.7.8 No: …" in what(check)
    for text in [what(check), *(line.text for line in check.lines)]:
        assert "wrong-horse" not in text
        assert "wrong-horse" not in _plain(text)


def test_a_self_signed_certificate_is_refused_before_anything_is_told(trusted: Authority) -> None:
    with SecureSmtp(trusted.self_signed("localhost"), password=PASSWORD) as server:
        check = try_out(starttls(server.port, password=PASSWORD))

    assert "self-signed" in what(check)
    assert not check.signed_in
    assert server.heard[-1] == "STARTTLS"


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority) -> None:
    with SecureSmtp(authority.server("localhost"), from_start=True) as server:
        check = try_out(MailConfig("localhost", server.port, use_ssl=True))

    assert "unable to get local issuer certificate" in what(check)


def test_a_certificate_that_has_expired_is_refused(trusted: Authority) -> None:
    ends = datetime.now(UTC) - timedelta(days=1)
    with SecureSmtp(trusted.server("localhost", ends=ends)) as server:
        assert "expired" in what(try_out(starttls(server.port)))


def test_a_certificate_for_another_name_is_refused(trusted: Authority) -> None:
    with SecureSmtp(trusted.server("mail.fjordlys.example")) as server:
        assert "another name than localhost" in what(try_out(starttls(server.port)))


def test_tls_on_a_plain_port_is_told(smtp: ScriptedSmtp) -> None:
    check = try_out(MailConfig("127.0.0.1", smtp.port, use_ssl=True))

    assert "does not speak TLS from the start" in what(check)
    assert "STARTTLS" in check.fault.advice


def test_a_plain_connection_to_a_tls_port_is_told(trusted: Authority) -> None:
    with SecureSmtp(trusted.server("localhost"), from_start=True) as server:
        check = try_out(MailConfig("localhost", server.port))

    assert "silent" in what(check)
    assert "TLS" in check.fault.advice


def test_starttls_that_is_not_offered_is_told(smtp: ScriptedSmtp) -> None:
    assert "does not offer STARTTLS" in what(try_out(starttls(smtp.port, "127.0.0.1")))


def test_a_sign_in_that_is_not_offered_is_told(smtp: ScriptedSmtp) -> None:
    config = MailConfig("127.0.0.1", smtp.port, username="brevdue", password=PASSWORD)
    check = try_out(config)

    assert "offers no sign-in (AUTH)" in what(check)
    assert "STARTTLS or TLS" in check.fault.advice
    assert "PIPELINING" in check.offers


def test_a_sign_in_that_nobody_knows_is_told(trusted: Authority) -> None:
    server = SecureSmtp(trusted.server("localhost"), password=PASSWORD, mechanisms="GSSAPI")
    with server:
        check = try_out(starttls(server.port, password=PASSWORD))

    assert "no way to sign in" in what(check)


def test_a_server_that_wants_encryption_before_the_password_says_so() -> None:
    replies = {"AUTH": "530 5.7.0 Must issue a STARTTLS command first"}
    with SecureSmtp(password=PASSWORD, replies=replies) as server:
        check = try_out(MailConfig("127.0.0.1", server.port, username="x", password=PASSWORD))

    assert "530 5.7.0" in what(check)
    assert "encryption first" in check.fault.advice


def test_letters_that_cannot_be_sent_are_told_instead_of_failing() -> None:
    with SecureSmtp(password=PASSWORD) as server:
        check = try_out(MailConfig("127.0.0.1", server.port, username="x", password="blåbærgrød"))

    assert "letters that cannot be sent" in what(check)


def test_a_host_that_does_not_exist_is_told() -> None:
    assert "nowhere.invalid" in what(try_out(MailConfig("nowhere.invalid", 587)))


def test_a_port_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert f"no connections on port {port}" in what(try_out(MailConfig("127.0.0.1", port)))


def test_a_silent_server_does_not_take_longer_than_promised(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, silence=5)
    began = datetime.now(UTC)

    assert "silent" in what(try_out(MailConfig("127.0.0.1", smtp.port)))
    assert datetime.now(UTC) - began < timedelta(seconds=4)


def test_a_server_that_turns_us_away_is_quoted(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, reply="554 5.7.1 You are on a list")

    check = try_out(MailConfig("127.0.0.1", smtp.port))

    assert "554 5.7.1 You are on a list" in what(check)
    assert said(check) == ["554 5.7.1 You are on a list"]


def test_a_server_that_hangs_up_is_told(smtp: ScriptedSmtp) -> None:
    smtp.at(Moment.CONNECT, hang_up=True)

    assert "ended the connection" in what(try_out(MailConfig("127.0.0.1", smtp.port)))


def test_what_is_no_mail_server_is_told() -> None:
    with SecureSmtp(replies={"": "SSH-2.0-OpenSSH_9.2"}) as server:
        assert "no mail server" in what(try_out(MailConfig("127.0.0.1", server.port)))


def test_a_test_message_is_sent_and_not_shown(smtp: ScriptedSmtp) -> None:
    server = SendingServer(name="Sky", from_domains=[])
    letter = server_check.letter(server, METTE, METTE)

    check = try_out(MailConfig("127.0.0.1", smtp.port), letter)

    assert check.fault is None
    assert check.sent_to == METTE.text
    (message,) = smtp.to(METTE.text)
    assert "Sky" in message["Subject"]
    assert message["From"].addresses[0].addr_spec == "hello@fjordlys.example"
    assert "250 2.0.0 OK" in said(check)


def test_a_test_message_comes_from_a_domain_that_the_server_may_send_for() -> None:
    server = SendingServer(name="Sky", from_domains=["nyt.example", "x.example"])
    assert server_check.letter(server, METTE, METTE).sender == "postmaster@nyt.example"
    server.from_domains.append("fjordlys.example")
    assert server_check.letter(server, METTE, METTE).sender == "hello@fjordlys.example"


@pytest.mark.parametrize("moment", [Moment.RCPT, Moment.DOT])
def test_a_test_message_that_is_refused_is_told(smtp: ScriptedSmtp, moment: Moment) -> None:
    smtp.at(moment, reply="550 5.7.1 Relaying denied")
    letter = server_check.letter(SendingServer(name="Sky", from_domains=[]), METTE, METTE)

    check = try_out(MailConfig("127.0.0.1", smtp.port), letter)

    assert "did not take the message" in what(check)
    assert "550 5.7.1 Relaying denied" in what(check)
    assert check.sent_to == ""


def test_a_sender_that_is_refused_is_told() -> None:
    with SecureSmtp(replies={"MAIL": "553 5.7.1 Not your domain"}) as server:
        letter = server_check.letter(SendingServer(name="Sky", from_domains=[]), METTE, METTE)
        check = try_out(MailConfig("127.0.0.1", server.port), letter)

    assert "does not send for hello@fjordlys.example" in what(check)


def _plain(text: str) -> str:
    """With each word that is base64 decoded."""
    words = [text]
    for word in text.split():
        try:
            words.append(base64.b64decode(word, validate=True).decode())
        except ValueError:
            continue
    return " ".join(words)
