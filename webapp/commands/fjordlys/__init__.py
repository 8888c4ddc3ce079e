"""Fjordlys A/S, a lamp maker in Aarhus: the small company that the demo is about.

It is the same every time, apart from its dates, which lie in the weeks before now. Everything is
made by the functions that the pages call, in one transaction, and nothing is sent.
"""

from datetime import timedelta

from webapp.accounts.organisation import organisation
from webapp.commands.fjordlys import evening, mailings, pictures
from webapp.commands.fjordlys.mailings import keep, write
from webapp.commands.fjordlys.people import People, meet_newcomers, meet_people
from webapp.commands.fjordlys.sending import Course, react, send
from webapp.commands.fjordlys.story import Story
from webapp.commands.fjordlys.subscribing import Types, offer_types
from webapp.commands.fjordlys.words import ARCHITECTS, DEALERS, HOSPITALITY
from webapp.mailings import audience
from webapp.targets import selections
from webapp.targets.models import Selection


def tell(owner_id: int) -> None:
    us = organisation()
    us.name, us.address = "Fjordlys A/S", "Havnegade 14, 8000 Aarhus C"
    us.country, us.language, us.timezone = "DK", "en", "Europe/Copenhagen"
    story = Story(us, owner_id)
    people = meet_people(story)
    pictures.hang(story)
    types = offer_types(people, story)
    lists = _gather(people, story)
    _write_and_send(people, lists, types, story)
    selections.add_members(lists["Newsletter"].id, meet_newcomers(story))
    story.happened(story.now - timedelta(minutes=25))
    draft = write(mailings.professionals(), [lists["Dealers"], lists["Architects"]], owner_id)
    audience.resolve(draft)
    story.happened(story.now - timedelta(minutes=11))


def _gather(people: People, story: Story) -> dict[str, Selection]:
    rng, everybody = story.rng, people.everybody
    visitors = set(people.of("private", ARCHITECTS.key, DEALERS.key)) - people.gone
    gathered = [
        ("Newsletter", "Want to hear of every new lamp", rng.sample(everybody, k=330)),
        ("Dealers", "Sell our lamps, here and abroad", people.of(DEALERS.key)),
        ("Architects", "Draw our lamps into their projects", people.of(ARCHITECTS.key)),
        ("Hotels and restaurants", "Buy many at once", people.of(HOSPITALITY.key)),
        ("Showroom guests", "Were here and left a card", rng.sample(sorted(visitors), k=64)),
    ]
    lists = {}
    for name, description, contacts in gathered:
        lists[name] = selections.create(name, story.owner_id, description=description)
        selections.add_members(lists[name].id, contacts)
        story.happened(story.some_workday(44, 36))
    return lists


def _write_and_send(
    people: People, lists: dict[str, Selection], types: Types, story: Story
) -> None:
    asked = story.workday(19, 10, 15)
    project = evening.plan(asked + timedelta(days=16), people, story)
    prices = Course(story.workday(34, 9, 0), opened=0.5, clicked=0.3, left=1)
    invited = Course(asked, opened=0.56, clicked=0.4, left=1)
    news = Course(story.workday(6, 9, 30), opened=0.4, clicked=0.24, left=3, unknown=1)
    for text, to, about, type_, course in (
        (mailings.dealer_news(prices.started), ["Dealers"], None, None, prices),
        (
            mailings.invitation(asked + timedelta(days=16)),
            ["Showroom guests", "Architects"],
            project,
            types.events,
            invited,
        ),
        (mailings.newsletter(news.started), ["Newsletter"], None, types.newsletter, news),
    ):
        mailing = write(text, [lists[name] for name in to], story.owner_id, type_, about=about)
        keep(mailing, story.owner_id)
        story.happened(course.started - timedelta(hours=20))
        send(mailing, course, story, gone=people.gone)
        react(mailing, course, story)
        if about:
            evening.welcome(about, mailing, asked + timedelta(days=8), story)
