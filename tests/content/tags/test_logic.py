"""Choices in an e-mail: within a text, across paragraphs, blocks and rows, and in finished HTML."""

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from tests.content.compiling import HOSTILE, compiled, of_blocks, shown
from webapp.content.document.operations import Document, update_part
from webapp.content.email.compile import CompiledContent, size, unsubscribe_present
from webapp.content.email.plain_text import plain_text
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.tags.merge_tags import sample_values
from webapp.content.tags.problems import ProblemKind
from webapp.content.tags.segments import dumped, loaded, names, readable, render, slots
from webapp.content.tags.tag_parsing import named

DA, EN = {"customer.language": "da"}, {"customer.language": "en"}
IF_DA = '[[IF:customer.language="da"]]'


def text(html: str) -> dict[str, Any]:
    return {"type": "text", "html": html}


def rows(*blocks: dict[str, Any]) -> Document:
    """Each block in a row of its own."""
    document = of_blocks()
    document["rows"] = [
        {"id": f"r{number}", "columns": [{"width": 100, "blocks": [{"id": f"b{number}", **block}]}]}
        for number, block in enumerate(blocks)
    ]
    return document


def html_mail(inside: str) -> Document:
    return {"kind": "html", "html": f"<html><body>{inside}</body></html>"}


def read(content: CompiledContent, **known: str) -> str:
    """The plain text, without its line breaks."""
    clicks = {f"click.{link.number}": f"go.example/{link.number}" for link in content.links}
    return " ".join(render(content.text, clicks | known).split())


def faults(content: CompiledContent) -> list[tuple[str, str]]:
    return [(problem.where, str(problem.message)) for problem in content.problems]


@pytest.mark.parametrize(
    "subject",
    [
        f"{IF_DA}Nyt[[ELSE]]News[[ENDIF]]",
        '[[DECODE:customer.language,"da","Nyt","News"]]',
        '[[if:customer.language="en"]]News[[else if:customer.language="da"]]Nyt[[end if]]',
        f'[[SET:word="News"]]{IF_DA}[[SET:word="Nyt"]][[ENDIF]][[word]]',
        f"{IF_DA}{IF_DA}Nyt[[ENDIF]][[ELSE]]News[[ENDIF]]",
    ],
)
def test_a_subject_says_one_thing_or_another(subject: str) -> None:
    content = compiled(of_blocks(), subject=subject, preheader=subject)
    assert content.problems == ()
    assert [render(content.subject, known) for known in (DA, EN)] == ["Nyt", "News"]
    assert [render(content.preheader, known) for known in (DA, EN)] == ["Nyt", "News"]
    assert "<title>Nyt</title>" in shown(content, **DA)


@pytest.mark.parametrize(
    "document",
    [
        of_blocks(text(f"<p>{IF_DA}Kære[[ELSE]]Dear[[ENDIF]] ven</p>")),
        of_blocks(text(f"<p>{IF_DA}</p><p>Kære</p><p>[[ELSE]]</p><p>Dear</p><p>[[ENDIF]]</p>ven")),
        of_blocks(
            text(f"<p><strong>{IF_DA}</strong><br></p>"),
            text("Kære"),
            text("<div>[[ELSE]]</div>"),
            text("Dear"),
            text("&nbsp;[[ENDIF]]"),
            text("ven"),
        ),
        of_blocks(text(f"{IF_DA}<p>Kære</p>"), text("[[ELSE]]Dear"), text("[[ENDIF]]<p>ven</p>")),
        rows(text(IF_DA), text("Kære"), text("[[ELSE]]"), text("Dear"), text("[[ENDIF]]ven")),
        rows(text(f"{IF_DA}Kære"), text("[[ELSE]]"), text("Dear"), text("[[ENDIF]]"), text("ven")),
        html_mail(f"<p>{IF_DA}</p><p>Kære</p><p>[[ELSE]]</p><p>Dear</p><p>[[ENDIF]]</p>ven"),
        html_mail(
            f"<table><tr><td>{IF_DA}</td></tr><tr><td>Kære</td></tr><tr><td>[[ELSE]]</td></tr>"
            "<tr><td>Dear</td></tr><tr><td>[[ENDIF]]</td></tr><tr><td>ven</td></tr></table>"
        ),
    ],
)
def test_a_choice_stands_in_a_text_or_around_paragraphs_blocks_and_rows(
    document: Document,
) -> None:
    content = compiled(document)
    assert content.problems == ()
    assert read(content, **DA) == "Kære ven"
    assert read(content, **EN) == "Dear ven"


