import pytest

from tests.content.compiling import compiled
from webapp.content.addresses import absolute
from webapp.content.html.addresses import with_absolute_addresses, with_addresses
from webapp.content.tags.segments import readable


def moved(html: str) -> tuple[str, list[tuple[str, bool]]]:
    """With x.png exchanged, and what was asked about."""
    asked: list[tuple[str, bool]] = []

    def change(address: str, loaded: bool) -> str:
        asked.append((address, loaded))
        return "/i/1/n.png" if address.endswith("x.png") else address

    return with_addresses(html, change), asked


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ('<img src="x.png" alt="a">', '<img src="/i/1/n.png" alt="a">'),
        ("<img alt=a src=x.png>", '<img alt=a src="/i/1/n.png">'),
        ("<IMG SRC = 'x.png' />", "<IMG SRC='/i/1/n.png' />"),
        ('<td background=" a&amp;b/x.png ">', '<td background="/i/1/n.png">'),
        (
            '<td style="color:red;background:url(x.png) no-repeat">',
            '<td style="color:red;background:url(/i/1/n.png) no-repeat">',
        ),
        (
            '<td style="background:url(&quot;x.png&quot;)">',
            '<td style="background:url(&quot;/i/1/n.png&quot;)">',
        ),
        (
            "<style>b{background:url( 'x.png' )}</style>",
            "<style>b{background:url( '/i/1/n.png' )}</style>",
        ),
        ('<img srcset="x.png 1x, y.png 2x">', '<img srcset="/i/1/n.png 1x, y.png 2x">'),
        (
            '<!--[if mso]><v:fill type="frame" src="x.png"/><![endif]-->',
            '<!--[if mso]><v:fill type="frame" src="/i/1/n.png"/><![endif]-->',
        ),
        ('<!-- <img src="x.png"> -->', '<!-- <img src="x.png"> -->'),
        ("x.png <title>x.png</title>", "x.png <title>x.png</title>"),
        ('<p title="x.png">', '<p title="x.png">'),
    ],
)
def test_an_address_is_exchanged_wherever_mail_programs_look(given: str, expected: str) -> None:
    assert moved(given)[0] == expected


def test_what_is_not_exchanged_stays_to_the_letter() -> None:
    html = "<A  HREF = \"y.html\"  ><img src=y.png style='a:url( y )' checked></a\n><br/>"
    assert moved(html)[0] == html


def test_a_link_is_told_from_what_is_loaded() -> None:
    html = '<a href="1"><link href="2"><v:rect href="3"><img src="4"><body style="a:url(5)">'
    asked = moved(html)[1]
    assert asked == [("1", False), ("2", True), ("3", False), ("4", True), ("5", True)]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/i/abc/lamp.png", "https://mail.fjordlys.example/i/abc/lamp.png"),
        ("/static/img/demo/lumo.png", "https://mail.fjordlys.example/static/img/demo/lumo.png"),
        ("/contacts/", "/contacts/"),
        ("https://www.fjordlys.example/i/lamp.png", "https://www.fjordlys.example/i/lamp.png"),
        ("", ""),
    ],
)
def test_what_is_ours_is_found_from_everywhere(address: str, expected: str) -> None:
    public_url = "https://mail.fjordlys.example"
    assert absolute(address, public_url) == expected
    html = with_absolute_addresses(f'<img src="{address}">', public_url)
    assert html == f'<img src="{expected}">'


def test_own_html_is_sent_with_absolute_addresses() -> None:
    document = {"kind": "html", "html": '<body><img src="/i/abc/lamp.png">[[customer.name]]</body>'}
    html = readable(compiled(document).html)
    assert '<img src="https://post.example/i/abc/lamp.png">[[customer.name]]' in html
