from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.factories import make_contact, make_field, make_type
from webapp.accounts.rights import Role
from webapp.people.imports import dry_run
from webapp.people.imports.models import Import, ImportState
from webapp.people.models import Consent, Contact
from webapp.platform.database import db
from webapp.views.security import UPLOADS

DATA = Path(__file__).parents[2] / "data"

SignIn = Callable[..., FlaskClient]
SignInPage = Callable[..., Page]
RunJobs = Callable[[], int]

PEOPLE = b"Name;E-mail;Town\nKaren Dam;karen@lys.example.dk;Aarhus\nOle;ole@@voss.example.dk;\n"
STATEMENT = {
    "basis": "consent",
    "source": "Autumn fair",
    "known": "fill",
    "selection_name": "Fair",
}
FRAGMENT = {"HX-Request": "true"}


def upload(browser: FlaskClient, content: bytes = PEOPLE, name: str = "fair.csv") -> TestResponse:
    return browser.post("/contacts/imports/new", data={"file": (BytesIO(content), name)})


def choose(browser: FlaskClient, **fields: str) -> TestResponse:
    columns = fields or {"column-0": "name", "column-1": "email", "column-2": "city"}
    return browser.post(f"/contacts/imports/{latest().id}/columns", data=columns)


def checked(browser: FlaskClient, content: bytes = PEOPLE) -> str:
    upload(browser, content)
    return choose(browser).headers["Location"]


def latest() -> Import:
    return db.session.scalars(select(Import).order_by(Import.id.desc()).limit(1)).one()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact)) or 0


def test_a_list_goes_from_upload_to_a_selection(signed_in: SignIn, run_jobs: RunJobs) -> None:
    browser = signed_in()
    columns = upload(browser).headers["Location"]
    assert columns == f"/contacts/imports/{latest().id}/columns"
    assert "Karen Dam" in browser.get(columns).text
    check = choose(browser).headers["Location"]
    page = browser.get(check).text
    assert "has two @ in a row" in page
    assert people() == 0
    result = browser.post(check, data=STATEMENT).headers["Location"]
    assert "Waiting for its turn" in browser.get(result).text
    run_jobs()
    page = browser.get(result).text
    assert "person imported" in page
    assert "Autumn fair" in page
    assert f"/selections/{latest().selection_id}" in page
    assert people() == 1


def test_the_columns_are_guessed_and_an_unknown_one_is_left_out(signed_in: SignIn) -> None:
    browser = signed_in()
    page = browser.get(upload(browser, b"Navn;Mail;Shoe size\nBo;bo@x.example.dk;44\n").location)
    assert '<option value="name" selected>' in page.text
    assert '<option value="email" selected>' in page.text
    assert page.text.count(" selected>") == 2


def test_a_heading_that_stands_twice_is_pointed_out(signed_in: SignIn) -> None:
    browser = signed_in()
    page = browser.get(upload(browser, b"E-mail;Name;e-mail\nbo@x.example.dk;Bo;\n").location)
    assert page.text.count("Heading twice") == 2


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "This file is empty"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"PK\x03\x04 nothing in it", "This workbook is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(signed_in: SignIn, content: bytes, why: str) -> None:
    answer = upload(signed_in(), content, "list.xlsx")
    assert answer.status_code == 422
    assert why in answer.text


def test_an_upload_without_a_file_asks_for_one(signed_in: SignIn) -> None:
    answer = signed_in().post("/contacts/imports/new", data={})
    assert answer.status_code == 422
    assert "Choose the file to import." in answer.text


def test_a_file_that_is_too_large_says_so(signed_in: SignIn) -> None:
    answer = upload(signed_in(), b"x" * (UPLOADS["imports.new"] + 1))
    assert answer.status_code == 422
    assert "larger than the 150 MB" in answer.text


def test_a_stranger_with_a_file_that_is_too_large_is_led_to_sign_in(
    client: FlaskClient, app: Flask
) -> None:
    answer = upload(client, b"x" * (UPLOADS["imports.new"] + 1))
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_another_sheet_can_be_chosen(signed_in: SignIn) -> None:
    book = openpyxl.Workbook()
    book.active.append(["E-mail", "Name"])
    book.active.append(["bo@x.example.dk", "Bo"])
    other = book.create_sheet("Old ones")
    other.append(["Mail"])
    other.append(["eva@x.example.dk"])
    file = BytesIO()
    book.save(file)
    browser = signed_in()
    page = browser.get(upload(browser, file.getvalue(), "book.xlsx").location)
    assert "bo@x.example.dk" in page.text
    answer = browser.post(f"/contacts/imports/{latest().id}/sheet", data={"sheet": "Old ones"})
    assert "eva@x.example.dk" in browser.get(answer.location).text


