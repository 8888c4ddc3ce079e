"""From one to another: a plain letter, a seasonal greeting, a position to fill."""

from webapp.content.templates.designs.vocabulary import (
    Rows,
    button,
    columns,
    company,
    design,
    footer,
    greeting,
    heading,
    image,
    label,
    line,
    points,
    row,
    sender,
    strong,
    text,
)
from webapp.platform.locales import _, _l


@design(
    _l("Plain letter"),
    _l("Just words, as to one person"),
    background="#ffffff",
    surface="#ffffff",
    font="georgia",
    text_color="#262626",
    link_color="#1a4f8b",
    button_color="#262626",
    width=560,
)
def letter() -> Rows:
    return [
        row(
            text(
                greeting(),
                _(
                    "I write to you because you asked me a question last spring that I could not"
                    " answer. Now I can."
                ),
                _(
                    "You wanted to know whether it would be worth the trouble. We have tried for"
                    " half a year, with real customers and a stopwatch, and the answer is yes:"
                    " but only if one does it properly from the start."
                ),
                _(
                    "I have written down what we learnt, on two pages, and I would like to go"
                    " through them with you. Half an hour is enough. Does one of the coming"
                    " Tuesdays suit you?"
                ),
                size=17,
            ),
            text(_("Kind regards"), sender(), size=17, top=4),
            text(
                _("PS: The coffee is better than last time. We have bought a new machine."),
                size=17,
                top=4,
            ),
            top=28,
            bottom=16,
        ),
        row(line("#dcdcdc", bottom=0), top=0, bottom=0),
        footer("#5f5f5f", align="left", top=6),
    ]


@design(
    _l("Seasonal greeting"),
    _l("A winter card with a few words"),
    background="#12312b",
    surface="#12312b",
    heading_font="georgia",
    text_color="#e4ece6",
    heading_color="#fdf6e3",
    link_color="#f2d492",
    button_color="#f2d492",
)
def season() -> Rows:
    return [
        row(
            image(
                "season", _("A red house in the snow, with light in its windows"), top=0, bottom=0
            ),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            heading(_("Light in every window"), 1, align="center"),
            text(
                greeting(),
                _(
                    "The year is nearly over, and much of what was good in it came from you: the"
                    " questions, the patience, the orders written on the back of an envelope."
                ),
                _("Thank you. We wish you quiet days, long breakfasts and a good new year."),
                align="center",
                size=17,
                left=28,
                right=28,
            ),
            text(
                "<em>{}</em>".format(_("Everybody at [[config.companyName]]")),
                align="center",
                size=17,
                color="#f2d492",
                top=4,
            ),
            top=28,
            bottom=20,
        ),
        row(line("#3b5f56", width=20), top=4, bottom=4),
        row(
            text(
                _(
                    "In place of presents we have given to the city mission this year, in your"
                    " name."
                ),
                align="center",
                size=15,
                color="#c6d5cd",
                left=28,
                right=28,
            ),
            top=4,
            bottom=16,
        ),
        footer("#c6d5cd"),
    ]


@design(
    _l("Job opening"),
    _l("Who is wanted, for what, and until when"),
    background="#efece6",
    surface="#ffffff",
    text_color="#35373b",
    heading_color="#17191c",
    link_color="#0a6152",
    button_color="#0a6152",
)
def job() -> Rows:
    mint, ink = "#0a6152", "#17191c"
    facts = (
        (_("Where"), _("Aarhus, two days a week from home")),
        (_("Hours"), _("37, and we mean it")),
        (_("Apply by"), _("15 March")),
    )
    return [
        columns(
            "1-1",
            (company(color=ink),),
            (text(_("We are hiring"), size=14, color=mint, align="right", top=12),),
            stack=False,
            vertical="middle",
            top=12,
            bottom=4,
        ),
        row(
            image(
                "job", _("A desk by the window, with an empty chair"), radius=12, top=0, bottom=0
            ),
            top=6,
            bottom=6,
        ),
        row(
            label(_("Designer"), mint),
            heading(_("We have an empty chair"), 1, top=6),
            text(
                _(
                    "We are fourteen people who make complicated things easy to use. Now we look"
                    " for a colleague who asks why until it gets simple."
                ),
                size=17,
            ),
            top=18,
            bottom=4,
        ),
        columns(
            "1-1-1",
            *(
                (
                    label(name, mint, top=6),
                    text(words, size=15, top=0, bottom=8),
                )
                for name, words in facts
            ),
            background="#e9f3f0",
            top=8,
            bottom=8,
        ),
        row(
            heading(_("You will"), 3, bottom=2),
            points(
                _("draw, test and throw away, together with those who build it"),
                _("talk to customers every week"),
                _("say no to what nobody needs"),
            ),
            heading(_("You get"), 3, bottom=2),
            points(
                _("a mentor for the first half year, and time to learn"),
                _("good chairs, quiet mornings and lunch at a long table"),
            ),
            button(_("Read more and apply"), radius=10, top=16),
            top=16,
            bottom=12,
        ),
        row(
            text(
                strong(_("Do you know the right one?")),
                _("Forward this e-mail. If it becomes a match, we owe you dinner."),
                size=15,
            ),
            background="#f7f5f1",
            top=12,
            bottom=12,
        ),
        footer("#5d5b56", background="#efece6"),
    ]
