import re
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.factories import make_contact, make_mailing, make_recipient
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Recipient
from webapp.platform.database import db


def test_the_message_stands_there_as_the_recipient_got_it(client: FlaskClient) -> None:
    recipient = _recipient()

    answer = client.get(_path(recipient.mailing_id, recipient.id))

    assert answer.status_code == 200
    assert "Hi Karen," in answer.text
    assert "Set-Cookie" not in answer.headers


def test_its_links_are_tracked_and_its_pixel_is_not_there(client: FlaskClient) -> None:
    recipient = _recipient()

    page = client.get(_path(recipient.mailing_id, recipient.id)).text

    assert re.search(r'href="http://localhost/c/[\w-]+"', page)
    assert values.public_links().unsubscribe(recipient.mailing_id, recipient.id) in page
    assert "/o/" not in page


def test_a_mailing_without_tracking_keeps_its_addresses(client: FlaskClient) -> None:
    mailing = make_mailing(track_links=LinkTracking.NONE)
    recipient = make_recipient(mailing, make_contact())

    page = client.get(_path(mailing.id, recipient.id)).text

    assert 'href="https://www.fjordlys.example/lumo"' in page


def test_scripts_and_forms_cannot_run_in_it(client: FlaskClient) -> None:
    recipient = _recipient()

    policy = client.get(_path(recipient.mailing_id, recipient.id)).headers[
        "Content-Security-Policy"
    ]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'none'" in policy


def test_a_name_with_html_stays_text(client: FlaskClient) -> None:
    contact = make_contact("<script>alert(1)</script> Blichfeldt")
    recipient = make_recipient(make_mailing(), contact)

    page = client.get(_path(recipient.mailing_id, recipient.id)).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_test_message_shows_a_sample(client: FlaskClient) -> None:
    mailing = make_mailing()
    db.session.commit()

    assert client.get(_path(mailing.id, PREVIEW)).status_code == 200


def _recipient() -> Recipient:
    return make_recipient(make_mailing(), make_contact())


def _path(mailing_id: int, recipient_id: int) -> str:
    return urlsplit(values.public_links().view(mailing_id, recipient_id)).path
