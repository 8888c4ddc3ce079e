import pytest

from tests.content.compiling import compiled, of_blocks, shown
from tests.factories import make_field, make_tracked_link
from webapp.content import shelf
from webapp.content.links import tracked_links
from webapp.content.links.link_tracking import CampaignTags, LinkTracking
from webapp.content.links.tracked_links import NoSuchLink, tag_of
from webapp.content.links.typed_addresses import MistakeInAddress, NotOnTheWeb
from webapp.content.models import TrackedLink
from webapp.content.tags.merge_tags import known_tags
from webapp.content.tags.problems import ProblemKind
from webapp.content.tags.segments import render
from webapp.people import custom_fields
from webapp.platform.database import db

URL = "https://fjordlys.example/lumo?n=[[customer.firstname]]&x=1"
FILLED = "https://fjordlys.example/lumo?n=Bo%26Co&x=1"
PERSON = {"customer.firstname": "Bo&Co"}


@pytest.fixture
def link() -> TrackedLink:
    return make_tracked_link("Lumo collection", URL)


def test_a_registered_link_leads_to_its_address_and_is_tracked_by_number(
    link: TrackedLink,
) -> None:
    content = compiled(
        of_blocks(
            {"type": "button", "label": "Other", "url": "https://a.example"},
            {"type": "button", "label": "See it", "url": tag_of(link)},
        )
    )
    assert [each.tag for each in content.links] == ["", f"link.tracked.{link.id}"]
    assert render(content.links[1].url, PERSON) == FILLED
    assert content.links[1].label == "See it"
    assert 'href="https://go.example/2"' in shown(content)
    assert "See it: https://go.example/2" in render(
        content.text, {"click.2": "https://go.example/2"}
    )
    assert content.problems == ()


@pytest.mark.parametrize(
    "block",
    [
        lambda tag: {"type": "text", "html": f'<p><a href="{tag}">See it</a></p>'},
        lambda tag: {"type": "text", "html": f'<p><a href="https://{tag}">See it</a></p>'},
        lambda tag: {"type": "menu", "items": [{"label": "See it", "url": tag}]},
        lambda tag: {"type": "social", "items": [{"network": "website", "url": tag}]},
        lambda tag: {"type": "image", "src": "https://a.example/i.png", "link": tag},
        lambda tag: {"type": "html", "html": f'<a href="{tag}">See it</a>'},
    ],
)
def test_anything_that_opens_can_open_a_registered_link(block, link: TrackedLink) -> None:
    document = of_blocks(block(tag_of(link)))
    [tracked] = compiled(document).links
    assert tracked.tag == f"link.tracked.{link.id}"
    untracked = shown(compiled(document, track_links=LinkTracking.NONE), **PERSON)
    assert f'href="{FILLED.replace("&", "&amp;")}"' in untracked


def test_a_link_on_nothing_is_called_what_the_registered_link_is(link: TrackedLink) -> None:
    image = {"type": "image", "src": "https://a.example/i.png", "alt": "", "link": tag_of(link)}
    assert compiled(of_blocks(image)).links[0].label == "Lumo collection"


def test_registered_links_alone_can_be_tracked(link: TrackedLink) -> None:
    content = compiled(
        of_blocks(
            {"type": "button", "label": "Other", "url": "https://a.example"},
            {"type": "button", "label": "See it", "url": tag_of(link)},
        ),
        track_links=LinkTracking.REGISTERED,
    )
    assert [each.label for each in content.links] == ["See it"]
    assert 'href="https://a.example"' in shown(content)
    assert 'href="https://go.example/1"' in shown(content)


def test_a_registered_link_carries_campaign_tags_before_its_fragment() -> None:
    link = make_tracked_link("Lumo", "https://fjordlys.example/lumo#price")
    document = of_blocks({"type": "button", "label": "Go", "url": tag_of(link)})
    [tracked] = compiled(document, campaign=CampaignTags("email", "", "")).links
    assert tracked.url == ("https://fjordlys.example/lumo?utm_medium=email#price",)


