"""How an e-mail looks in the dark, where the mail program asks for it (Apple Mail, Outlook on
phones, …): each colour that is written into it gets a class, and the class a rule for the dark.

Programs that know nothing of it either leave the colours alone or change them by themselves.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from webapp.content.email.colours import dark_background, dark_words

QUERY = "@media (prefers-color-scheme:dark)"
_ANY_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*dark\s*\)", re.IGNORECASE)


def seen_in(html: str, *, dark: bool) -> str:
    """A preview on any screen: what holds in the dark holds always, or never."""
    return _ANY_QUERY.sub("(min-width:0)" if dark else "(max-width:0)", html)


@dataclass
class DarkStyles:
    """Gives out the classes; `css` are the rules for those it gave."""

    _classes: dict[tuple[str, str], str] = field(default_factory=dict)
    _rules: list[str] = field(default_factory=list)

    def background(self, colour: str) -> str:
        """For what has the colour behind it: a cell, or the box and the table of a row."""
        return self._class("b", colour, dark_background, ".{0},.{0}>table", "background-color")

    def words(self, colour: str) -> str:
        """For what is written in the colour, or the cell around it."""
        return self._class("w", colour, dark_words, ".{0},.{0}>div", "color")

    def line(self, colour: str) -> str:
        return self._class("l", colour, dark_background, ".{0}>p", "border-top-color")

    def css(self, page: str) -> str:
        """`page` is the colour around the e-mail."""
        around = f"body,body>div{{background-color:{dark_background(page)}!important}}"
        return f"{QUERY}{{{around}{''.join(self._rules)}}}"

    def _class(
        self, kind: str, colour: str, dark: Callable[[str], str], selector: str, style: str
    ) -> str:
        if (kind, colour) not in self._classes:
            name = f"d{kind}{len(self._classes)}"
            self._classes[kind, colour] = name
            rule = f"{selector.format(name)}{{{style}:{dark(colour)}!important}}"
            self._rules.append(rule)
        return self._classes[kind, colour]
