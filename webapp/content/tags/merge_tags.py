"""The merge tags that there are. Names are compared without regard to case.

Upper floors `register` the tags they have values for; tags that come and go while the program runs
are asked for each time (`register_family`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from flask_babel import LazyString

from webapp.content.tags.logic.expressions import Worded
from webapp.platform.database import memory
from webapp.platform.locales import _l, spoken


class TagGroup(StrEnum):
    """What a tag is about."""

    PERSON = "person"
    COMPANY = "company"
    OUR_CONTACT = "our_contact"
    CUSTOM = "custom"
    MAILING = "mailing"
    LINKS = "links"


GROUP_NAMES: dict[TagGroup, LazyString] = {
    TagGroup.PERSON: _l("Person"),
    TagGroup.COMPANY: _l("Company"),
    TagGroup.OUR_CONTACT: _l("Our contact"),
    TagGroup.CUSTOM: _l("Custom fields"),
    TagGroup.MAILING: _l("Mailing and you"),
    TagGroup.LINKS: _l("Links"),
}
_GROUPS = {
    "customer.field.": TagGroup.CUSTOM,
    "company.field.": TagGroup.CUSTOM,
    "company.ourContact.": TagGroup.OUR_CONTACT,
    "ourContact.": TagGroup.OUR_CONTACT,
    "customer.": TagGroup.PERSON,
    "company.": TagGroup.COMPANY,
    "link.": TagGroup.LINKS,
}
"""By how a name begins: the first that fits, or else the mailing."""


@dataclass(frozen=True)
class KnownTag:
    name: str
    label: LazyString | str
    sample: str
    is_address: bool = False
    """The value is a whole address (https://…), made by Brevdue, that a link may lead to."""
    leads_to: str = ""
    """Of such an address that people wrote: what it is. May hold other tags."""
    retired: bool = False
    """It still has a value where it is written, but nothing new may be sent with it."""

    @property
    def group(self) -> TagGroup:
        begins = (group for prefix, group in _GROUPS.items() if self.name.startswith(prefix))
        return next(begins, TagGroup.MAILING)


@dataclass(frozen=True)
class TagFamily:
    """Tags that come and go, all with names that begin alike."""

    prefix: str
    find: Callable[[str], KnownTag | None]
    """The tag whose name, in lower case, ends so; also a retired one."""
    offered: Callable[[], Sequence[KnownTag]]


KNOWN_TAGS: dict[str, KnownTag] = {}
_FAMILIES: dict[str, TagFamily] = {}


def register(*tags: KnownTag) -> None:
    KNOWN_TAGS.update((tag.name.lower(), tag) for tag in tags)


def register_family(family: TagFamily) -> None:
    _FAMILIES[family.prefix] = family


def known_tags() -> list[KnownTag]:
    """Those to choose from."""
    key = ("known tags", spoken())
    if key not in memory():
        memory()[key] = [tag for family in _FAMILIES.values() for tag in family.offered()]
    return [*KNOWN_TAGS.values(), *memory()[key]]


def known_tag(name: str) -> KnownTag | None:
    """Also one that is retired."""
    key = name.lower()
    for prefix, family in _FAMILIES.items():
        if key.startswith(prefix):
            return _found(family, key)
    return KNOWN_TAGS.get(key)


def _found(family: TagFamily, key: str) -> KnownTag | None:
    """A long e-mail names the same few tags again and again."""
    known: dict[str, KnownTag | None] = memory().setdefault(("tag", spoken()), {})
    if key not in known:
        known[key] = family.find(key.removeprefix(family.prefix))
    return known[key]


def by_group(tags: Sequence[KnownTag]) -> list[tuple[LazyString, list[KnownTag]]]:
    """With what each group is called; only those that have a tag."""
    groups = [(name, [tag for tag in tags if tag.group is g]) for g, name in GROUP_NAMES.items()]
    return [(name, members) for name, members in groups if members]


def sample_values() -> dict[str, str]:
    """By name, what the tags could be for some recipient: for a preview without one."""
    return {tag.name: tag.sample for tag in known_tags()}


def suggestion(name: str) -> str:
    """The known tag that was probably meant, or an empty text."""
    wanted = name.lower()[:60]
    names = {tag.name.lower(): tag.name for tag in known_tags()}
    for key, written in names.items():
        if wanted and key.endswith(f".{wanted}"):
            return written
    close = get_close_matches(wanted, names, n=1, cutoff=0.6)
    return names[close[0]] if close else ""


register(
    KnownTag("customer.name", _l("Name"), "Karen Blichfeldt"),
    KnownTag("customer.firstname", _l("First name"), "Karen"),
    KnownTag("customer.middlename", _l("Middle name"), "Marie"),
    KnownTag("customer.lastname", _l("Last name"), "Blichfeldt"),
    KnownTag("customer.title", _l("Title"), "Ms"),
    KnownTag("customer.mrmrs", _l("Mr or Ms"), "Ms"),
    KnownTag("customer.salutation", _l("Greeting"), "Dear Karen"),
    KnownTag("customer.email", _l("E-mail address"), "karen@example.com"),
    KnownTag("customer.cellphone", _l("Mobile"), "+45 20 12 34 56"),
    KnownTag("customer.phone", _l("Phone"), "+45 70 12 34 56"),
    KnownTag("customer.language", _l("Language"), "da"),
    KnownTag("customer.note", _l("Note"), "Prefers a call before noon."),
    KnownTag("customer.id", _l("Number in your contacts"), "1204"),
    KnownTag("company.name", _l("The recipient's company"), "Nordlys Interiør ApS"),
    KnownTag("company.department", _l("The company's department"), "Showroom Aarhus"),
    KnownTag("company.adr", _l("The company's address"), "Havnegade 12, 8000 Aarhus C"),
    KnownTag("company.phone", _l("The company's phone"), "+45 86 12 34 56"),
    KnownTag("company.domain", _l("The company's domain"), "nordlys.example"),
    KnownTag("company.note", _l("The company's note"), "Orders twice a year."),
    KnownTag("company.id", _l("The company's number in your companies"), "311"),
    KnownTag("ourContact.name", _l("Our contact"), "Jonas Bæk"),
    KnownTag("ourContact.email", _l("Our contact's e-mail"), "jonas@fjordlys.example"),
    KnownTag("ourContact.phone", _l("Our contact's phone"), "+45 86 12 34 00"),
    KnownTag("ourContact.cellphone", _l("Our contact's mobile"), "+45 20 12 34 00"),
    KnownTag("company.ourContact.name", _l("The company's contact with us"), "Jonas Bæk"),
    KnownTag(
        "company.ourContact.email",
        _l("E-mail of the company's contact with us"),
        "jonas@fjordlys.example",
    ),
    KnownTag(
        "company.ourContact.phone", _l("Phone of the company's contact with us"), "+45 86 12 34 00"
    ),
    KnownTag(
        "company.ourContact.cellphone",
        _l("Mobile of the company's contact with us"),
        "+45 20 12 34 00",
    ),
    KnownTag("config.companyName", _l("Your company"), "Fjordlys A/S"),
    KnownTag("config.companyAddress", _l("Your address"), "Kajen 4, 5000 Odense C"),
    KnownTag("mailing.name", _l("Name of the mailing"), "Spring news"),
    KnownTag("project.name", _l("The mailing's project"), "Lumo at Formex"),
    KnownTag("project.number", _l("The project's number"), "27"),
    KnownTag("project.type", _l("The project's type"), "Trade fair"),
    KnownTag("project.begin", _l("The project begins"), Worded("18 August 2026", "2026-08-18")),
    KnownTag("project.end", _l("The project ends"), Worded("21 August 2026", "2026-08-21")),
    KnownTag("date.today", _l("Today's date"), Worded("12 May 2026", "2026-05-12")),
    KnownTag("attachment.name", _l("Name of the attachment"), "Programme.pdf"),
    KnownTag("attachment.openUrl", _l("The attachment"), "https://example.com/f", is_address=True),
    KnownTag("link.subscription", _l("Subscriptions"), "https://example.com/u", is_address=True),
    KnownTag("link.unsubscribe", _l("Unsubscribe"), "https://example.com/u", is_address=True),
    KnownTag("link.viewShipmentMessage", _l("View online"), "https://example.com/v", True),
)