def test_a_registered_link_in_words_is_read_as_its_address(link: TrackedLink) -> None:
    content = compiled(
        of_blocks({"type": "heading", "text": f"Go to {tag_of(link)}"}), subject=tag_of(link)
    )
    assert f"Go to {FILLED.replace('&', '&amp;')}" in shown(content, **PERSON)
    assert render(content.subject, PERSON) == FILLED


def test_a_text_of_ones_own_follows_the_registered_link_of_the_html(link: TrackedLink) -> None:
    document = of_blocks({"type": "button", "label": "Go", "url": tag_of(link)})
    content = compiled(document | {"text": f"Go to {tag_of(link)}."})
    assert render(content.text, {"click.1": "https://go.example/1"}) == (
        "Go to https://go.example/1."
    )


def test_a_deleted_link_is_a_blocking_problem_where_it_is_used(link: TrackedLink) -> None:
    shelf.remove(TrackedLink, [link.id], by=None)
    document = of_blocks({"type": "button", "label": "Go", "url": tag_of(link)})
    content = compiled(document)
    [problem] = content.problems
    assert (problem.kind, problem.where) == (ProblemKind.RETIRED_TAG, "b0")
    assert problem.blocking
    assert "“Lumo collection”" in str(problem.message)
    assert render(content.links[0].url, PERSON) == FILLED, "what was sent goes on leading there"


def test_a_deleted_field_in_its_address_is_a_problem_where_the_link_is_used() -> None:
    field = make_field("Shop")
    link = make_tracked_link("Shop", "https://x.example/[[customer.field.shop]]")
    custom_fields.retire(field, by=None)
    content = compiled(of_blocks({"type": "button", "label": "Go", "url": tag_of(link)}))
    assert [(each.kind, each.where) for each in content.problems] == [
        (ProblemKind.RETIRED_TAG, "b0")
    ]


def test_there_is_no_tag_of_a_link_that_never_was() -> None:
    for number in ("0", "-1", "x", "9" * 30, "²"):
        document = of_blocks({"type": "heading", "text": f"[[link.tracked.{number}]]"})
        [problem] = compiled(document).problems
        assert problem.kind is ProblemKind.UNKNOWN_TAG


def test_registered_links_are_not_offered_among_the_merge_tags(link: TrackedLink) -> None:
    assert tag_of(link) not in {f"[[{tag.name}]]" for tag in known_tags()}


@pytest.mark.parametrize(
    "url",
    [
        *("", "mailto:k@example.com", "javascript:alert(1)", "lumo", "#top"),
        "[[link.unsubscribe]]",
        "https://x.example/?back=[[link.viewShipmentMessage]]",
        "[[customer.note]]",
    ],
)
def test_a_tracked_link_leads_to_a_page_on_the_web(url: str) -> None:
    with pytest.raises(NotOnTheWeb):
        make_tracked_link("Lumo", url)


def test_a_tracked_link_never_leads_to_another(link: TrackedLink) -> None:
    with pytest.raises(NotOnTheWeb):
        make_tracked_link("Again", f"https://{tag_of(link)}")


def test_a_merge_tag_that_is_unknown_is_refused_with_the_reason() -> None:
    with pytest.raises(MistakeInAddress, match=r"customer\.firstnme"):
        make_tracked_link("Lumo", "https://x.example/[[customer.firstnme]]")


def test_the_scheme_of_an_address_goes_without_saying() -> None:
    assert make_tracked_link("Lumo", " fjordlys.example/lumo ").url == (
        "https://fjordlys.example/lumo"
    )


def test_links_are_found_by_name_or_address_in_danish_order() -> None:
    names = ["Åben", "Zebra", "Æble", "Abe"]
    for name in names:
        make_tracked_link(name, "https://x.example/side")
    make_tracked_link("Other", "https://y.example")
    found = db.session.scalars(tracked_links.find("x.EXAMPLE")).all()
    assert [each.name for each in found] == ["Abe", "Zebra", "Æble", "Åben"]


def test_a_deleted_link_is_gone_until_it_is_brought_back(link: TrackedLink) -> None:
    assert shelf.remove(TrackedLink, [link.id], by=None) == [link]
    with pytest.raises(NoSuchLink):
        tracked_links.get(link.id)
    assert shelf.restore(TrackedLink, [link.id], by=None) == [link]
    assert tracked_links.get(link.id) is link