def test_without_an_address_column_it_does_not_go_on(signed_in: SignIn) -> None:
    browser = signed_in()
    upload(browser)
    answer = choose(browser, **{"column-0": "name", "column-2": "city"})
    assert answer.status_code == 422
    assert "Choose the column that holds the e-mail addresses." in answer.text
    assert '<option value="city" selected>' in answer.text


def test_basis_and_source_have_to_be_stated(signed_in: SignIn) -> None:
    browser = signed_in()
    answer = browser.post(checked(browser), data=STATEMENT | {"basis": "", "source": " "})
    assert answer.status_code == 422
    assert "Choose why we may write to these people." in answer.text
    assert "Say where these people come from" in answer.text
    assert latest().state == ImportState.CHECKED


def test_the_check_says_how_many_change_either_way_and_who_stays_unsubscribed(
    signed_in: SignIn,
) -> None:
    make_contact("Karen Dam", "karen@lys.example.dk", city="Ry", e_marketing=Consent.WITHDRAWN)
    browser = signed_in()
    page = browser.get(checked(browser)).text
    assert "0 of them change" in page
    assert "1 of them changes. Empty cells change nothing." in page
    assert "One of them has withdrawn consent, unsubscribed or is blocked." in page


def test_the_check_says_for_whom_a_yes_is_recorded_and_what_it_subscribes_to(
    signed_in: SignIn,
) -> None:
    make_type(en="News", is_default=True)
    browser = signed_in()
    page = browser.get(checked(browser)).text
    assert "A yes is recorded" in page
    assert "Whoever says yes subscribes to Newsletter, News, unless they left it before." in page


CATEGORIES = b"E-mail;Category\nbo@x.example.dk;Dealer\neva@x.example.dk;Press\n"


def test_an_administrator_puts_unknown_words_on_the_lists(signed_in: SignIn) -> None:
    browser = signed_in()
    upload(browser, CATEGORIES)
    check = choose(browser, **{"column-0": "email", "column-1": "category"}).location
    page = browser.get(check).text
    assert "Category: “Dealer” is unknown, left out" in page
    assert "Add the 2 unknown categories and interests" in page
    assert browser.post(f"/contacts/imports/{latest().id}/lists").location == check
    assert "is unknown" not in browser.get(check).text


def test_a_marketer_is_told_who_puts_words_on_the_lists(signed_in: SignIn) -> None:
    browser = signed_in(Role.MARKETER)
    upload(browser, CATEGORIES)
    check = choose(browser, **{"column-0": "email", "column-1": "category"}).location
    assert "An administrator can put unknown categories" in browser.get(check).text
    assert browser.post(f"/contacts/imports/{latest().id}/lists").status_code == 403


def test_the_fields_of_the_organisation_are_offered_and_filled(
    signed_in: SignIn, run_jobs: RunJobs
) -> None:
    make_field("Shop size")
    browser = signed_in()
    page = browser.get(upload(browser, b"E-mail;Butik\nbo@x.example.dk;85\n").location).text
    assert '<optgroup label="Your own fields"><option value="field.shop_size">Shop size' in page
    check = choose(browser, **{"column-0": "email", "column-1": "field.shop_size"}).location
    browser.post(check, data=STATEMENT)
    run_jobs()
    assert db.session.scalars(select(Contact.fields)).all() == [{"shop_size": 85}]


def test_a_large_file_is_checked_by_a_worker(
    signed_in: SignIn, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "MAX_SIZE_AT_ONCE", 10)
    browser = signed_in()
    check = checked(browser)
    assert "The rows are being checked" in browser.get(check).text
    part = browser.get(check, headers=FRAGMENT).text.strip()
    assert part.startswith('<div id="progress"')
    run_jobs()
    assert browser.get(check, headers=FRAGMENT).headers["HX-Redirect"] == check
    assert "person can be imported" in browser.get(check).text


