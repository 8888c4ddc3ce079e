"""What a person allows: written down on the card, and taken back by the person."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.factories import make_contact, make_mailing, make_recipient, make_type, newsletter
from webapp.mailings import values
from webapp.people import subscriptions
from webapp.people.models import Consent, Contact

SignedInPage = Callable[..., Page]


def test_consent_is_granted_and_withdrawn_with_basis_and_source(
    signed_in_page: SignedInPage,
) -> None:
    contact = make_contact(e_marketing=Consent.UNKNOWN)
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}")
    expect(page.get_by_text("Nobody has said yes or no. No mailings are sent.")).to_be_visible()
    grant(page)
    withdraw(page)
    read_the_history(page)


def grant(page: Page) -> None:
    page.get_by_role("link", name="Change E-marketing").click()
    page.get_by_label("May get e-mail from us").check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("Say on what basis we may write.")).to_be_visible()
    page.get_by_label("Customer").check()
    page.get_by_label("How do we know?").fill("Bought Lumo at the fair")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("The consent is granted.")).to_be_visible()
    card = consent_card(page)
    expect(card).to_contain_text("Bought Lumo at the fair")
    expect(card).to_contain_text("Legal basis: Customer")


def withdraw(page: Page) -> None:
    page.get_by_role("link", name="Change E-marketing").click()
    page.get_by_label("Wants no more").check()
    page.get_by_label("How do we know?").fill("Rang and asked")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_text("The consent is withdrawn.")).to_be_visible()
    expect(consent_card(page)).to_contain_text("Rang and asked")


def read_the_history(page: Page) -> None:
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/privacy")
    entries = page.locator(".timeline-entry")
    expect(entries.first).to_contain_text("Consent withdrawn: E-marketing")
    expect(entries.first).to_contain_text("Written down by Mette Administrator")
    granted = entries.filter(has_text="Consent granted: E-marketing")
    expect(granted).to_contain_text("Bought Lumo at the fair")
    expect(granted).to_contain_text("Legal basis: Customer")


def test_subscriptions_are_switched_on_the_card_and_remembered(
    signed_in_page: SignedInPage,
) -> None:
    make_type(en="Events", da="Arrangementer")
    contact = make_contact()
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}/privacy")
    events = page.get_by_role("switch", name="Events")
    expect(events).not_to_be_checked()
    events.click()
    expect(events).to_be_checked()
    events.click()
    expect(events).not_to_be_checked()
    page.reload()
    said = page.locator(".timeline-entry")
    expect(said.filter(has_text="Subscribed to Events")).to_be_visible()
    expect(said.filter(has_text="Unsubscribed from Events")).to_be_visible()


def test_what_a_person_leaves_by_a_link_stands_on_the_card(
    signed_in_page: SignedInPage, live_server: str
) -> None:
    contact = make_contact()
    subscriptions.subscribe(contact, newsletter(), source="Fair")
    link = link_to_leave(contact)
    page = signed_in_page()
    leave(page.context, live_server + link)

    page.goto(f"/contacts/{contact.id}/privacy")
    expect(page.get_by_role("switch", name="Newsletter")).not_to_be_checked()
    left = page.locator(".timeline-entry").filter(has_text="Unsubscribed from Newsletter")
    expect(left).to_be_visible()
    # Who leaves one type may still be written to about others.
    expect(consent_card(page)).to_contain_text("Granted")


def link_to_leave(contact: Contact) -> str:
    mailing = make_mailing(subscription_type_id=newsletter().id)
    recipient = make_recipient(mailing, contact)
    return (
        values.public_links().unsubscribe(mailing.id, recipient.id).removeprefix("http://localhost")
    )


def leave(context: BrowserContext, link: str) -> None:
    public = context.new_page()
    public.goto(link)
    public.get_by_role("button", name="Unsubscribe from Newsletter").click()
    heading = public.get_by_role("heading", name="You are unsubscribed from Newsletter")
    expect(heading).to_be_visible()
    public.close()


def consent_card(page: Page) -> object:
    return page.locator(".standing").filter(has_text="E-marketing")


def test_privacy_mode_asks_before_it_goes_off(signed_in_page: SignedInPage) -> None:
    page = signed_in_page()
    page.goto("/settings/subscriptions")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Privacy mode is on")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("Off").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("Privacy mode is off")).to_be_visible()


def test_who_left_a_type_is_subscribed_again_only_after_a_question(
    signed_in_page: SignedInPage,
) -> None:
    contact, type_ = make_contact("Karen Dam"), make_type()
    page = signed_in_page()
    page.goto(f"/contacts/{contact.id}/privacy")
    switch = page.get_by_role("switch", name="Events")
    for now in ("true", "false"):
        switch.click()
        expect(switch).to_have_attribute("aria-checked", now)
    switch.click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Subscribe Karen Dam to Events again?")
    question.get_by_role("button", name="Subscribe").click()
    expect(switch).to_have_attribute("aria-checked", "true")
    assert subscriptions.current(contact.id, type_.id) is not None
