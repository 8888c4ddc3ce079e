"""Who of a mailing's sources gets it: the options, overriding consent, and why somebody did not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.factories import (
    make_company,
    make_contact,
    make_mailing,
    make_recipient,
    make_type,
)
from webapp.accounts.rights import Role
from webapp.mailings import sources
from webapp.mailings.models import LeftOut, Mailing, State
from webapp.people.models import Consent, Contact
from webapp.platform.database import db

SignedInPage = Callable[..., Page]


def test_the_options_change_who_gets_it(signed_in_page: SignedInPage) -> None:
    shop = make_company("Dam Lys", email="shop@dam.example", email_key="shop@dam.example")
    ib = make_contact("Ib Dam", "home@dam.example", company=shop)
    mailing = make_draft(ib, make_contact("Ulla Dam", "home@dam.example"))
    page = signed_in_page()
    page.goto(recipients_of(mailing))
    expect(reach(page)).to_have_text("1")
    expect(page.get_by_role("link", name="Duplicate address 1")).to_be_visible()

    switch(page, "One message per address")
    expect(reach(page)).to_have_text("2")
    expect(page.get_by_role("link", name="Duplicate address")).to_have_count(0)

    switch(page, "Include companies")
    expect(reach(page)).to_have_text("3")
    expect(status_of(page, "shop@dam.example")).to_contain_text("Will receive it")

    switch(page, "Update the list when sending")
    page.reload()
    for name, on in {
        "One message per address": False,
        "Include companies": True,
        "Prefer the company": False,
        "Update the list when sending": False,
    }.items():
        expect(page.get_by_role("switch", name=name)).to_be_checked(checked=on)


def test_where_a_company_shares_an_address_it_may_be_preferred(
    signed_in_page: SignedInPage,
) -> None:
    shop = make_company("Dam Lys", email="home@dam.example", email_key="home@dam.example")
    mailing = make_draft(
        make_contact("Ib Voss", "home@dam.example", company=shop), include_companies=True
    )
    page = signed_in_page()
    page.goto(recipients_of(mailing))
    expect(status_of(page, "Ib Voss")).to_contain_text("Will receive it")
    switch(page, "Prefer the company")
    expect(status_of(page, "Ib Voss")).to_contain_text("Duplicate address")
    expect(status_of(page, "Will receive it")).to_contain_text("Dam Lys")


def test_consent_is_overridden_with_a_reason_that_is_shown_before_sending(
    signed_in_page: SignedInPage,
) -> None:
    mailing = make_draft(make_contact("Silent One", e_marketing=Consent.UNKNOWN))
    page = signed_in_page()
    page.goto(recipients_of(mailing))
    expect(reach(page)).to_have_text("0")

    page.get_by_role("link", name="Override consent…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Override consent").click()
    expect(dialog.get_by_text("Say why this mailing may go to people")).to_be_visible()
    dialog.get_by_label("Reason").fill("Recall of Lumo")
    dialog.get_by_role("button", name="Override consent").click()
    expect(page.get_by_text("“Recall of Lumo” (Mette Administrator)")).to_be_visible()
    expect(reach(page)).to_have_text("1")

    page.get_by_role("link", name="Continue").click()
    page.wait_for_url("**/confirm")
    warning = page.get_by_role("listitem").filter(has_text="without consent or subscription")
    expect(warning).to_contain_text("“Recall of Lumo”")

    page.goto(recipients_of(mailing))
    page.get_by_role("button", name="Respect consent again").click()
    expect(reach(page)).to_have_text("0")


@pytest.mark.parametrize("role", [Role.MARKETER, Role.AUTHOR])
def test_who_may_not_override_consent_is_not_asked(
    signed_in_page: SignedInPage, role: Role
) -> None:
    page = signed_in_page(role)
    page.goto(recipients_of(make_draft(make_contact())))
    expect(page.get_by_role("switch", name="One message per address")).to_be_visible()
    expect(page.get_by_text("Override consent")).to_have_count(0)


def test_all_reasons_of_somebody_left_out_can_be_read(signed_in_page: SignedInPage) -> None:
    away = make_contact("Ib Dam", former_employee=True, e_marketing=Consent.WITHDRAWN)
    mailing = make_draft(away, subscription_type_id=make_type(en="Events").id)
    page = signed_in_page()
    page.goto(recipients_of(mailing))
    row = status_of(page, "Ib Dam")
    expect(row).to_contain_text("Former employee")
    more = row.get_by_text("2 more reasons")
    expect(more).to_have_attribute("title", "No consent, No subscription")
    more.click()
    expect(row.get_by_text("No consent, No subscription")).to_be_visible()


def test_why_somebody_was_not_mailed_stands_on_the_mailing_and_on_the_card(
    signed_in_page: SignedInPage,
) -> None:
    silent = make_contact("Silent One", "silent@x.example", e_marketing=Consent.UNKNOWN)
    mailing = make_mailing("November newsletter")
    make_recipient(mailing, silent, reason=LeftOut.NO_CONSENT)
    make_recipient(
        mailing,
        make_contact("Away One", "away@x.example", former_employee=True, no_mailings=True),
        reason=LeftOut.FORMER_EMPLOYEE,
    )
    page = signed_in_page()
    page.goto(f"/mailings/{mailing.id}/recipients")
    page.get_by_role("link", name="Left out 2").click()
    expect(status_of(page, "Silent One")).to_contain_text("There was no consent")
    expect(status_of(page, "Away One")).to_contain_text("By now also: No mailings")
    page.get_by_role("link", name="No consent 1").click()
    expect(status_of(page, "Away One")).to_have_count(0)

    page.get_by_role("link", name="Silent One").click()
    expect(page.get_by_text("Was left out of “November newsletter”")).to_be_visible()
    page.get_by_role("link", name="Grant consent").first.click()
    expect(page.get_by_role("heading", name="Consent of Silent One")).to_be_visible()


def make_draft(*people: Contact, **values: object) -> Mailing:
    mailing = make_mailing("Lumo for professionals", state=State.DRAFT, **values)
    for person in people:
        sources.add_contact(mailing, person)
    db.session.commit()
    return mailing


def recipients_of(mailing: Mailing) -> str:
    return f"/mailings/{mailing.id}/draft/recipients"


def switch(page: Page, name: str) -> None:
    """It is saved at once, and the page comes anew."""
    with page.expect_navigation():
        page.get_by_role("switch", name=name).click()


def reach(page: Page) -> Locator:
    return page.locator(".figure-huge")


def status_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)