def test_a_file_that_breaks_half_way_is_told_at_its_columns(signed_in: SignIn) -> None:
    browser = signed_in()
    rows = b"Bo;bo@x.example.dk;\n" * 60 + b'Eva;"eva@x.example.dk;\nPer;per@x.example.dk;\n' * 2
    answer = browser.get(checked(browser, PEOPLE + rows))
    assert "quotation mark that is not closed" in answer.text


def test_each_page_leads_to_where_the_import_is(signed_in: SignIn, run_jobs: RunJobs) -> None:
    browser = signed_in()
    upload(browser)
    address = f"/contacts/imports/{latest().id}"
    assert browser.get(address).location == f"{address}/columns"
    assert browser.get(f"{address}/check").location == f"{address}/columns"
    choose(browser)
    assert browser.get(address).location == f"{address}/check"
    assert browser.get(f"{address}/columns").status_code == 200
    browser.post(f"{address}/check", data=STATEMENT)
    run_jobs()
    assert browser.get(f"{address}/columns").location == address
    assert browser.get(f"{address}/check").location == address


def test_the_rejected_rows_come_as_a_workbook(signed_in: SignIn) -> None:
    browser = signed_in()
    checked(browser)
    answer = browser.get(f"/contacts/imports/{latest().id}/rejected")
    assert "fair, rejected rows.xlsx" in answer.headers["Content-Disposition"]
    rows = list(openpyxl.load_workbook(BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert rows[1][:3] == ("Ole", "ole@@voss.example.dk", None)


def test_a_failed_import_says_why_and_can_be_tried_again(
    signed_in: SignIn, run_jobs: RunJobs
) -> None:
    browser = signed_in()
    browser.post(checked(browser), data=STATEMENT)
    import_ = latest()
    import_.state, import_.error = ImportState.FAILED, "The disk was full."
    address = f"/contacts/imports/{import_.id}"
    assert "The disk was full." in browser.get(address).text
    browser.post(f"{address}/retry")
    run_jobs()
    assert "person imported" in browser.get(address).text


def test_a_selection_that_was_deleted_since_is_offered_no_more(
    signed_in: SignIn, run_jobs: RunJobs
) -> None:
    browser = signed_in()
    browser.post(checked(browser), data=STATEMENT)
    run_jobs()
    browser.post(f"/selections/{latest().selection_id}/delete")
    page = browser.get(f"/contacts/imports/{latest().id}").text
    assert "Deleted since" in page
    assert "Open the selection" not in page


def test_the_history_lists_imports_and_removing_one_keeps_its_people(
    signed_in: SignIn, run_jobs: RunJobs
) -> None:
    browser = signed_in()
    assert "Bring your people along" in browser.get("/contacts/imports/").text
    browser.post(checked(browser), data=STATEMENT)
    run_jobs()
    assert "fair.csv" in browser.get("/contacts/imports/").text
    answer = browser.post(f"/contacts/imports/{latest().id}/delete", follow_redirects=True)
    assert "Its people stay." in answer.text
    assert people() == 1


def test_an_import_that_is_not_there_is_not_found(signed_in: SignIn) -> None:
    browser = signed_in()
    for page in ("", "/columns", "/check", "/rejected"):
        assert browser.get(f"/contacts/imports/999{page}").status_code == 404


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.VIEWER])
def test_who_may_not_import_does_not_see_imports(signed_in: SignIn, role: Role) -> None:
    browser = signed_in(role)
    assert browser.get("/contacts/imports/").status_code == 403
    assert upload(browser).status_code == 403


def test_a_real_list_is_imported_in_the_browser(
    signed_in_page: SignInPage, run_jobs: RunJobs
) -> None:
    page = signed_in_page()
    page.goto("/contacts/imports/new")
    page.set_input_files("input[type=file]", DATA / "kunder.xlsx")
    expect(page.get_by_text("kunder.xlsx")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("combobox", name="Fornavn")).to_have_value("first_name")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("people can be imported")).to_be_visible()
    page.get_by_label("Consent", exact=False).first.check()
    page.get_by_label("Where do these people come from?").fill("The shop")
    page.get_by_role("button", name="Import").first.click()
    expect(page.get_by_text("Waiting for its turn")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("people imported")).to_be_visible()
    page.get_by_role("link", name="Open the selection").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("kunder")
