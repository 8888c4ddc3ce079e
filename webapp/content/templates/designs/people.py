"""About the relation itself: welcome, survey, may we still write, an anniversary."""

from webapp.content.templates.designs.vocabulary import (
    Rows,
    button,
    columns,
    company,
    design,
    figure,
    footer,
    greeting,
    heading,
    image,
    label,
    line,
    row,
    sender,
    space,
    strong,
    text,
)
from webapp.platform.locales import _, _l


@design(
    _l("Welcome"),
    _l("A warm hello and three first steps"),
    background="#fdf0cf",
    surface="#fffaf0",
    font="trebuchet",
    text_color="#473a20",
    heading_color="#33270f",
    link_color="#8a5a00",
    button_color="#8a5a00",
)
def welcome() -> Rows:
    amber = "#8a5a00"
    steps = (
        ("1", _("Tell us what you like"), _("Two questions, and you only get what interests you.")),
        ("2", _("Have a look around"), _("Begin with what others like best.")),
        ("3", _("Say hello"), _("Answer this e-mail. We read everything.")),
    )
    return [
        row(
            image("welcome", _("An open door with the sun behind it"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            heading(_("Come in, and welcome"), 1, align="center"),
            text(
                greeting(),
                _(
                    "It is good to have you here. You will hear from us about twice a month: when"
                    " something is new, when something is on offer, and when we have something to"
                    " say. Never more."
                ),
                align="center",
                size=17,
                left=20,
                right=20,
            ),
            button(_("Take the tour"), align="center", radius=24),
            top=24,
            bottom=20,
        ),
        *(
            columns(
                (18, 82),
                (figure(number, 38, amber, top=6, bottom=6),),
                (text(f"{strong(title)}<br>{words}", top=8, bottom=8),),
                stack=False,
                vertical="middle",
                background="#fdf3da",
                top=6,
                bottom=6,
            )
            for number, title, words in steps
        ),
        row(
            text(_("All the best,"), strong(sender()), align="center"),
            top=20,
            bottom=18,
        ),
        footer("#6a5730", background="#fdf0cf"),
    ]


@design(
    _l("Survey"),
    _l("One question that is answered with one click"),
    background="#e9e4f5",
    surface="#ffffff",
    text_color="#3d3654",
    heading_color="#2a2145",
    link_color="#5b3fa0",
    button_color="#5b3fa0",
    margin=24,
)
def survey() -> Rows:
    violet = "#5b3fa0"
    return [
        row(
            company(align="center", color=violet),
            image("survey", _("Five faces, from sad to happy"), top=14, bottom=4),
            top=20,
            bottom=0,
        ),
        row(
            heading(_("How did we do?"), 1, align="center"),
            text(
                greeting(),
                _(
                    "You visited us the other day. Press the number that fits, and you are done:"
                    " it takes four seconds."
                ),
                align="center",
                left=20,
                right=20,
            ),
            top=8,
            bottom=4,
        ),
        columns(
            (20, 20, 20, 20, 20),
            *(
                (button(str(mark), full_width=True, size="s", radius=10, left=12, right=12),)
                for mark in range(1, 6)
            ),
            stack=False,
            edge=True,
            top=0,
            bottom=0,
        ),
        columns(
            "1-1",
            (text(_("1 · Not again"), size=13, color="#6b6383", top=0),),
            (text(_("Gladly again · 5"), size=13, color="#6b6383", align="right", top=0),),
            stack=False,
            top=0,
            bottom=12,
        ),
        row(
            heading(_("Rather write it in your own words?"), 3, bottom=2),
            text(
                _(
                    "Answer this e-mail. What we hear from you in the next two weeks decides what"
                    " we change first, and we tell you what came of it."
                ),
                size=15,
            ),
            text(_("Thank you,"), sender(), size=15, top=4),
            background="#f5f2fb",
            top=16,
            bottom=16,
        ),
        footer("#5a5273", background="#e9e4f5"),
    ]


@design(
    _l("May we still write?"),
    _l("Asks those who have not opened for long to say yes again"),
    background="#e2e8df",
    surface="#f8faf6",
    font="georgia",
    text_color="#364036",
    heading_color="#23301f",
    link_color="#3c6b32",
    button_color="#2f5a26",
    width=540,
    margin=28,
)
def permission() -> Rows:
    return [
        row(
            image("permission", _("An envelope with a leaf"), width=46, top=12, bottom=0),
            heading(_("Shall we stay in touch?"), 1, align="center"),
            text(
                greeting(),
                _(
                    "It is a while since you last opened one of our e-mails. That is fine:"
                    " inboxes are full. But we would rather write to people who like to hear from"
                    " us."
                ),
                _("So: may we go on?"),
                align="center",
                size=17,
                left=16,
                right=16,
            ),
            button(_("Yes, go on writing"), align="center", size="l", radius=6),
            text(
                '<a href="[[link.unsubscribe]]">{}</a>'.format(_("No, thank you")),
                align="center",
                bottom=4,
            ),
            top=24,
            bottom=20,
        ),
        row(
            text(
                _(
                    "If you do nothing, this was our last e-mail. You are always welcome to come"
                    " back."
                ),
                size=15,
                align="center",
            ),
            text(sender(), size=15, align="center", top=0),
            background="#edf2ea",
            top=14,
            bottom=14,
        ),
        footer(
            "#4e5a4c",
            why=_("You get this e-mail because you once said yes to hearing from us."),
            background="#e2e8df",
        ),
    ]


@design(
    _l("Anniversary"),
    _l("A round number, the way there and a thank-you"),
    background="#f7e3ea",
    surface="#fffafb",
    heading_font="times",
    text_color="#4b2f3b",
    heading_color="#5c1a3a",
    link_color="#9c2459",
    button_color="#9c2459",
)
def anniversary() -> Rows:
    plum, rose = "#5c1a3a", "#9c2459"
    years = (
        ("2005", _("A garage, two friends and a borrowed drill.")),
        ("2009", _("The first shop, and the first winter without sleep.")),
        ("2016", _("Ten of us. The coffee machine becomes a colleague.")),
        ("2025", _("Forty people, and the drill still works.")),
    )
    return [
        row(
            image("anniversary", _("A cake with candles, and bunting"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            figure(_("20 years"), 60, rose, align="center", top=14, bottom=0),
            heading(_("and it is your doing"), 1, align="center", top=0),
            text(
                greeting(),
                _(
                    "A firm does not grow old by itself. Somebody has to come back. You did, so"
                    " this birthday is yours as much as ours."
                ),
                align="center",
                size=17,
                left=20,
                right=20,
            ),
            top=16,
            bottom=8,
        ),
        row(line("#ecc9d6", width=24), top=2, bottom=2),
        *(
            columns(
                (24, 76),
                (text(strong(year), size=20, color=rose, align="right", top=6, bottom=6),),
                (text(words, top=8, bottom=6),),
                stack=False,
                top=2,
                bottom=2,
            )
            for year, words in years
        ),
        row(space(16), top=0, bottom=0),
        row(
            label(_("Our present to you"), "#fbd9e5", align="center"),
            heading(_("Coffee and cake on Saturday"), 2, color="#ffffff", align="center", top=4),
            text(
                _("From ten until the cake is gone. Bring the children."),
                color="#fbe9ef",
                align="center",
            ),
            button(_("We are coming"), color="#ffffff", text_color=plum, align="center", radius=24),
            background=plum,
            top=24,
            bottom=26,
        ),
        footer("#7a4a5c", background="#f7e3ea"),
    ]
