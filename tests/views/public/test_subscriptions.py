from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.factories import make_contact, make_mailing, make_recipient, make_type, newsletter
from webapp.accounts.organisation import organisation
from webapp.content import shelf
from webapp.mailings import values
from webapp.mailings.links import PREVIEW
from webapp.mailings.models import Mailing, Recipient
from webapp.people import subscriptions, suppression
from webapp.people.models import Consent
from webapp.platform.database import db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def test_the_page_has_one_button_and_changes_nothing(client: FlaskClient) -> None:
    recipient = _recipient()

    for answer in (client.get(_path(recipient)), client.head(_path(recipient))):
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers

    page = client.get(_path(recipient)).text
    assert "k•••@blichfeldtlys.example" in page
    assert "karen@blichfeldtlys.example" not in page
    assert page.count("<button") == 1
    assert not _is_blocked(recipient)


def test_the_button_unsubscribes_and_offers_the_way_back(client: FlaskClient) -> None:
    recipient = _recipient()

    answer = client.post(_path(recipient))

    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert "Put me back" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert _is_blocked(recipient)
    assert recipient.contact is not None
    assert recipient.contact.e_marketing == Consent.WITHDRAWN


def test_one_click_answers_200_also_when_repeated(client: FlaskClient) -> None:
    recipient = _recipient()

    for _time in range(3):
        answer = client.post(_path(recipient), data=ONE_CLICK)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Location" not in answer.headers

    assert _is_blocked(recipient)


def test_one_click_may_come_as_multipart(client: FlaskClient) -> None:
    recipient = _recipient()

    answer = client.post(_path(recipient), data=ONE_CLICK, content_type="multipart/form-data")

    assert answer.status_code == 200
    assert _is_blocked(recipient)


def test_the_page_after_one_click_says_that_it_is_done(client: FlaskClient) -> None:
    recipient = _recipient()
    client.post(_path(recipient), data=ONE_CLICK)

    page = client.get(_path(recipient)).text

    assert "You are unsubscribed" in page
    assert "Put me back" in page


def test_put_me_back_undoes_it(client: FlaskClient) -> None:
    recipient = _recipient()
    client.post(_path(recipient))

    answer = client.post(_path(recipient) + "/back")

    assert "Welcome back" in answer.text
    assert not _is_blocked(recipient)
    assert recipient.contact is not None
    assert recipient.contact.e_marketing == Consent.GRANTED


def test_the_reason_is_optional_and_thanked_for(client: FlaskClient) -> None:
    recipient = _recipient()
    client.post(_path(recipient))

    answer = client.post(_path(recipient) + "/why", data={"why": "never_asked"})

    assert "Thank you for telling us." in answer.text
    block = suppression.in_force(recipient.email_hash)
    assert block is not None
    assert block.comment
    assert client.post(_path(recipient) + "/why", data={"why": "nonsense"}).status_code == 200


def test_a_test_message_says_so_and_changes_nothing(client: FlaskClient) -> None:
    mailing = make_mailing()
    path = _path_of(mailing, PREVIEW)

    assert "comes from a test or preview" in client.get(path).text
    assert "nothing has changed" in client.post(path).text
    assert client.post(path, data=ONE_CLICK).status_code == 200


def test_the_page_speaks_the_language_of_the_recipient(client: FlaskClient) -> None:
    recipient = _recipient()
    assert recipient.contact is not None
    recipient.contact.language = "da"

    page = client.get(_path(recipient), headers={"Accept-Language": "en"}).text

    assert '<html lang="da"' in page


def test_the_page_speaks_the_language_of_the_browser_when_the_recipients_is_not_known(
    client: FlaskClient,
) -> None:
    recipient = _recipient()

    page = client.get(_path(recipient), headers={"Accept-Language": "da-DK,da;q=0.9"}).text

    assert '<html lang="da"' in page


def test_a_language_can_be_chosen(client: FlaskClient) -> None:
    recipient = _recipient()

    assert '<html lang="da"' in client.get(_path(recipient) + "?language=da").text
    assert '<html lang="en"' in client.get(_path(recipient) + "?language=xx").text


def test_an_address_without_a_contact_can_leave(client: FlaskClient) -> None:
    mailing = make_mailing()
    recipient = make_recipient(mailing, email="bare@address.example")

    client.post(_path(recipient))

    assert _is_blocked(recipient)


