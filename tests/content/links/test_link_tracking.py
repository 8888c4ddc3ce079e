import pytest

from tests.content.compiling import compiled, of_blocks, shown
from webapp.content.links.link_tracking import CampaignTags, LinkTracking
from webapp.content.tags.segments import render

TAGS = CampaignTags("email", "fjordlys", "nyt i november")
QUERY = "utm_medium=email&utm_source=fjordlys&utm_campaign=nyt+i+november"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.example", f"https://x.example?{QUERY}"),
        ("https://x.example/a?b=2&a=1", f"https://x.example/a?b=2&a=1&{QUERY}"),
        ("https://x.example/a?b=2#part", f"https://x.example/a?b=2&{QUERY}#part"),
        ("https://x.example/#/a?b", f"https://x.example/?{QUERY}#/a?b"),
        ("https://x.example/?", f"https://x.example/?{QUERY}"),
        ("https://x.example/?UTM_Source=other", "https://x.example/?UTM_Source=other"),
    ],
)
def test_campaign_tags_stand_at_the_end_of_the_query(address: str, expected: str) -> None:
    assert TAGS.added_to(address) == expected


def test_campaign_tags_without_words_are_left_out() -> None:
    tags = CampaignTags("email", "", "a&b")
    assert tags.added_to("https://x.example") == (
        "https://x.example?utm_medium=email&utm_campaign=a%26b"
    )


@pytest.mark.parametrize("track", LinkTracking)
def test_web_links_carry_campaign_tags_whether_they_are_tracked_or_not(
    track: LinkTracking,
) -> None:
    url = "https://x.example/?n=[[customer.firstname]]#top"
    content = compiled(
        of_blocks({"type": "button", "label": "Go", "url": url}), track_links=track, campaign=TAGS
    )
    expected = f"https://x.example/?n=Bo%26Co&{QUERY}#top"
    values = {"customer.firstname": "Bo&Co"}
    if track is LinkTracking.ALL:
        [link] = content.links
        assert render(link.url, values) == expected
    else:
        assert f'href="{expected.replace("&", "&amp;")}"' in shown(content, **values)
        assert f"Go: {expected}" in render(content.text, values)


@pytest.mark.parametrize(
    "address", ["mailto:k@example.com", "tel:+4512345678", "#top", "[[link.unsubscribe]]"]
)
def test_nothing_but_web_links_carries_campaign_tags(address: str) -> None:
    document = of_blocks({"type": "button", "label": "Go", "url": address})
    assert compiled(document, campaign=TAGS) == compiled(document)


def test_campaign_tags_stand_behind_the_address_that_is_chosen() -> None:
    url = '[[IF:customer.language="da"]]https://x.example/da[[ELSE]]https://x.example/en[[ENDIF]]'
    [link] = compiled(of_blocks({"type": "button", "label": "Go", "url": url}), campaign=TAGS).links
    for language in ("da", "en"):
        address = render(link.url, {"customer.language": language})
        assert address == f"https://x.example/{language}?{QUERY}"


def test_the_addresses_in_a_text_of_ones_own_carry_campaign_tags() -> None:
    document = of_blocks() | {"text": "See https://x.example/b."}
    assert f"See https://x.example/b?{QUERY}." in render(compiled(document, campaign=TAGS).text, {})


def test_the_canvas_shows_addresses_as_they_were_typed() -> None:
    document = of_blocks({"type": "button", "label": "Go", "url": "https://x.example/"})
    assert 'href="https://x.example/"' in shown(compiled(document, campaign=TAGS, marked=True))
