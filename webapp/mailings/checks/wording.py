"""What spam filters and readers dislike in words. Each sign is one that can be explained."""

import re

from webapp.mailings.checks.finding import Check, Draft, Finding, Findings, Level, Place, fine
from webapp.platform.locales import _

LONGEST_SUBJECT = 70
ON_PHONES = 40
"""About as many characters of a subject as a phone shows."""

_ANSWER = re.compile(r"(?:re|fwd?|aw|wg|sv|vs|vl)\s*:", re.IGNORECASE)
_SHOUTED = re.compile(
    r"\b(?:FREE|GRATIS|WINNER|VINDER|URGENT|HASTER|CASH|CLICK HERE|KLIK HER|BUY NOW|KØB NU)\b!*"
)
_MONEY = re.compile(r"[$€£]{2,}|!{3,}")


def subject_length(draft: Draft) -> Findings:
    length = len(draft.subject)
    if length > LONGEST_SUBJECT:
        text = _("The subject is %(number)d characters long", number=length)
        start = draft.subject[:ON_PHONES].rstrip()
        detail = _(
            "Phones show about the first %(most)d: “%(start)s…”", most=ON_PHONES, start=start
        )
        yield _in_subject(text, detail)


def capitals(draft: Draft) -> Findings:
    letters = [letter for letter in draft.subject if letter.isalpha()]
    if len(letters) > 5 and all(letter.isupper() for letter in letters):
        detail = _("Capitals read as shouting, and spam filters count them.")
        yield _in_subject(_("The subject is all in capitals"), detail)


def exclamation_marks(draft: Draft) -> Findings:
    if draft.subject.count("!") > 1:
        detail = _("One says it, more look like an advertisement.")
        yield _in_subject(_("The subject has several exclamation marks"), detail)


def answer(draft: Draft) -> Findings:
    found = _ANSWER.match(draft.subject.strip())
    if found:
        detail = _("Nobody wrote to you first. Readers feel deceived, and filters know the trick.")
        text = _("The subject begins with “%(start)s” like an answer", start=found[0])
        yield _in_subject(text, detail, Level.WARNING)


def market_cries(draft: Draft) -> Findings:
    for place, text in ((Place.SETUP, draft.subject), (Place.CONTENT, draft.words)):
        found = _SHOUTED.search(text) or _MONEY.search(text)
        if found:
            yield Finding(
                Level.HINT,
                _("“%(words)s” is what spam says", words=found[0]),
                _("Say it in plain words and without capitals."),
                place,
                "subject" if place is Place.SETUP else draft.block_with(found[0]),
            )


SIGNS: tuple[Check, ...] = (subject_length, capitals, exclamation_marks, answer, market_cries)


def spam(draft: Draft) -> Findings:
    found = [finding for sign in SIGNS for finding in sign(draft)]
    yield from found or [fine(_("No words that spam filters dislike"))]


def _in_subject(text: str, detail: str, level: Level = Level.HINT) -> Finding:
    return Finding(level, text, detail, Place.SETUP, "subject")
