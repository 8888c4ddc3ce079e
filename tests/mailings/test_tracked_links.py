import pytest

from tests.content.compiling import of_blocks
from tests.factories import make_content, make_mailing, make_tracked_link
from webapp.accounts.organisation import organisation
from webapp.content import shelf
from webapp.content.links.tracked_links import tag_of
from webapp.content.links.typed_addresses import NotOnTheWeb
from webapp.content.models import TrackedLink
from webapp.content.tags.segments import dumped
from webapp.mailings import drafts, tracked_links
from webapp.mailings.compiling import compiled
from webapp.mailings.models import Mailing, MailingLink, State
from webapp.platform.database import db


def draft_with(link: TrackedLink, **values: object) -> Mailing:
    return make_mailing(state=State.DRAFT, content=make_content(tag_of(link)), **values)


def sent_with(link: TrackedLink, *numbers: int, **values: object) -> Mailing:
    mailing = make_mailing(content=make_content(tag_of(link)), **values)
    for number in numbers or (1,):
        kept = MailingLink(
            mailing_id=mailing.id,
            number=number,
            target=dumped((link.url,)),
            label=link.name,
            tracked_link_id=link.id,
        )
        db.session.add(kept)
    db.session.flush()
    return mailing


def target_of(mailing: Mailing, number: int = 1) -> str:
    link = db.session.get_one(MailingLink, (mailing.id, number))
    db.session.refresh(link)
    return link.url


def test_a_link_is_used_by_drafts_that_name_it_and_by_mailings_that_were_sent_with_it() -> None:
    link, other = make_tracked_link("Lumo"), make_tracked_link("Other")
    using = [draft_with(link), sent_with(link, 1, 2)]
    draft_with(other)
    make_mailing(content=of_blocks())
    shelf.remove(Mailing, [draft_with(link).id], by=None)
    assert set(tracked_links.mailings_with(link)) == set(using)
    assert tracked_links.count_mailings([link.id, other.id]) == {link.id: 2, other.id: 1}


def test_a_link_whose_number_begins_alike_is_another() -> None:
    link = make_tracked_link()
    make_mailing(state=State.DRAFT, content=make_content(f"[[link.tracked.{link.id}7]]"))
    assert tracked_links.mailings_with(link) == []
    assert tracked_links.count_mailings([link.id]) == {}


def test_a_new_address_holds_for_what_was_sent() -> None:
    link = make_tracked_link(url="https://x.example/old")
    plain = sent_with(link, 1, 3)
    tagged = sent_with(link, campaign_tags=True, utm_source="fjordlys", utm_campaign="nov")
    tracked_links.change(
        link, name="New", url="x.example/new?n=[[customer.name]]#top", folder=None, by=None
    )
    assert link.name == "New"
    assert target_of(plain, 1) == target_of(plain, 3)
    assert target_of(plain) == "https://x.example/new?n=[[customer.name]]#top"
    assert target_of(tagged) == (
        "https://x.example/new?n=[[customer.name]]"
        "&utm_medium=email&utm_source=fjordlys&utm_campaign=nov#top"
    )


def test_an_address_that_leads_nowhere_changes_nothing() -> None:
    link = make_tracked_link(url="https://x.example/old")
    mailing = sent_with(link)
    with pytest.raises(NotOnTheWeb):
        tracked_links.change(link, name="New", url="nowhere", folder=None, by=None)
    assert (link.name, link.url) == ("Lumo collection", "https://x.example/old")
    assert target_of(mailing) == "https://x.example/old"


def test_campaign_tags_are_called_after_us_and_the_mailing_unless_they_are_chosen() -> None:
    mailing = make_mailing("Nyt om Lumo & åen", state=State.DRAFT, campaign_tags=True)
    organisation().name = "Fjordlys"
    assert (
        compiled(mailing)
        .links[0]
        .url[0]
        .endswith("?utm_medium=email&utm_source=fjordlys&utm_campaign=nyt-om-lumo-aaen")
    )
    mailing.utm_campaign = "Lumo 2026"
    assert compiled(mailing).links[0].url[0].endswith("utm_campaign=Lumo+2026")
    mailing.campaign_tags = False
    assert compiled(mailing).links[0].url == ("https://www.fjordlys.example/lumo",)


def test_a_copy_keeps_the_campaign_tags() -> None:
    mailing = make_mailing(campaign_tags=True, utm_source="fjordlys")
    copy = drafts.duplicate(mailing, owner_id=None)
    assert (copy.campaign_tags, copy.utm_source) == (True, "fjordlys")