def test_a_whole_row_is_there_or_not_for_outlook_too() -> None:
    document = rows(text("One"), text(IF_DA), text("Two"), text("[[ENDIF]]"), text("Three"))
    content = compiled(document)
    with_it, without = shown(content, **DA), shown(content, **EN)
    assert with_it.count("<!--[if") == with_it.count("<![endif]-->")
    assert without.count("<!--[if") == without.count("<![endif]-->")
    assert without == shown(compiled(rows(text("One"), text("Three"))))
    assert plain_text(without) == render(content.text, EN)
    assert plain_text(with_it) == render(content.text, DA) == "One\n\nTwo\n\nThree"


def test_a_line_that_is_left_out_leaves_no_gap() -> None:
    html = f"<p>One</p><p>{IF_DA}</p><p>Two</p><p>[[ENDIF]]</p><p>Three</p>"
    content = compiled(of_blocks(text(html)))
    assert render(content.text, EN) == "One\n\nThree"
    assert render(content.text, DA) == "One\n\nTwo\n\nThree"
    assert shown(content, **EN).count("<p") == 2


def test_logic_stands_in_headings_buttons_addresses_and_alt_texts() -> None:
    either = f"{IF_DA}da[[ELSE]]en[[ENDIF]]"
    content = compiled(
        of_blocks(
            {"type": "heading", "text": f"Hi <{either}>"},
            {"type": "button", "label": f"Go {either}", "url": f"https://x.example/{either}?a=1&b"},
            {
                "type": "button",
                "label": "Shop",
                "url": f"{IF_DA}https://x.dk/[[ELSE]]https://x.uk/[[ENDIF]]",
            },
            {"type": "image", "src": f"https://x.example/{either}.png", "alt": f'"{either}"'},
        )
    )
    assert content.problems == ()
    html = shown(content, **DA)
    assert "Hi &lt;da&gt;" in html
    assert 'src="https://x.example/da.png"' in html
    assert 'alt="&quot;da&quot;"' in html
    assert [render(link.url, DA) for link in content.links] == [
        "https://x.example/da?a=1&b",
        "https://x.dk/",
    ]
    assert [render(link.url, EN) for link in content.links][1] == "https://x.uk/"
    assert readable(content.links[1].url) == "(https://x.dk/ / https://x.uk/)"


def test_links_in_both_branches_are_tracked_and_numbered() -> None:
    both = f'{IF_DA}<a href="https://x.dk">A</a>[[ELSE]]<a href="https://x.uk">B</a>[[ENDIF]]'
    content = compiled(of_blocks(text(f"<p>{both}</p>")))
    assert [(link.number, link.label) for link in content.links] == [(1, "A"), (2, "B")]
    assert read(content, **DA) == "A: go.example/1"
    assert read(content, **EN) == "B: go.example/2"


@pytest.mark.parametrize(
    ("html", "is_there"),
    [
        ('<a href="[[link.unsubscribe]]">x</a>', True),
        ('<a href="[[link.subscription]]">x</a>', True),
        (f'{IF_DA}<a href="[[link.unsubscribe]]">x</a>[[ENDIF]]', False),
        (
            f'{IF_DA}<a href="[[link.unsubscribe]]">x</a>'
            '[[ELSE]]<a href="[[link.unsubscribe]]">y</a>[[ENDIF]]',
            True,
        ),
        (f'{IF_DA}[[ELSE]]<a href="[[link.unsubscribe]]">x</a>[[ENDIF]]', False),
    ],
)
def test_an_unsubscribe_link_must_be_there_for_everybody(html: str, is_there: bool) -> None:
    assert unsubscribe_present(compiled(of_blocks(text(f"<p>{html}</p>")))) is is_there


