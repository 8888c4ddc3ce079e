"""Addresses as people type them where they choose what a link leads to, checked at once."""

import re
from collections.abc import Callable
from enum import StrEnum

from webapp.content.addresses import is_link, is_web, tidy
from webapp.content.tags.merge_tags import known_tag
from webapp.content.tags.tag_parsing import Tag, parse
from webapp.content.tags.words import Words
from webapp.people.addresses import AddressError, parse_address
from webapp.platform.errors import DomainError
from webapp.platform.locales import _l

LONGEST = 2000

_BETWEEN_DIGITS = re.compile(r"[\s()./-]+")
_NUMBER = re.compile(r"\+?\d{3,20}")


class Opens(StrEnum):
    """What a plain link opens."""

    PAGE = "page"
    MAIL = "mail"
    PHONE = "phone"


class NotOnTheWeb(DomainError):
    message = _l(
        "It cannot lead there. Write the whole address of a page on the web, for example"
        " https://www.example.com."
    )


class NoMailbox(DomainError):
    message = _l("Write an e-mail address, for example shop@example.com.")


class NoNumber(DomainError):
    message = _l("Write a phone number, for example +45 86 12 34 56.")


class MistakeInAddress(DomainError):
    """A merge tag in it cannot be filled in."""

    message = "%(problem)s"


def web_address(typed: str) -> str:
    """Of a page; may hold merge tags. Raises NotOnTheWeb and MistakeInAddress."""
    address = _checked(tidy(typed), is_web, NotOnTheWeb)
    tags = [known_tag(piece.name) for piece in parse(address, "") if isinstance(piece, Tag)]
    if any(tag is not None and tag.is_address for tag in tags):
        # Each recipient's own link, or a tracked one, leads somewhere by itself.
        raise NotOnTheWeb
    return address


def plain_address(opens: Opens, typed: str) -> str:
    """What stands in a link for it. Raises NotOnTheWeb, NoMailbox, NoNumber and
    MistakeInAddress."""
    match opens:
        case Opens.MAIL:
            return _checked(f"mailto:{_mailbox(typed)}", is_link, NoMailbox)
        case Opens.PHONE:
            return _checked(f"tel:{_number(typed)}", is_link, NoNumber)
        case _:
            return web_address(typed)


def taken_apart(address: str) -> tuple[Opens, str]:
    """What an address opens, and what was typed for it."""
    for opens, scheme in ((Opens.MAIL, "mailto:"), (Opens.PHONE, "tel:")):
        if address.lower().startswith(scheme):
            return opens, address[len(scheme) :]
    return Opens.PAGE, address


def _checked(address: str, fits: Callable[[str], bool], otherwise: type[DomainError]) -> str:
    words = Words(address)
    variants = words.variants(words.of_text(address, ""))
    for problem in words.problems:
        raise MistakeInAddress(problem=f"{problem.message} {problem.hint}".strip())
    if not all(map(fits, variants)):
        raise otherwise
    return address


def _mailbox(typed: str) -> str:
    """With a subject behind it, maybe."""
    mailbox = typed.strip()
    if "[[" not in mailbox:
        try:
            parse_address(mailbox.partition("?")[0])
        except AddressError as error:
            raise NoMailbox from error
    return mailbox


def _number(typed: str) -> str:
    if "[[" in typed:
        return typed.strip()
    number = _BETWEEN_DIGITS.sub("", typed)
    if not _NUMBER.fullmatch(number):
        raise NoNumber
    return number
