"""Where the links of an e-mail lead, and what they say of it."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from flask import current_app

from webapp.content.addresses import is_link
from webapp.content.html.reading import tree_of
from webapp.content.links.link_tracking import LinkTracking
from webapp.mailings.checks.finding import Draft, Finding, Findings, Level, fine
from webapp.platform.locales import _, ngettext

SHORTENERS = {
    *("bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "is.gd", "buff.ly", "cutt.ly"),
    *("rebrand.ly", "t.ly", "tiny.cc", "shorturl.at", "rb.gy", "lnkd.in"),
}
PLACEHOLDERS = {"example.com", "example.org", "example.net"}
OF_ONE_HOUSE = {"localhost", "local", "test", "internal", "lan", "home", "corp", "invalid"}
"""Ends of names that nobody outside can look up."""

_HOST = re.compile(r"(?!-)[\w-]{1,63}(?:\.(?!-)[\w-]{1,63})*\.?")
_SHOWN_ADDRESS = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,24})(?:[:/?#]\S*)?", re.I)


def parses(draft: Draft) -> Findings:
    """Those of blocks that are no addresses at all are found when they are compiled."""
    wrong = [(label, address) for label, address in draft.links if not _has_a_host(address)]
    for label, address in [*wrong, *_wrong_in_html(draft)]:
        yield Finding(
            Level.WARNING,
            _("A link leads to something that is no address"),
            _opens(label, address),
            at=draft.block_with(address),
        )


def leads_outside(draft: Draft) -> Findings:
    to_test = [(label, address) for label, address in draft.links if is_of_one_house(address)]
    for label, address in dict.fromkeys(to_test):
        yield Finding(
            Level.WARNING,
            _("A link points to a test address"),
            _opens(label, address),
            at=draft.block_with(address),
        )
    if draft.links and not to_test:
        number = len(draft.links)
        yield fine(
            ngettext("%(num)s link, no test address", "%(num)s links, no test address", number)
        )


def encrypted(draft: Draft) -> Findings:
    plain = [link for link in draft.links if link[1].startswith("http://")]
    plain = [link for link in plain if not is_of_one_house(link[1])]
    if plain:
        number = len(plain)
        yield Finding(
            Level.HINT,
            ngettext(
                "%(num)d link is not encrypted (http)",
                "%(num)d links are not encrypted (http)",
                number,
            ),
            _("Browsers warn of such pages. Try it with https. %(first)s", first=_opens(*plain[0])),
            at=draft.block_with(plain[0][1]),
        )


def shortened(draft: Draft) -> Findings:
    for label, address in draft.links:
        if _site(address) in SHORTENERS:
            yield Finding(
                Level.HINT,
                _("A link goes through %(site)s", site=_site(address)),
                _("Spam filters distrust short addresses. %(link)s", link=_opens(label, address)),
                at=draft.block_with(address),
            )


def shows_where_it_leads(draft: Draft) -> Findings:
    for label, address in draft.links:
        shown = _shown_site(label)
        if shown and not _same(shown, _site(address)):
            yield Finding(
                Level.WARNING,
                _("A link shows %(shown)s and leads to another site", shown=shown),
                _("That is what fraud looks like to spam filters. %(link)s",
                  link=_opens(label, address)),
                at=draft.block_with(address),
            )  # fmt: skip


def tracked_openly(draft: Draft) -> Findings:
    """What is tracked leads through our own host, whatever its words show."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""
    if draft.mailing.track_links is not LinkTracking.ALL:
        return
    for label, address in draft.links:
        shown = _shown_site(label)
        if shown and _same(shown, _site(address)) and not _same(shown, host):
            yield Finding(
                Level.HINT,
                _("A tracked link shows its address"),
                _(
                    "“%(label)s” leads through %(host)s, to count the clicks. Some spam filters"
                    " take that for fraud; put words in place of the address.",
                    label=label,
                    host=host,
                ),
                at=draft.block_with(address),
            )


def is_of_one_house(address: str) -> bool:
    """Whether only those near by can open it, or nobody."""
    host = _host(address)
    if _is_number(host):
        return not ip_address(host).is_global
    last = host.rpartition(".")[2]
    return bool(host) and (
        "." not in host or last in OF_ONE_HOUSE or _site(address) in PLACEHOLDERS
    )


def _opens(label: str, address: str) -> str:
    return _("“%(label)s” opens %(address)s", label=label, address=address)


def _wrong_in_html(draft: Draft) -> Iterator[tuple[str, str]]:
    """HTML of one's own is not changed, so nobody has looked at its links."""
    tree = tree_of(draft.document["html"]) if draft.document["kind"] == "html" else None
    for link in tree.iter("a") if tree is not None else ():
        address = unquote(link.get("href", "")).strip()
        if "href" in link.attrib and "[[" not in address and not is_link(address):
            yield " ".join(link.text_content().split()), address


def _has_a_host(address: str) -> bool:
    host = _host(address)
    return bool(host and _HOST.fullmatch(host)) or _is_number(host)


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _site(address: str) -> str:
    return _host(address).removeprefix("www.")


def _shown_site(label: str) -> str:
    """The site that the words of a link name; empty when they are words."""
    found = _SHOWN_ADDRESS.fullmatch(label.strip())
    return found[1].lower().removeprefix("www.") if found else ""


def _same(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