def test_what_was_set_holds_from_there_on_also_in_links() -> None:
    document = of_blocks(
        text('<p>[[SET:who="[[customer.firstname|"friend & co"]]"]]</p>'),
        text('<p>Hi [[who]] <a href="https://x.example/?n=[[who]]">go</a></p>'),
        {"type": "heading", "text": '[[IF:WHO="karen"]]It is [[Who]][[ENDIF]]'},
    )
    content = compiled(document)
    assert content.problems == ()
    assert read(content) == "Hi friend & co go: go.example/1"
    assert read(content, **{"customer.firstname": "Karen"}).endswith("It is Karen")
    assert "friend &amp; co" in shown(content)
    assert render(content.links[0].url, {}) == "https://x.example/?n=friend%20%26%20co"
    assert shown(content).count("<p") == 1


def test_what_is_set_in_the_subject_holds_in_the_subject() -> None:
    content = compiled(of_blocks(text("[[word]]")), subject='[[SET:word="x"]][[word]]')
    assert render(content.subject, {}) == "x"
    assert faults(content) == [("b0", "There is no merge tag called “word”.")]


def test_dates_speak_the_language_of_the_content() -> None:
    known = {"date.today": "2026-05-12"}
    tag = '[[FORMAT-DATE:date.today,"d. MMMM"]]'
    danish = compiled(of_blocks(language="da"), subject=tag)
    assert render(danish.subject, known) == "12. maj"
    assert render(compiled(html_mail(""), subject=tag, language="da").subject, known) == "12. maj"


@pytest.mark.parametrize(
    ("document", "where", "said"),
    [
        (of_blocks(text(f"A {IF_DA} B")), "b0", "never ends"),
        (of_blocks(text("A"), text("[[ENDIF]]")), "b1", "stands there without its IF"),
        (of_blocks(text("A [[ELSE]]")), "b0", "stands there without its IF"),
        (of_blocks({"type": "heading", "text": IF_DA}, text("[[ENDIF]]")), "b0", "never ends"),
        (of_blocks(text(f"A {IF_DA}b"), text("[[ENDIF]]")), "b0", "ends in another"),
        (of_blocks(text(f"{IF_DA}[[ELSE]]a[[ELSE]]b[[ENDIF]]")), "b0", "Another ELSE"),
        (of_blocks(text(IF_DA * 11 + "[[ENDIF]]" * 11)), "b0", "More than 10 IFs"),
        (of_blocks(text('[[IF:customer.langauge="da"]]a[[ENDIF]]')), "b0", "customer.langauge"),
        (html_mail(f"<table><tr><td>{IF_DA}a</td></tr></table>[[ENDIF]]"), "html", "ends in"),
        (html_mail(f"<table><tr><td>{IF_DA}a<td>b[[ENDIF]]</table>"), "html", "ends in another"),
        (of_blocks(text('[[SET:x="[[link.unsubscribe]]"]]')), "b0", "cannot stand inside another"),
        (html_mail(f"<p title='{IF_DA}'>[[ENDIF]]</p>"), "html", "never ends"),
        (html_mail(f"<!--[if mso]>{IF_DA}<![endif]-->x[[ENDIF]]"), "html", "never ends"),
        (html_mail(f"<p style='{IF_DA}x[[ENDIF]]'>x</p>"), "html", "inside the code"),
    ],
)
def test_a_choice_that_does_not_fit_is_harmless_and_a_problem(
    document: Document, where: str, said: str
) -> None:
    content = compiled(document)
    place, message = faults(content)[0]
    assert place == where
    assert said in message
    assert all(
        problem.blocking and problem.position is not None
        for problem in content.problems
        if problem.kind is ProblemKind.BAD_LOGIC
    )
    for known in (DA, EN):
        assert shown(content, **known).count("<table") == shown(content, **known).count("</table")


def test_a_choice_between_two_columns_does_not_fit() -> None:
    document = of_blocks()
    cells = [[{"id": "a", **text(f"{IF_DA}One")}], [{"id": "b", **text("Two[[ENDIF]]")}]]
    document["rows"][0]["columns"] = [{"width": 50, "blocks": cell} for cell in cells]
    content = compiled(document)
    assert faults(content)[0][0] == "a"
    assert read(content, **EN) == "One Two"


