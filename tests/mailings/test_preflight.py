"""The check as a whole: its order, what it stops, and the mends that it offers."""

from html import unescape
from typing import Any

import pytest

from tests.factories import make_content
from tests.support.drafts import make_draft, the_finding, with_block, written
from webapp.content.document.operations import delete, update_part
from webapp.content.document.parts import all_blocks
from webapp.content.email.compile import TEXT
from webapp.mailings import preflight
from webapp.mailings.checks.finding import Draft, Finding, Findings, Fix, FixKind, Level, Place
from webapp.mailings.preflight import NotReady
from webapp.platform.locales import speaking


def test_a_mailing_with_everything_is_ready() -> None:
    report = preflight.check(make_draft())
    assert report.errors == []
    assert report.warnings == []
    assert [hint.place for hint in report.hints] == [Place.TEST]
    assert the_finding(report.fine, "1 recipient")


@pytest.mark.parametrize(
    ("values", "words", "place"),
    [
        ({"subject": "  "}, "no subject", Place.SETUP),
        ({"from_address": ""}, "comes from is missing", Place.SETUP),
        ({"content": None}, "Nothing is written", Place.TEMPLATE),
        ({"subject": "Hi [[customer.firstname"}, "never ends", Place.SETUP),
    ],
)
def test_what_is_missing_is_an_error_with_the_place_that_mends_it(
    values: dict[str, Any], words: str, place: Place
) -> None:
    mailing = make_draft(**values)
    assert the_finding(preflight.check(mailing).errors, words).place == place
    with pytest.raises(NotReady, match=words):
        preflight.require_ready(mailing)


def test_a_mailing_that_only_has_warnings_may_be_sent() -> None:
    mailing = make_draft(preheader="", subject="RE: LAMPS!!")
    assert preflight.check(mailing).warnings
    preflight.require_ready(mailing)


def test_an_upper_floor_may_stop_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_draft: Draft) -> Findings:
        yield Finding(Level.ERROR, "Not on a Sunday.")

    monkeypatch.setattr(preflight, "STOPPING", list(preflight.STOPPING))
    preflight.register(never)
    with pytest.raises(NotReady, match="Not on a Sunday"):
        preflight.require_ready(make_draft())


def test_an_unknown_tag_is_mended_where_it_stands_with_its_fallback() -> None:
    content = with_block("text", html='<p>Hi [[customer.fristname|"you"]]</p>')
    mailing = make_draft(content=content)
    finding = the_finding(preflight.check(mailing).errors, "customer.fristname")
    assert finding.fix is not None
    assert finding.fix.label == "Use firstname"
    assert finding.at in {block["id"] for block in all_blocks(content)}
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


def test_a_text_of_ones_own_gets_its_unsubscribe_link_by_one_click() -> None:
    mailing = make_draft(content=written() | {TEXT: "The lamps are here. Come and see."})
    finding = the_finding(preflight.check(mailing).warnings, "plain text has no unsubscribe")
    assert (finding.place, finding.fix) == (
        Place.TEXT,
        Fix(FixKind.UNSUBSCRIBE_IN_TEXT, "Add it"),
    )
    assert preflight.mend(mailing, FixKind.UNSUBSCRIBE_IN_TEXT, "")
    assert (mailing.content or {})[TEXT].endswith("see.\n\nUnsubscribe: [[link.unsubscribe]]\n")
    assert preflight.check(mailing).warnings == []


def test_an_added_link_speaks_the_language_of_the_e_mail() -> None:
    document = written()
    document["body"]["language"] = "da"
    mailing = make_draft(content=document | {TEXT: "Lamperne er her. Kom og se dem."})
    with speaking("en"):
        assert preflight.mend(mailing, FixKind.UNSUBSCRIBE_IN_TEXT, "")
    assert "Afmeld: [[link.unsubscribe]]" in (mailing.content or {})[TEXT]
