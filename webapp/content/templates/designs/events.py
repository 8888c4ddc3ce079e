"""When people are to meet: invitation, webinar, the reminder before it."""

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
    linked,
    points,
    row,
    sender,
    space,
    strong,
    text,
)
from webapp.platform.locales import _, _l


@design(
    _l("Event invitation"),
    _l("An evening, with when, where and a place to save"),
    background="#141b33",
    surface="#1d2644",
    heading_font="georgia",
    text_color="#e6e3dc",
    heading_color="#fbf3e2",
    link_color="#f0c27b",
    button_color="#f0c27b",
)
def invitation() -> Rows:
    gold, night = "#f0c27b", "#141b33"
    return [
        row(
            image("invitation", _("Lanterns over a long table in the evening"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            label(_("You are invited"), gold, align="center"),
            heading(_("An evening under the lanterns"), 1, align="center", top=8),
            text(
                greeting(),
                _(
                    "Once a year we move the tables outside, light the lanterns and do nothing"
                    " useful at all. There is food, there is music, and there is a chair with"
                    " your name on it."
                ),
                align="center",
                size=17,
                left=24,
                right=24,
            ),
            top=26,
            bottom=6,
        ),
        row(line("#46507a", width=20), top=4, bottom=4),
        columns(
            "1-1-1",
            *(
                (
                    label(name, gold, align="center", top=4),
                    text(words, align="center", size=17, top=2, bottom=6),
                )
                for name, words in (
                    (_("When"), _("Thursday 12 June<br>from 18.00")),
                    (_("Where"), _("The courtyard<br>Harbour Street 8")),
                    (_("Bring"), _("Someone you<br>like to talk to")),
                )
            ),
            top=4,
            bottom=8,
        ),
        row(
            button(
                _("Save my place"), text_color="#1d2644", align="center", radius=4, size="l", top=4
            ),
            text(
                _("Please answer before 1 June, so that nobody goes hungry."),
                align="center",
                size=14,
                color="#c3c5d6",
            ),
            top=4,
            bottom=26,
        ),
        footer("#c3c5d6", background=night),
    ]


@design(
    _l("Webinar"),
    _l("What people learn, who speaks, and a seat to book"),
    background="#e6edf7",
    surface="#ffffff",
    font="trebuchet",
    text_color="#33415c",
    heading_color="#0b2447",
    link_color="#0b5cad",
    button_color="#0b5cad",
)
def webinar() -> Rows:
    navy, cyan = "#0b2447", "#8fd8f2"
    return [
        row(
            company(color="#ffffff"),
            label(_("Free webinar · 45 minutes"), cyan, top=22),
            heading(_("Write less, and be read more"), 1, color="#ffffff", top=6),
            text(
                _("Wednesday 8 October, 10.00 to 10.45, wherever you are."),
                color="#dbe7f7",
                size=17,
            ),
            button(_("Book my seat"), color=cyan, text_color=navy, radius=6, size="l", bottom=18),
            background=navy,
            top=16,
            bottom=0,
        ),
        row(
            image("webinar", _("A laptop that shows a talk, and a cup of tea"), top=0, bottom=0),
            edge=True,
            background=navy,
            top=0,
            bottom=0,
        ),
        row(
            heading(_("What you take home"), 2, bottom=4),
            points(
                _("Subject lines that say what is inside, with twelve examples."),
                _("How to cut a text by half without losing a thought."),
                _("A checklist to pin above your desk."),
            ),
            top=22,
            bottom=8,
        ),
        row(heading(_("Your hosts"), 2, bottom=0), top=4, bottom=0),
        *(
            columns(
                (26, 74),
                (image(f"webinar-{picture}", "", align="left", top=8, bottom=8),),
                (
                    heading(name, 3, top=10, bottom=0),
                    text(words, size=15, top=4, bottom=8),
                ),
                stack=False,
                vertical="middle",
                top=2,
                bottom=2,
            )
            for picture, name, words in (
                (
                    "anna",
                    _("Anna Holm"),
                    _("Editor for fifteen years, and still deletes her first paragraph."),
                ),
                (
                    "jonas",
                    _("Jonas Berg"),
                    _("Tests what people really open, click and forward."),
                ),
            )
        ),
        row(space(10), top=0, bottom=0),
        row(
            text(
                strong(_("Cannot make it?")),
                _("Book all the same: everybody who did gets the recording the day after."),
                size=15,
            ),
            button(_("Book my seat"), radius=6),
            background="#f0f5fb",
            top=16,
            bottom=20,
        ),
        footer("#4a5875", background="#e6edf7"),
    ]


@design(
    _l("Event reminder"),
    _l("The day, the programme and how to get there"),
    background="#f4efe8",
    surface="#ffffff",
    text_color="#38332e",
    heading_color="#1f1b17",
    link_color="#8a3b12",
    button_color="#8a3b12",
)
def reminder() -> Rows:
    orange = "#8a3b12"
    programme = (
        ("09.00", _("Coffee and rolls"), _("Your badge lies at the entrance.")),
        ("09.30", _("Good morning"), _("What the day is for, in ten minutes.")),
        ("10.00", _("Three cases"), _("What went well, and what did not.")),
        ("12.00", _("Lunch"), _("Tell us what you do not eat.")),
        ("13.00", _("Workshops"), _("Bring something that you are stuck with.")),
    )
    return [
        row(company(), top=16, bottom=8),
        columns(
            (28, 72),
            (
                figure("14", 52, "#ffffff", align="center", top=6, bottom=0),
                text(strong(_("MAY")), align="center", color="#ffffff", top=0, bottom=10),
            ),
            (
                label(_("On Wednesday it happens"), "#ffe3cf", top=10),
                heading(_("We look forward to seeing you"), 2, color="#ffffff", top=4, bottom=4),
                text(
                    _("9.00 to 15.30 · The old dairy, first floor"),
                    size=15,
                    color="#ffe3cf",
                    top=4,
                ),
            ),
            stack=False,
            vertical="middle",
            background=orange,
            top=12,
            bottom=12,
        ),
        row(
            text(
                greeting(),
                _("Here is what you need for the day. Print nothing: we have it all on the wall."),
            ),
            top=14,
            bottom=0,
        ),
        row(heading(_("The programme"), 2, bottom=2), top=4, bottom=0),
        *(
            columns(
                (22, 78),
                (text(strong(time), color=orange, top=6, bottom=6),),
                (text(f"{strong(title)}<br>{words}", size=15, top=6, bottom=6),),
                stack=False,
                top=2,
                bottom=2,
            )
            for time, title, words in programme
        ),
        row(space(12), top=0, bottom=0),
        columns(
            "1-1",
            (image("reminder", _("A map with the way from the station"), radius=8),),
            (
                heading(_("How to get there"), 3, bottom=2),
                text(
                    _(
                        "Seven minutes on foot from the station. There are bicycle stands in the"
                        " yard and parking behind the house."
                    ),
                    linked(_("Open the map"), orange),
                    size=15,
                ),
            ),
            vertical="middle",
            background="#faf6f0",
            top=14,
            bottom=14,
        ),
        row(
            text(
                _(
                    "Prevented after all? Give your seat to a colleague, or tell us, so that"
                    " somebody on the waiting list can come."
                )
            ),
            button(_("Put it in my calendar")),
            text(_("Until Wednesday,"), sender()),
            top=16,
            bottom=16,
        ),
        footer("#635a50", background="#f4efe8"),
    ]
