from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.factories import make_contact, make_type, newsletter
from tests.support.histories import subscription_history
from webapp.accounts.models import AuditEntry
from webapp.accounts.organisation import organisation
from webapp.accounts.rights import Role
from webapp.people import consent, subscriptions, suppression
from webapp.people.models import Basis, Consent, ConsentEntry, Contact, Purpose, SuppressionReason
from webapp.platform.database import db

SignIn = Callable[..., FlaskClient]
FRAGMENT = {"HX-Request": "true"}


def test_the_card_shows_both_purposes_with_basis_source_and_comment(signed_in: SignIn) -> None:
    contact = make_contact()
    consent.grant(
        contact,
        purpose=Purpose.SALES_SERVICE,
        basis=Basis.CONTRACT,
        source="Dealer agreement",
        comment="Box 4",
    )
    card = signed_in().get(f"/contacts/{contact.id}").text
    for words in (
        "E-marketing", "kunder.xlsx", "Legal basis: Consent",
        "Sales and service", "Dealer agreement", "Legal basis: Contract", "Box 4",
    ):  # fmt: skip
        assert words in card


@pytest.mark.parametrize(
    ("on", "sentence"), [(True, "No mailings are sent."), (False, "as privacy mode is off.")]
)
def test_the_card_says_what_silence_means(signed_in: SignIn, on: bool, sentence: str) -> None:
    organisation().privacy_mode = on
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    assert sentence in signed_in().get(f"/contacts/{contact.id}").text


def test_consent_to_sales_and_service_has_bases_of_its_own(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    url = f"/contacts/{contact.id}/consent?purpose=sales_service"
    page = browser.get(url).text
    assert "Contract" in page
    assert "Bought from us" not in page
    data = {"state": "granted", "basis": "customer", "source": "Order"}
    assert browser.post(url, data=data).status_code == 422
    assert browser.post(url, data=data | {"basis": "contract"}).status_code == 303
    assert contact.sales_service == Consent.GRANTED
    entry = db.session.scalars(select(ConsentEntry).order_by(ConsentEntry.id.desc())).first()
    assert entry
    assert (entry.purpose, entry.basis) == (Purpose.SALES_SERVICE, Basis.CONTRACT)


def test_a_purpose_that_does_not_exist_is_e_marketing(signed_in: SignIn) -> None:
    contact = make_contact()
    url = f"/contacts/{contact.id}/consent?purpose=nonsense"
    assert signed_in().post(url, data={"state": "withdrawn"}).status_code == 303
    assert contact.e_marketing == Consent.WITHDRAWN


def test_a_switch_subscribes_and_leaves_at_once_and_is_audited(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    url = f"/contacts/{contact.id}/subscriptions/{newsletter().id}"
    on = browser.post(url, data={"subscribed": "yes"}, headers=FRAGMENT)
    assert on.text.strip().startswith('<section class="card" id="subscriptions">')
    assert 'aria-checked="true"' in on.text
    assert "Changed by hand" in on.text or "Ændret i hånden" in on.text
    off = browser.post(url, data={"subscribed": "no"}, headers=FRAGMENT)
    assert 'aria-checked="false"' in off.text
    assert [entry.subscribed for entry in subscription_history(contact)] == [False, True]
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["subscribed", "unsubscribed"]


def test_a_double_click_changes_nothing_more(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    for _click in range(2):
        answer = browser.post(
            f"/contacts/{contact.id}/subscriptions/{newsletter().id}", data={"subscribed": "yes"}
        )
        assert answer.status_code == 303
    assert len(subscription_history(contact)) == 1


def test_a_type_that_does_not_exist_is_a_404(signed_in: SignIn) -> None:
    url = f"/contacts/{make_contact().id}/subscriptions/999999"
    assert signed_in().post(url, data={"subscribed": "yes"}).status_code == 404


def test_the_card_says_that_the_address_had_left_a_type(signed_in: SignIn) -> None:
    contact = make_contact()
    assert contact.email_hash
    suppression.block(contact.email_hash, SuppressionReason.UNSUBSCRIBED, type_id=newsletter().id)
    assert "The address left it" in signed_in().get(f"/contacts/{contact.id}").text


def test_the_history_tells_everything_with_who_wrote_it_down(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in()
    browser.post(
        f"/contacts/{contact.id}/consent", data={"state": "withdrawn", "source": "<i>Letter</i>"}
    )
    subscriptions.subscribe(contact, make_type(en="Events"), source="Showroom")
    page = browser.get(f"/contacts/{contact.id}/privacy").text
    for words in ("kunder.xlsx", "&lt;i&gt;Letter&lt;/i&gt;", "Events", "Showroom", "Mette Admin"):
        assert words in page


def test_a_contact_without_a_history_says_so(signed_in: SignIn) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    page = signed_in().get(f"/contacts/{contact.id}/privacy").text
    assert "Nothing was said yet" in page


def test_a_viewer_sees_subscriptions_and_cannot_change_them(signed_in: SignIn) -> None:
    contact, browser = make_contact(), signed_in(Role.VIEWER)
    subscriptions.subscribe(contact, newsletter(), source="Fair")
    card = browser.get(f"/contacts/{contact.id}").text
    assert "Subscribes" in card
    assert 'role="switch"' not in card
    url = f"/contacts/{contact.id}/subscriptions/{newsletter().id}"
    assert browser.post(url, data={"subscribed": "no"}).status_code == 403


def test_a_switch_is_worked_by_the_keyboard_and_keeps_the_focus(
    signed_in_page: Callable[..., Page],
) -> None:
    contact: Contact = make_contact()
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}")
    switch = page.get_by_role("switch", name="Newsletter")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "true")
    expect(switch).to_be_focused()
    expect(page.locator("#subscriptions")).to_contain_text("Since")
