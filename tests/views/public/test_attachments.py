import pytest
from flask.testing import FlaskClient

from tests.factories import make_mailing
from webapp.mailings import attachments, values
from webapp.mailings.models import Attachment, Mailing, State
from webapp.platform.database import db
from webapp.platform.tokens import Purpose


@pytest.fixture
def mailing() -> Mailing:
    mailing = make_mailing(state=State.DRAFT)
    attachments.add(mailing, "programme.html", b"<script>steal()</script>")
    attachments.add(mailing, "map.pdf", b"%PDF")
    return mailing


def link_in(mailing: Mailing) -> str:
    address = values.of_mailing(mailing)["attachment.openUrl"]
    return address.removeprefix(values.public_links().public_url)


def test_whoever_has_the_link_gets_the_first_file_to_keep(
    client: FlaskClient, mailing: Mailing
) -> None:
    answer = client.get(link_in(mailing))
    assert answer.data == b"<script>steal()</script>"
    assert answer.headers["Content-Disposition"] == "attachment; filename=programme.html"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert values.of_mailing(mailing)["attachment.name"] == "programme.html"


def test_a_link_leads_nowhere_once_the_file_is_gone(client: FlaskClient, mailing: Mailing) -> None:
    link = link_in(mailing)
    first, _second = attachments.of(mailing)
    attachments.remove(mailing, first.id)
    assert client.get(link).status_code == 404


@pytest.mark.parametrize("purpose", [Purpose.VIEW, Purpose.UNSUBSCRIBE])
def test_no_other_link_opens_a_file(
    client: FlaskClient, mailing: Mailing, purpose: Purpose
) -> None:
    file = db.session.query(Attachment).first()
    assert file is not None
    token = values.public_links().signer.sign(purpose, mailing.id, file.id)
    assert client.get(f"/f/{token}").status_code == 404
    assert client.get("/f/forged").status_code == 404


def test_without_a_file_the_tags_are_empty() -> None:
    known = values.of_mailing(make_mailing(state=State.DRAFT))
    assert (known["attachment.name"], known["attachment.openUrl"]) == ("", "")