@pytest.mark.parametrize(
    "address",
    [
        f"{IF_DA}javascript:alert(1)[[ELSE]]https://x.example[[ENDIF]]",
        f"{IF_DA}java[[ENDIF]]script:alert(1)",
        f"{IF_DA}java[[ELSE]]x[[ENDIF]]{IF_DA}x[[ELSE]]script:alert(1)[[ENDIF]]",
        f"{IF_DA}[[ELSE]]https:[[ENDIF]]&#106;avascript:alert(1)",
    ],
)
def test_no_choice_puts_together_an_address_that_runs_code(address: str) -> None:
    for document in (
        html_mail(f"<a href='{address}'>x</a>"),
        of_blocks({"type": "button", "label": "x", "url": address}),
        of_blocks(text(f"<a href='{address}'>x</a>")),
    ):
        content = compiled(document, track_links=LinkTracking.NONE)
        assert content.problems
        assert "script:" not in shown(content, **DA) + shown(content, **EN)


def test_logic_is_seen_on_the_canvas_whatever_is_chosen() -> None:
    document = rows(text(IF_DA), text("Two"), text("[[ENDIF]]"))
    html = shown(compiled(document, marked=True), **EN)
    tree = lxml_html.document_fromstring(html)
    assert [bool(tree.find_class(f"block-b{number}")) for number in range(3)] == [True, False, True]
    assert "[[IF:customer.language=&quot;da&quot;]]" in html


def test_logic_stays_as_it_was_typed_however_often_it_is_saved() -> None:
    typed = (
        '<p>[[IF:customer.id &lt; 5 AND customer.note<b>="a &amp; b"</b>]]x[[ENDIF]] [[a &lt;]]</p>'
    )
    once = update_part(of_blocks(text("")), "b0", {"html": typed})
    html = once["rows"][0]["columns"][0]["blocks"][0]["html"]
    again = update_part(once, "b0", {"html": html})
    assert again == once
    known = {"customer.id": "4", "customer.note": "A & B"}
    assert read(compiled(once), **known).startswith("x")
    assert read(compiled(once), **known | {"customer.id": "5"}).startswith("[[a <")


def test_what_a_text_needs_to_know_and_what_is_missed_in_it() -> None:
    html = f"{IF_DA}[[customer.firstname]] [[customer.language]][[ENDIF]]" + (
        '[[FORMAT-DATE:project.begin|"soon"]] [[DECODE:customer.title,"x","[[company.name]]"]]'
    )
    content = compiled(of_blocks(text(html)))
    assert set(names(content.html)) == {
        "customer.language",
        "customer.firstname",
        "customer.title",
        "company.name",
        "project.begin",
    }
    missed = [(slot.name, slot.fallback) for slot in slots(content.html)]
    assert missed == [("customer.firstname", ""), ("project.begin", "soon")]


def test_the_size_is_that_of_the_longest_branch() -> None:
    either = of_blocks(text(f"{IF_DA}{'a' * 5000}[[ELSE]]b[[ENDIF]]"))
    assert abs(size(compiled(either)) - size(compiled(of_blocks(text("a" * 5000))))) < 10


def test_a_subject_with_logic_is_named_for_people_to_read() -> None:
    subject = f'{IF_DA}Nyt[[ELSE]]News[[ENDIF]] [[FORMAT-DATE:date.today,"d. MMMM"]]'
    assert named(subject) == "Nyt / News ‹Today's date›"


