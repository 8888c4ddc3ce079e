from html import unescape
from typing import Any

import pytest

from tests.factories import make_company, make_contact, make_content, make_mailing, make_type
from webapp.content.document import add_block, all_blocks, delete, update_part
from webapp.content.opening import Document
from webapp.mailings import attachments, preflight, sources
from webapp.mailings.checks import Finding, Fix, FixKind
from webapp.mailings.models import Mailing, State
from webapp.mailings.preflight import NotReady
from webapp.mailings.steps import Step


def make_draft(**values: Any) -> Mailing:
    """Ready to send to one person, unless the values say otherwise."""
    mailing = make_mailing(state=State.DRAFT, **({"preheader": "It dims by itself"} | values))
    sources.add_contact(mailing, make_contact())
    return mailing


def with_block(kind: str, **values: object) -> Document:
    document, block_id = add_block(make_content(), kind)
    return update_part(document, block_id, values)


def the_finding(findings: list[Finding], words: str) -> Finding:
    [found] = [finding for finding in findings if words in finding.text]
    return found


def test_a_mailing_with_everything_is_ready() -> None:
    report = preflight.check(make_draft())
    assert report.errors == []
    assert report.warnings == []
    assert the_finding(report.fine, "1 recipient")


@pytest.mark.parametrize(
    ("values", "words", "step"),
    [
        ({"subject": "  "}, "no subject", Step.SETUP),
        ({"from_address": ""}, "comes from is missing", Step.SETUP),
        ({"content": None}, "Nothing is written", Step.TEMPLATE),
        ({"subject": "Hi [[customer.firstname"}, "never ends", Step.SETUP),
    ],
)
def test_what_is_missing_is_an_error_with_the_step_that_mends_it(
    values: dict[str, Any], words: str, step: Step
) -> None:
    assert the_finding(preflight.check(make_draft(**values)).errors, words).step == step


def test_a_mailing_to_nobody_is_not_ready() -> None:
    mailing = make_mailing(state=State.DRAFT)
    assert the_finding(preflight.check(mailing).errors, "no recipients")
    sources.add_contact(mailing, make_contact(no_mailings=True))
    assert the_finding(preflight.check(mailing).errors, "Nobody can be mailed")


def test_the_first_error_is_the_reason_why_it_cannot_be_sent() -> None:
    with pytest.raises(NotReady, match="There is no subject"):
        preflight.require_ready(make_draft(subject=""))


def test_an_unknown_tag_is_mended_where_it_stands_with_its_fallback() -> None:
    content = with_block("text", html='<p>Hi [[customer.fristname|"you"]]</p>')
    mailing = make_draft(content=content)
    finding = the_finding(preflight.check(mailing).errors, "customer.fristname")
    assert finding.fix is not None
    assert finding.fix.label == "Use firstname"
    assert finding.block in {block["id"] for block in all_blocks(content)}
    assert preflight.mend(mailing, finding.fix.kind, finding.fix.old)
    assert preflight.check(mailing).errors == []
    texts = [str(block.get("html")) for block in all_blocks(mailing.content or {})]
    assert any('[[customer.firstname|"you"]]' in unescape(text) for text in texts)


def test_an_unsubscribe_link_that_only_some_read_is_not_enough() -> None:
    content = make_content()
    footer = [block for block in all_blocks(content) if "link.unsubscribe" in str(block)]
    for block in footer:
        html = f'[[IF:customer.language="da"]]{block["html"]}[[ENDIF]]'
        content = update_part(content, block["id"], {"html": html})
    mailing = make_draft(content=content)
    finding = the_finding(preflight.check(mailing).errors, "Not everybody")
    assert finding.fix is not None
    assert preflight.mend(mailing, finding.fix.kind, finding.fix.old)
    assert preflight.check(mailing).errors == []


def test_a_mend_that_is_not_offered_changes_nothing() -> None:
    mailing = make_draft()
    before = mailing.content
    assert not preflight.mend(mailing, FixKind.TEXT, "Light")
    assert mailing.content == before
    assert mailing.subject == "Light for the dark months"


def test_an_unsubscribe_link_is_needed_and_added_by_one_click() -> None:
    content = make_content()
    footer = list(all_blocks(content))[-1]
    mailing = make_draft(content=delete(content, footer["id"]))
    finding = the_finding(preflight.check(mailing).errors, "no unsubscribe link")
    assert finding.fix == Fix(FixKind.UNSUBSCRIBE, "Add it")
    assert preflight.mend(mailing, FixKind.UNSUBSCRIBE, "")
    assert preflight.check(mailing).errors == []


