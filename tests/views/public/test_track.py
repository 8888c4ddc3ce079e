import time
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import make_contact, make_link, make_mailing, make_recipient
from webapp.mailings import values
from webapp.mailings.links import PublicLinks
from webapp.mailings.models import Recipient
from webapp.platform.database import db
from webapp.response.models import Hit


def test_an_open_answers_one_transparent_pixel_that_nobody_keeps(client: FlaskClient) -> None:
    recipient = _recipient()

    answer = client.get(_path(_links().open(recipient.mailing_id, recipient.id)))

    assert answer.status_code == 200
    assert answer.mimetype == "image/gif"
    assert len(answer.data) == 43
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert _hits(1)[0].recipient_id == recipient.id


def test_a_click_goes_on_without_a_cookie(client: FlaskClient) -> None:
    recipient = _recipient()

    answer = client.get(_path(_links().click(recipient.mailing_id, recipient.id, 1)))

    assert (answer.status_code, answer.location) == (302, "https://www.fjordlys.example/lumo")
    assert "Set-Cookie" not in answer.headers
    assert _hits(1)[0].link_number == 1
    db.session.refresh(recipient)
    assert recipient.clicked_at is not None


def test_head_answers_like_get_and_is_recorded_as_what_it_is(client: FlaskClient) -> None:
    recipient = _recipient()
    path = _path(_links().click(recipient.mailing_id, recipient.id, 1))

    answer = client.head(path, headers={"User-Agent": "Scanner"})

    assert (answer.status_code, answer.location) == (302, "https://www.fjordlys.example/lumo")
    (hit,) = _hits(1)
    assert (hit.method, hit.user_agent) == ("HEAD", "Scanner")
    db.session.refresh(recipient)
    assert recipient.clicked_at is None


def test_the_target_never_comes_from_the_query(client: FlaskClient) -> None:
    recipient = _recipient()
    path = _path(_links().click(recipient.mailing_id, recipient.id, 1))

    answer = client.get(path + "?url=https://evil.example&next=//evil.example")

    assert answer.location == "https://www.fjordlys.example/lumo"


def test_a_dead_link_is_a_friendly_page_that_tells_nothing(client: FlaskClient) -> None:
    recipient = _recipient()
    genuine = _path(_links().click(recipient.mailing_id, recipient.id, 1))
    forged = genuine[:-1] + ("A" if genuine[-1] != "A" else "B")

    for path in (forged, "/c/x", "/o/x.gif", "/v/x", "/u/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "This link leads nowhere" in answer.text
        assert "Set-Cookie" not in answer.headers


def test_a_reader_goes_on_when_recording_is_impossible(client: FlaskClient) -> None:
    recipient = _recipient()
    path = _path(_links().click(recipient.mailing_id, recipient.id, 1))

    with db.engine.begin() as other:
        other.execute(db.text("LOCK TABLE hit"))
        answer = client.get(path)

    assert answer.status_code == 302


def _recipient() -> Recipient:
    mailing = make_mailing()
    make_link(mailing)
    return make_recipient(mailing, make_contact())


def _links() -> PublicLinks:
    return values.public_links()


def _path(url: str) -> str:
    return urlsplit(url).path


def _hits(count: int) -> list[Hit]:
    until = time.monotonic() + 5
    while True:
        db.session.rollback()
        hits = list(db.session.scalars(select(Hit)))
        if len(hits) >= count or time.monotonic() > until:
            assert len(hits) == count
            return hits
        time.sleep(0.02)