@pytest.mark.parametrize(
    "typed",
    [
        "[[IF:" * 20_000,
        "[[IF:" + "(" * 100_000,
        ("[[IF:" + "(" * 900 + "]]") * 110,
        "[[IF:" + "NOT " * 240 + "customer.name]]x[[ENDIF]]",
        '"[["[[' * 20_000,
        '[[SET:a="[[b|"[[c|"' * 5000,
        "[[IF:customer.name]]" * 5000,
        "[[ENDIF]]" * 11_000,
        '[[SET:a="x"]]' + '[[SET:a="[[a]][[a]]"]]' * 900 + "[[a]]",
        '[[SET:a="x"]]' + '[[IF:customer.name]][[SET:a="[[a]]b"]][[ENDIF]]' * 300 + "[[a]]",
        "[[IF:customer.name]]" + " " * 90_000 + "[[ENDIF]]",
        "[[IF:customer.name]]" + "<a>" * 15_000 + "</b>" * 10_000 + "[[ENDIF]]",
        "<p>" * 30_000 + "[[IF:customer.name]]x[[ENDIF]]",
        "[[foo.bar]]" * 9000,
    ],
)
def test_what_is_meant_to_wear_it_out_is_compiled_quickly(typed: str) -> None:
    begun = time.process_time()
    for document in (of_blocks(text(typed)), html_mail(typed)):
        content = compiled(document, subject=typed[:2000])
        assert len(shown(content, **dict.fromkeys(sample_values(), "x" * 100))) < 3_000_000
    assert time.process_time() - begun < 20


PIECES = st.sampled_from(
    [
        *(IF_DA, "[[IF:customer.name]]", "[[ELSEIF:company.name]]", "[[ELSE]]"),
        *("[[ENDIF]]", "[[ENDIF]]", "[[SET:x='<b>[[customer.name]]']]", "[[x]]"),
        '[[DECODE:customer.name,"a","<i>",customer.email]]',
        *("<p>", "</p>", "<td>", "<table><tr><td>", "</table>", "<ul><li>", "</ul>", "<br>"),
        *('<a href="', "https://x.example/", '">', "</a>", "<img alt='", "' src=", "style='", "'"),
        *("<", ">", "&", "[[customer.firstname]]", "word", " ", "<!--", "-->", "<!--[if mso]>"),
        *("<![endif]-->", "<title>", "</title>", "javascript:", "onclick=", "&lt;", "\n"),
    ]
)
TYPED = st.lists(PIECES, max_size=14).map("".join)


@given(TYPED, TYPED, st.booleans(), st.booleans())
@example("", '<a href="[[customer.name]]javascript:<a href="', True, False)
@example("", '<a href="[[DECODE:customer.name,"a","<i>"]]javascript:<a href="', True, False)
@example("", '<a href="[[IF:customer.language="da"]]javascript:<a href="', True, False)
@settings(max_examples=200, deadline=None)
def test_whatever_is_chosen_no_value_opens_a_tag_and_no_place_is_left_open(
    first: str, second: str, finished: bool, marked: bool
) -> None:
    document = html_mail(first + second) if finished else of_blocks(text(first), text(second))
    content = compiled(document, subject=second, preheader=first, marked=marked)
    stored = loaded(json.loads(json.dumps(dumped(content.html))))
    assert stored == content.html
    harmless = dict.fromkeys(sample_values(), "word")
    for known in ({}, dict.fromkeys(sample_values(), HOSTILE), DA | {"customer.name": HOSTILE}):
        html = shown(content, **known)
        assert "<x9" not in html
        tree = lxml_html.document_fromstring(html.encode(), lxml_html.HTMLParser(encoding="utf-8"))
        found = [name for element in tree.iter() for name in element.attrib]
        assert not [name for name in found if name.startswith("on")]
        assert not [link for link in tree.xpath("//@href") if link.lower().startswith("javas")]
        assert "zq" not in html or "zq" in first + second
        assert len(render(content.subject, known).splitlines()) <= 1
    if not finished:
        for known in ({}, harmless, DA):
            html = shown(content, **known)
            assert html.count("<table") == html.count("</table")
            assert html.count("<div") == html.count("</div")
            assert html.count("<p") == html.count("</p")


@given(st.text(alphabet=st.characters(exclude_characters="[%"), max_size=80))
@settings(max_examples=60, deadline=None)
def test_what_has_no_tag_is_unchanged(words: str) -> None:
    before = compiled(of_blocks(text("<p>a</p>")), subject=words)
    assert all(isinstance(part, str) for part in (*before.subject, *before.html))
