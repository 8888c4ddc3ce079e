"""Who gets it, and what some of them lack."""

import flask_babel

from webapp.mailings import gathering
from webapp.mailings.checks.finding import Draft, Finding, Findings, Level, Place, fine
from webapp.mailings.gaps import Gap, gaps, read_instead, some_of
from webapp.platform.locales import _, ngettext


def recipients(draft: Draft) -> Findings:
    mailed = draft.audience.mailed
    under_way = gathering.of(draft.mailing)
    if under_way and under_way.cancelled:
        text = _("The list of recipients is not up to date.")
        yield Finding(Level.ERROR, text, _("Its update was given up."), Place.RECIPIENTS)
    elif under_way:
        text = _("The recipients are being gathered.")
        yield Finding(Level.ERROR, text, _("Look again in a moment."), Place.RECIPIENTS)
    elif mailed:
        number = flask_babel.format_number(mailed)
        yield fine(ngettext("%(number)s recipient", "%(number)s recipients", mailed, number=number))
    elif draft.audience.total:
        detail = _("See at the recipients why each of them is left out.")
        yield Finding(Level.ERROR, _("Nobody can be mailed."), detail, Place.RECIPIENTS)
    else:
        yield Finding(Level.ERROR, _("There are no recipients yet."), place=Place.RECIPIENTS)


def override(draft: Draft) -> Findings:
    reason = draft.mailing.override_reason
    if reason:
        text = _("It goes to people without consent or subscription, too")
        yield Finding(Level.WARNING, text, f"“{reason}”", Place.RECIPIENTS)


def empty_values(draft: Draft) -> Findings:
    for gap in gaps(draft.mailing, draft.content):
        number = flask_babel.format_number(gap.people)
        yield Finding(
            Level.WARNING,
            ngettext(
                "%(number)s recipient has no value for “%(tag)s”",
                "%(number)s recipients have no value for “%(tag)s”",
                gap.people,
                number=number,
                tag=gap.tag.label,
            ),
            f"{_who(draft, gap)} {read_instead(gap)}",
            at=draft.block_with(f"[[{gap.tag.name}"),
            tag=gap.tag.name,
        )


def _who(draft: Draft, gap: Gap) -> str:
    names = some_of(draft.mailing, gap)
    more = gap.people - len(names)
    shown = ", ".join(names)
    if not more:
        return f"{shown}."
    number = flask_babel.format_number(more)
    return _("%(names)s and %(number)s more.", names=shown, number=number)