def test_a_broken_block_is_an_error() -> None:
    content = make_content()
    content["rows"][0]["columns"][0]["blocks"][0] = "not a block"
    assert the_finding(preflight.check(make_draft(content=content)).errors, "cannot be shown")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:3000/partner",
        "http://127.0.0.1/",
        "https://shop.test/",
        "http://192.168.1.20/x",
    ],
)
def test_a_link_to_a_test_address_is_a_warning_at_its_block(address: str) -> None:
    content = with_block("button", label="Partners", url=address)
    warning = the_finding(preflight.check(make_draft(content=content)).warnings, "test address")
    assert "Partners" in warning.detail
    assert [warning.block] == [b["id"] for b in all_blocks(content) if b.get("url") == address]


def test_a_button_that_leads_nowhere_is_a_warning() -> None:
    content = with_block("button", label="Read more", url="")
    assert the_finding(preflight.check(make_draft(content=content)).warnings, "leads nowhere")


def test_a_picture_without_alt_text_is_a_warning_with_its_name() -> None:
    content = with_block("image", src="https://www.fjordlys.example/lumo-table.jpg?w=600")
    warning = the_finding(preflight.check(make_draft(content=content)).warnings, "alt text")
    assert "lumo-table.jpg" in warning.text


def test_a_missing_preheader_is_a_warning() -> None:
    assert the_finding(preflight.check(make_draft(preheader="")).warnings, "no preheader")


def test_an_override_of_consent_is_a_warning_with_its_reason() -> None:
    report = preflight.check(make_draft(override_reason="Recall of Lumo"))
    finding = the_finding(report.warnings, "without consent")
    assert (finding.detail, finding.step) == ("“Recall of Lumo”", Step.RECIPIENTS)


def test_a_message_that_gmail_would_cut_is_a_warning() -> None:
    content = with_block("text", html="<p>" + "Light for everybody. " * 4700 + "</p>")
    assert the_finding(preflight.check(make_draft(content=content)).warnings, "KB")


def test_attachments_that_many_servers_refuse_are_a_warning() -> None:
    mailing = make_draft()
    assert not any("attachment" in finding.text for finding in preflight.check(mailing).findings)
    attachments.add(mailing, "prices.pdf", b"x" * 800_000)
    attachments.add(mailing, "film.mp4", b"x" * 4_200_000)
    assert the_finding(preflight.check(mailing).fine, "attachment").text == "2 attachments, 5 MB"
    attachments.add(mailing, "notes.txt", b"x" * 100_000)
    warning = the_finding(preflight.check(mailing).warnings, "attachments")
    assert "5.1 MB" in warning.text
    assert "10 MB" in warning.detail
    assert warning.step == Step.SETUP


def test_people_without_a_value_are_counted_with_what_they_read_instead() -> None:
    content = with_block("text", html="<p>To [[company.name]]</p>")
    mailing = make_draft(content=content)
    sources.add_contact(mailing, make_contact("", "nameless@fjordlys.example"))
    sources.add_contact(
        mailing, make_contact("Bo Ørsted", "bo@lys.example", company=make_company())
    )
    warnings = preflight.check(mailing).warnings
    names = the_finding(warnings, "1 recipient has no value for “First name”")
    assert "“there”" in names.detail
    companies = the_finding(warnings, "2 recipients have no value for “The recipient's company”")
    assert "nothing" in companies.detail


def test_who_is_left_out_is_not_counted_as_lacking_a_value() -> None:
    mailing = make_draft()
    sources.add_contact(mailing, make_contact("", "left@out.example", no_mailings=True))
    assert preflight.check(mailing).warnings == []


def test_finished_html_is_checked_for_pictures_too() -> None:
    html = (
        '<p>Hi</p><img src="https://x.example/a.png"><img src="https://x.example/b.png" alt="">'
        '<a href="[[link.unsubscribe]]">Unsubscribe</a>'
    )
    report = preflight.check(make_draft(content={"kind": "html", "html": html}))
    assert report.errors == []
    assert the_finding(report.warnings, "alt text").text.count("a.png") == 1


def test_a_subscription_type_that_became_inactive_is_a_warning() -> None:
    type_ = make_type(en="Events", active=False)
    warning = the_finding(
        preflight.check(make_draft(subscription_type_id=type_.id)).warnings, "not active any more"
    )
    assert "Events" in warning.text
    assert warning.step == Step.SETUP
    type_.active = True
    assert preflight.check(make_draft(subscription_type_id=type_.id)).warnings == []
