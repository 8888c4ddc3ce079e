from collections.abc import Callable
from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from tests.content.compiling import HOSTILE, compiled, shown
from webapp.accounts.organisation import organisation
from webapp.content.email.plain_text import plain_text
from webapp.content.html.addresses import with_addresses
from webapp.content.links.link_tracking import LinkTracking
from webapp.content.own_html.files import decoded
from webapp.content.own_html.message import (
    LARGEST,
    BrokenHtml,
    EmptyHtml,
    HtmlTooLarge,
    checked,
    from_html,
    without_active_parts,
)
from webapp.content.tags.merge_tags import sample_values
from webapp.content.tags.problems import ProblemKind
from webapp.content.tags.segments import render
from webapp.platform.locales import speaking

LEAVE = '<a href="[[link.unsubscribe]]">Leave</a>'
MAIL = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x.dtd">
<html><head><title>Hi</title><style>a > b { color: red }</style>
<!--[if mso]><v:roundrect href="https://a.example/mso" style="x"><center>Go</center>
</v:roundrect><![endif]--></head>
<BODY bgcolor=#ffffff><!-- <a href="https://a.example/no"> -->
<p style='margin:0' title=hi>Hi [[customer.firstname|"there"]]</p>
<a href='https://a.example/?n=[[customer.name|"x"]]&amp;b=1'>Read &amp; see</a>
<a href="[[link.unsubscribe]]">Leave</a> <img alt=[[customer.name]] src=https://a.example/i.png>
</BODY></html>"""


def html_document(html: str) -> dict[str, Any]:
    return {"kind": "html", "html": html}


def test_a_full_mail_is_taken_as_it_is() -> None:
    assert from_html(MAIL) == (html_document(MAIL), [])


def test_a_full_mail_is_sent_as_given_save_for_tracking_and_tags() -> None:
    content = compiled(html_document(MAIL), track_links=LinkTracking.NONE)
    values = {"customer.name": "K", "link.unsubscribe": "https://go.example/u"}
    expected = (
        MAIL.replace('[[customer.firstname|"there"]]', "there")
        .replace('[[customer.name|"x"]]', "K")
        .replace("alt=[[customer.name]]", 'alt="K"')
        .replace("[[link.unsubscribe]]", "https://go.example/u")
    )
    assert render(content.html, values) == expected
    assert content.problems == ()


def test_links_of_own_html_are_tracked_those_for_outlook_too() -> None:
    content = compiled(html_document(MAIL), track_opens=True)
    assert [(link.label, render(link.url, {})) for link in content.links] == [
        ("Go", "https://a.example/mso"),
        ("Read & see", "https://a.example/?n=x&b=1"),
    ]
    html = shown(content)
    assert "https://a.example/no" in html
    assert html.index("https://go.example/o") < html.index("</BODY>")
    text = render(content.text, {"click.2": "https://go.example/2", "link.unsubscribe": "u"})
    assert "Read & see: https://go.example/2" in text


def test_an_attribute_without_quotes_gets_them_where_a_value_comes() -> None:
    html = shown(compiled(html_document(MAIL)), **{"customer.name": "x onerror=alert(1)"})
    assert 'alt="x onerror=alert(1)"' in html


def test_a_tag_in_code_is_reported_and_left_out() -> None:
    html = (
        "<html><body><style>p{color:[[customer.name]]}</style><p style='[[company.name]]' [[x]]>a"
    )
    content = compiled(html_document(html))
    assert [problem.kind for problem in content.problems] == [
        ProblemKind.UNKNOWN_TAG,
        ProblemKind.MISPLACED_TAG,
        ProblemKind.MISPLACED_TAG,
    ]
    assert "color:_}" in shown(content, **{"customer.name": "}body{x"})


def test_a_preheader_goes_first_in_the_body() -> None:
    html = shown(compiled(html_document(MAIL), preheader="Look <here>"))
    assert html.index("<BODY") < html.index("Look &lt;here&gt;") < html.index("Hi there")


def test_a_piece_of_html_becomes_a_full_document_with_a_footer() -> None:
    document, notes = from_html("\ufeff<p>Hello</p>")
    assert document["html"].startswith("<!doctype html><html><head><meta charset")
    assert [str(note)[:33] for note in notes] == ["There was no unsubscribe link, so "[:33]]
    html = shown(compiled(document), **{**sample_values(), "config.companyName": "A/S & Co"})
    assert html.index("Hello") < html.index("A/S &amp; Co") < html.index("</body>")
    assert 'href="https://example.com/u"' in html


def test_scripts_handlers_forms_and_frames_are_removed_and_said_to_be() -> None:
    document, notes = from_html(
        '<body onload="x()"><script>alert(1)</script><form action="x">Name <input name=a></form>'
        '<iframe src="//x"></iframe><a href="[[link.unsubscribe]]" ONCLICK=x>Out</a></body>'
    )
    assert document["html"] == '<body >Name <a href="[[link.unsubscribe]]" >Out</a></body>'
    assert [str(note).split()[0] for note in notes] == ["Scripts", "Form", "Frames"]


def test_nothing_and_too_much_are_refused() -> None:
    with pytest.raises(EmptyHtml):
        from_html(" \n")
    with pytest.raises(HtmlTooLarge):
        from_html("x" * (LARGEST + 1))


@pytest.mark.parametrize(
    "html",
    [
        "<scr<script></script>ipt>alert(1)</script>",
        "<<script></script>img src=x onerror=alert(1)>",
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "<title><!--</title><img src=x onerror=alert(1)>-->",
        '<!--[if x]><a title="--><img src=x onerror=alert(1)>"></a>',
        '<!x "<a title="><img src=x onerror=alert(1)>">',
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        '<a href="java&#10;script&colon;alert(1)">x</a>',
        "<a href=' &#1;javascript:alert(1)'>x</a>",
        "<img/src=x/onerror=alert(1)>",
        '<img src="x"onerror="alert(1)">',
        "<img title=`> onerror=alert(1) src=x>",
        "<object data='x.swf'><embed src=x>",
        "<meta http-equiv=refresh content='0;url=https://x'><base href='https://x/'>",
        "<script src=https://x.example/x.js ",
        "<script>alert(1)",
        "<iframe srcdoc='<script>alert(1)</script>'>",
    ],
)
def test_nothing_that_runs_survives(html: str) -> None:
    clean = without_active_parts(html)
    assert without_active_parts(clean) == clean
    tree = lxml_html.document_fromstring(f"<body>{clean}<div>end</div></body>")
    names = ["script", "iframe", "object", "embed", "svg", "base", "meta"]
    assert [element.tag for element in tree.iter(*names)] == []
    # A handler in plain sight stands in a value or a comment, never as an attribute.
    handlers = [name for each in tree.iter() for name in each.attrib if name.startswith("on")]
    assert handlers == []
    assert not [link for link in tree.xpath("//@href") if "script" in link]


@pytest.mark.parametrize(
    "html",
    [
        "<p [[customer.name]]onclick=x>",
        "<[[customer.name]]script>x</script>",
        "<style></st[[customer.name]]yle><img src=x onclick=x></style>",
        "<style></style[[customer.name]]><img src=x onclick=x></style>",
        "<![[customer.name]]-- <p title='--><img src=x onclick=x>'>",
        "<img alt=a'[[customer.name]]'>",
        "<img title='[[customer.name]]' alt=[[customer.name]]>",
        "<a href=x[[customer.name]]>",
    ],
)
def test_a_tag_left_out_reveals_nothing(html: str) -> None:
    rendered = shown(compiled(html_document(html)), **{"customer.name": "x' onclick=x y=\""})
    tree = lxml_html.document_fromstring(f"<body>{rendered}</body>")
    assert [element.tag for element in tree.iter("script")] == []
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]


pieces = st.sampled_from(
    [
        *(
            "<",
            ">",
            '"',
            "'",
            "=",
            "/",
            " ",
            "\n",
            "a",
            "<a ",
            "href=",
            "<img ",
            "alt=",
            "<!--",
            "-->",
        ),
        *(
            "[[customer.name]]",
            '[[customer.name|"x"]]',
            "[[",
            "]]",
            "<style>",
            "</style>",
            "<p ",
            "</p>",
        ),
        *("<!--[if mso]>", "<title>", "</title>", "onclick=", "<script>", "</script>", "style="),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=16).map("".join))
def test_no_value_breaks_out_of_any_html(html: str) -> None:
    content = compiled(html_document(html))
    rendered = shown(content, **dict.fromkeys(sample_values(), HOSTILE))
    assert "<x9" not in rendered
    tree = lxml_html.document_fromstring(f"<body>{rendered}</body>")
    assert not [name for each in tree.iter() for name in each.attrib if name.startswith("on")]


def seconds(work: Callable[[str], Any], html: str) -> float:
    """The least of a few times, so that what else the machine does counts little."""

    def once() -> float:
        began = process_time()
        with suppress(BrokenHtml):
            work(html)
        return process_time() - began

    return min(once() for _time in range(3))


@pytest.mark.parametrize(
    "work",
    [
        lambda html: from_html(html + LEAVE),
        lambda html: with_addresses(checked(html), lambda address, _loaded: address),
        lambda html: decoded(html.encode()),
        plain_text,
    ],
    ids=["from_html", "with_addresses", "decoded", "plain_text"],
)
@pytest.mark.parametrize(
    ("begin", "piece", "end"),
    [
        ("<", "<a ", ""),
        ("<", "<a ", " x='>'"),
        ("<", "<title ", ""),
        ("<title>", "</title ", ""),
        ("<p>", '</a="b" x="<title>', '>"'),
        ("<", "<!", ""),
        ("<", "<meta ", ""),
        ("<meta charset=", "    ", "<"),
        ("<!--[if mso]>", "<a ", "-->"),
        ("<p>", "<i> </i>", "</p>"),
        ("<ol>", "<li>x", "</ol>"),
    ],
)
def test_what_is_broken_takes_time_by_its_length_alone(
    work: Callable[[str], Any], begin: str, piece: str, end: str
) -> None:
    little, much = (seconds(work, begin + piece * n + end) for n in (10_000, 40_000))
    assert much < 9 * little + 0.05  # Four times as much takes four times as long, not sixteen.


@pytest.mark.parametrize("html", ["<!--[if mso]>" * 1000 + "-->", "<div>" * 300])
def test_what_lies_too_deep_is_refused(html: str) -> None:
    with pytest.raises(BrokenHtml):
        from_html(html + LEAVE)


def test_a_tag_that_was_cut_off_at_the_end_is_no_fault() -> None:
    document, _notes = from_html("<p>Hi [[customer.firstname]]</p><a href=")
    assert "Hi [[customer.firstname]]" in document["html"]
    assert "&lt;a href=" in document["html"]


@pytest.mark.parametrize(
    ("html", "word"),
    [
        ('<html lang="da"><body>Hej</body></html>', "Afmeld"),
        ("<html LANG=da-DK><body>Hej</body></html>", "Afmeld"),
        ('<html lang="sv"><body>Hej</body></html>', "Unsubscribe"),
        ("<p>Hi</p>", "Unsubscribe"),
    ],
)
def test_the_footer_speaks_the_language_of_the_e_mail(html: str, word: str) -> None:
    organisation().language = "en"
    with speaking("da"):
        assert f">{word}</a>" in from_html(html)[0]["html"]