def test_the_name_of_the_organisation_is_text(client: FlaskClient) -> None:
    organisation().name = "<b>Fjordlys</b>"

    assert "<b>Fjordlys" not in client.get(_path(_recipient())).text


def _recipient() -> Recipient:
    return make_recipient(make_mailing(), make_contact())


def _path(recipient: Recipient) -> str:
    return urlsplit(values.public_links().unsubscribe(recipient.mailing_id, recipient.id)).path


def _path_of(mailing: Mailing, recipient_id: int) -> str:
    return urlsplit(values.public_links().unsubscribe(mailing.id, recipient_id)).path


def _is_blocked(recipient: Recipient) -> bool:
    db.session.expire_all()
    return suppression.in_force(recipient.email_hash) is not None


def test_it_works_also_when_the_mailing_was_deleted(client: FlaskClient) -> None:
    recipient = _recipient()
    shelf.remove(Mailing, [recipient.mailing_id], by=None)

    assert client.post(_path(recipient), data=ONE_CLICK).status_code == 200

    assert _is_blocked(recipient)


def test_a_mailing_with_a_type_offers_to_leave_it_or_everything(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()

    page = client.get(_path(recipient)).text

    assert "Unsubscribe from Newsletter?" in page
    assert page.count('type="submit"') == 2
    assert page.index("Unsubscribe from Newsletter</span>") < page.index(
        "Unsubscribe from everything</span>"
    )
    assert _subscribes(recipient)


def test_the_first_button_leaves_the_type_and_the_next_page_offers_the_rest(
    client: FlaskClient,
) -> None:
    recipient = _recipient_of_newsletter()

    page = client.post(_path(recipient), data={"leave": "type"}).text

    assert "You are unsubscribed from Newsletter" in page
    assert "Will you tell us why?" in page
    assert "Put me back" in page
    assert not _subscribes(recipient)
    assert not _is_blocked(recipient)
    assert "You are unsubscribed from Newsletter" in client.get(_path(recipient)).text

    assert (
        "You are unsubscribed</h1>"
        in client.post(_path(recipient), data={"leave": "everything"}).text
    )
    assert _is_blocked(recipient)


def test_one_click_leaves_the_type_when_the_mailing_has_one(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()

    for _time in range(2):
        assert client.post(_path(recipient), data=ONE_CLICK).status_code == 200

    assert not _subscribes(recipient)
    assert not _is_blocked(recipient)


def test_a_button_that_is_not_there_leaves_the_type(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()
    client.post(_path(recipient), data={"leave": "nonsense"})
    assert not _subscribes(recipient)
    assert not _is_blocked(recipient)


def test_put_me_back_brings_back_the_type(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()
    client.post(_path(recipient), data=ONE_CLICK)

    assert "Welcome back" in client.post(_path(recipient) + "/back").text

    assert _subscribes(recipient)


def test_what_is_kept_is_named(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()
    assert recipient.contact is not None
    subscriptions.subscribe(recipient.contact, make_type(en="Events"), source="Fair")
    assert "You keep Events." in client.get(_path(recipient)).text
    assert "You keep Events." in client.post(_path(recipient)).text


def test_the_type_has_its_name_in_the_language_of_the_recipient(client: FlaskClient) -> None:
    recipient = _recipient_of_newsletter()
    assert recipient.contact is not None
    recipient.contact.language = "da"
    assert "Nyhedsbrev" in client.get(_path(recipient)).text
    assert "Newsletter" in client.get(_path(recipient) + "?language=en").text


def test_a_test_of_a_mailing_with_a_type_changes_nothing(client: FlaskClient) -> None:
    path = _path_of(make_mailing(subscription_type_id=newsletter().id), PREVIEW)
    assert "from this or from everything" in client.get(path).text
    assert "You are unsubscribed from Newsletter" in client.post(path).text
    assert "You are unsubscribed</h1>" in client.post(path, data={"leave": "everything"}).text


def _recipient_of_newsletter() -> Recipient:
    contact = make_contact()
    subscriptions.subscribe(contact, newsletter(), source="Fair")
    return make_recipient(make_mailing(subscription_type_id=newsletter().id), contact)


def _subscribes(recipient: Recipient) -> bool:
    assert recipient.contact_id is not None
    now = subscriptions.current(recipient.contact_id, newsletter().id)
    return now is not None and now.subscribed
