"""The mailings of Fjordlys, as somebody there would have written them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.commands.fjordlys import pictures
from webapp.content import folders
from webapp.content.document.opening import Document
from webapp.content.document.operations import (
    InColumn,
    add_block,
    add_row,
    delete,
    new_document,
    update_part,
)
from webapp.content.document.parts import all_blocks
from webapp.content.links import tracked_links
from webapp.content.models import Folder, FolderOf
from webapp.mailings import beginnings, contents, drafts, sources
from webapp.mailings.models import Goal, Mailing
from webapp.people.models import SubscriptionType
from webapp.platform.database import db
from webapp.platform.locales import speaking
from webapp.targets.models import Project, Selection

SENDER = "hello@fjordlys.example"
SITE = "https://www.fjordlys.example"
LINKS = {
    "/lumo": "Lumo collection",
    "/showroom": "Book a visit",
    "/dealers/prices": "Price list for dealers",
    "/evening": "Sign-up, evening about light",
    "/pro/sample": "Sample on loan",
}
"""What buttons lead to stands on the page of links, by these names."""

Blocks = list[tuple[str, dict[str, object]]]


@dataclass(frozen=True)
class Text:
    name: str
    subject: str
    preheader: str
    goal: Goal
    folder: str
    rows: Sequence[Blocks | tuple[Blocks, Blocks]]
    """Blocks below each other, or two columns of them."""


def newsletter(sent: datetime) -> Text:
    return Text(
        name=f"{sent:%B} newsletter",
        subject="The lamp that follows the day",
        preheader="Lumo dims with the daylight, and one screwdriver takes it apart.",
        goal=Goal.SELL,
        folder="Newsletters",
        rows=[
            [
                _picture("lumo", "Lumo, a green pendant over a table", "/lumo"),
                _heading("Meet Lumo, the lamp that follows the day"),
                _text(
                    _greeting(),
                    "Lumo dims by itself as daylight fades, so the table is never too bright and"
                    " never too dark. Every part of it can be mended with one screwdriver. We have"
                    ' written down <a href="{site}/lumo/how">how it works</a>.',
                ),
                _button("See the Lumo collection", "/lumo"),
            ],
            [("divider", {})],
            (
                [
                    _picture("table", "A small table lamp", "/lumo-table"),
                    _heading("Lumo for the table", 3),
                    _text("The same light, 31 cm high, with a cord that winds up."),
                ],
                [
                    _picture("floor", "A floor lamp beside a chair", "/lumo-floor"),
                    _heading("Lumo for the floor", 3),
                    _text("Stands where you read, and moves with one hand."),
                ],
            ),
            [
                _heading("Come and switch it on", 2),
                _text("The showroom in Aarhus is open until six, and until eight on Thursdays."),
                _button("Book a visit", "/showroom"),
            ],
        ],
    )


def dealer_news(sent: datetime) -> Text:
    return Text(
        name=f"Dealer news, week {sent.isocalendar().week}",
        subject="New prices, and spare parts within two days",
        preheader="The price list is ready, and from now on spare parts come from our own stock.",
        goal=Goal.INFORM,
        folder="Dealers",
        rows=[
            [
                _heading("News for those who sell our lamps"),
                _text(
                    _greeting(),
                    "The new price list is ready. Most prices stay as they are; the brass ones rise"
                    " by four per cent from the first of next month.",
                ),
                _button("Open the price list", "/dealers/prices"),
                _heading("Spare parts within two days", 2),
                _text(
                    "Shades, sockets and cords now come from our own stock in Aarhus. Order before"
                    ' noon on <a href="{site}/dealers/parts">the page for spare parts</a>, and they'
                    " leave the same day.",
                ),
                _heading("For your window", 2),
                _text(
                    "A new set of pictures and signs is yours for the asking. Write which sizes"
                    ' you need on <a href="{site}/dealers/window">the window page</a>.',
                ),
            ]
        ],
    )


def invitation(evening: datetime) -> Text:
    return Text(
        name="Showroom evening, invitation",
        subject=f"An evening about light, {evening:%A} {evening.day} {evening:%B}",
        preheader="Soup, a talk by a lighting designer, and every lamp switched on.",
        goal=Goal.EVENT,
        folder="Events",
        rows=[
            [
                _picture("lumo", "A green pendant over a table", "/evening"),
                _heading("You are invited to an evening about light"),
                _text(
                    _greeting(),
                    "We turn off the big light and show what a room becomes with four small ones."
                    " There is soup, a short talk, and time to ask.",
                ),
                _text(
                    f"<strong>When:</strong> {evening:%A} {evening.day} {evening:%B}, 18:00",
                    "<strong>Where:</strong> Fjordlys, Havnegade 14, Aarhus",
                ),
                _button("Save my place", "/evening"),
                _text(
                    'How to get there is on <a href="{site}/showroom">the showroom’s page</a>.'
                    " Bring somebody who likes lamps.",
                ),
            ]
        ],
    )


def professionals() -> Text:
    """Nearly ready: the preheader is still to be written."""
    return Text(
        name="Lumo for professionals",
        subject='[[customer.firstname|"Hello"]], Lumo for your next project',
        preheader="",
        goal=Goal.WIN_LEADS,
        folder="Dealers",
        rows=[
            [
                _picture("lumo", "Lumo, a green pendant over a table", "/lumo"),
                _heading("Lumo, now for whole rooms"),
                _text(
                    _greeting(),
                    "Twenty pendants or two hundred: Lumo now comes with one control for a whole"
                    ' room, and light files for your drawings. [[company.name|"Your company"]]'
                    " gets a sample on loan for a month.",
                ),
                _button("Ask for a sample", "/pro/sample"),
            ],
            [("divider", {})],
            (
                [
                    _heading("Drawings and light files", 3),
                    _text('IES, DWG and Revit, <a href="{site}/pro/files">ready to take</a>.'),
                ],
                [
                    _heading("Talk to Jonas", 3),
                    _text('He <a href="{site}/pro/call">calls you back</a> within a day.'),
                ],
            ),
        ],
    )


def write(
    text: Text,
    to: Sequence[Selection],
    owner_id: int,
    type_: SubscriptionType | None = None,
    *,
    about: Project | None = None,
) -> Mailing:
    """A draft of it for these selections, and for who subscribes to the type."""
    mailing = drafts.create(
        text.name,
        owner_id=owner_id,
        from_name="Fjordlys",
        from_address=SENDER,
        folder=_folder(text.folder, owner_id),
    )
    mailing.subject, mailing.preheader, mailing.goal = text.subject, text.preheader, text.goal
    mailing.project = about
    drafts.choose_type(mailing, type_.id if type_ else None)
    contents.start_from(mailing, _document(text, _link_tags(owner_id)))
    for selection in to:
        sources.add_selection(mailing, selection)
    return mailing


def keep(mailing: Mailing, owner_id: int) -> None:
    """For the next ones to begin from."""
    name = mailing.name.partition(",")[0]
    beginnings.copy_to_template(mailing, name, folder=None, by=owner_id)


def _folder(name: str, owner_id: int) -> Folder:
    there = select(Folder).where(Folder.of == FolderOf.MAILING, Folder.name == name)
    return db.session.scalar(there) or folders.create(FolderOf.MAILING, name, None, by=owner_id)


def _link_tags(owner_id: int) -> dict[str, str]:
    """The tag that stands for each registered address."""
    known = {link.url: link for link in db.session.scalars(tracked_links.find())}
    for path, name in LINKS.items():
        url = SITE + path
        known[url] = known.get(url) or tracked_links.make(name, url, None, by=owner_id)
    return {url: tracked_links.tag_of(link) for url, link in known.items()}


def _document(text: Text, link_tags: Mapping[str, str]) -> Document:
    with speaking("en"):
        document = new_document(language="en")
    *own, _footer = [block["id"] for block in all_blocks(document)]
    for block_id in own:
        document = delete(document, block_id)
    for row in text.rows:
        document = _with_row(document, row)
    for block in all_blocks(document):
        if block["type"] == "button":
            document = update_part(document, block["id"], {"url": link_tags[block["url"]]})
    return document


def _with_row(document: Document, row: Blocks | tuple[Blocks, Blocks]) -> Document:
    if isinstance(row, list):
        for kind, values in row:
            document, block_id = add_block(document, kind)
            document = update_part(document, block_id, values)
        return document
    document, row_id = add_row(document, "1-1")
    for number, blocks in enumerate(row):
        for kind, values in blocks:
            document, block_id = add_block(document, kind, InColumn(row_id, number))
            document = update_part(document, block_id, values)
    return document


def _greeting() -> str:
    return 'Hi [[customer.firstname|"there"]],'


def _heading(text: str, level: int = 1) -> tuple[str, dict[str, object]]:
    return "heading", {"text": text, "level": level}


def _text(*paragraphs: str) -> tuple[str, dict[str, object]]:
    html = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return "text", {"html": html.replace("{site}", SITE)}


def _button(label: str, path: str) -> tuple[str, dict[str, object]]:
    return "button", {"label": label, "url": SITE + path}


def _picture(name: str, alt: str, path: str) -> tuple[str, dict[str, object]]:
    return "image", {"src": pictures.address(name), "alt": alt, "link": SITE + path}
