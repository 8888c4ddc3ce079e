import pytest

from tests.support.drafts import found_by, make_draft, with_link
from webapp.content.document.parts import all_blocks
from webapp.mailings.checks import links
from webapp.mailings.checks.finding import Level
from webapp.mailings.models import LinkTracking


@pytest.mark.parametrize(
    "address",
    [
        *("http://localhost:3000/partner", "http://127.0.0.1/", "http://192.168.1.20/x"),
        *("http://[::1]:8000/", "https://shop.test/", "https://intranet/news"),
        *("https://www.example.com/offer", "https://example.org"),
    ],
)
def test_a_link_to_a_test_address_is_a_warning_at_its_block(address: str) -> None:
    content = with_link(address)
    [warning] = found_by(links.leads_outside, make_draft(content=content))
    assert warning.level is Level.WARNING
    assert "Partners" in warning.detail
    assert [warning.at] == [b["id"] for b in all_blocks(content) if b.get("url") == address]


@pytest.mark.parametrize(
    "address", ["https://www.fjordlys.dk/lumo", "https://8.8.8.8/", "https://testen.dk/x?a=[[mailing.name]]"]
)  # fmt: skip
def test_a_link_to_the_world_is_fine(address: str) -> None:
    mailing = make_draft(content=with_link(address))
    assert found_by(links.leads_outside, mailing) == []
    assert found_by(links.parses, mailing) == []


@pytest.mark.parametrize("address", ["https://www,fjordlys.dk/lumo", "https://-lys-.dk"])
def test_an_address_without_a_proper_host_is_a_warning(address: str) -> None:
    [warning] = found_by(links.parses, make_draft(content=with_link(address)))
    assert address.split(",")[0] in warning.detail


def test_html_of_ones_own_is_looked_through_for_links_that_lead_nowhere() -> None:
    html = (
        '<a href="[[link.unsubscribe]]">Leave</a> <a href="#top">Up</a> '
        '<a href="mailto:a@b.dk">Us</a>'
        '<a href="www.fjordlys.dk/lumo">The <b>lamp</b></a> <a name="here">Here</a>'
    )
    [warning] = found_by(links.parses, make_draft(content={"kind": "html", "html": html}))
    assert warning.detail == "“The lamp” opens www.fjordlys.dk/lumo"


def test_links_without_encryption_are_one_hint() -> None:
    [hint] = found_by(links.encrypted, make_draft(content=with_link("http://fjordlys.dk/lumo")))
    assert hint.level is Level.HINT
    assert "1 link is not encrypted" in hint.text
    assert "“Partners” opens http://fjordlys.dk/lumo" in hint.detail
    assert found_by(links.encrypted, make_draft()) == []


@pytest.mark.parametrize("address", ["https://bit.ly/3xyz", "https://www.tinyurl.com/lys"])
def test_a_short_address_is_a_hint(address: str) -> None:
    [hint] = found_by(links.shortened, make_draft(content=with_link(address)))
    assert hint.level is Level.HINT


@pytest.mark.parametrize(
    ("label", "address", "odd"),
    [
        ("www.fjordlys.dk", "https://shop.lumo.dk/x", True),
        ("https://fjordlys.dk/lamps", "https://fjordlys.dk.evil.com/", True),
        ("www.fjordlys.dk", "https://fjordlys.dk/lumo", False),
        ("fjordlys.dk", "https://shop.fjordlys.dk/", False),
        ("See fjordlys.dk for more", "https://shop.lumo.dk/x", False),
        ("Read more", "https://shop.lumo.dk/x", False),
    ],
)
def test_a_link_that_shows_another_site_than_it_leads_to_is_a_warning(
    label: str, address: str, odd: bool
) -> None:
    found = found_by(links.shows_where_it_leads, make_draft(content=with_link(address, label)))
    assert [finding.level for finding in found] == [Level.WARNING] * odd


@pytest.mark.parametrize(("tracking", "hints"), [(LinkTracking.ALL, 1), (LinkTracking.NONE, 0)])
def test_a_tracked_link_that_shows_its_address_is_a_hint(
    tracking: LinkTracking, hints: int
) -> None:
    content = with_link("https://www.fjordlys.dk/lumo", "www.fjordlys.dk")
    mailing = make_draft(content=content, track_links=tracking)
    assert len(found_by(links.tracked_openly, mailing)) == hints
