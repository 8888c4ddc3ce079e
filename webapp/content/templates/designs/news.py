"""What there is to tell: newsletter, digest, a new product, a practical message."""

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
    quote,
    row,
    sender,
    space,
    strong,
    text,
)
from webapp.platform.locales import _, _l


@design(
    _l("Newsletter"),
    _l("A lead story, two more and a few short ones"),
    background="#f1e9dd",
    surface="#fffdf9",
    heading_font="georgia",
    text_color="#3a312a",
    heading_color="#2b211a",
    link_color="#9a3f22",
    button_color="#9a3f22",
)
def newsletter() -> Rows:
    rust, paper, sand = "#9a3f22", "#f1e9dd", "#f8f1e6"
    return [
        row(company(align="center"), top=14, bottom=14, background=paper),
        row(
            image(
                "newsletter", _("A cup of coffee and a newspaper on a window sill"), top=0, bottom=0
            ),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            label(_("This month"), rust),
            heading(_("What makes a long winter shorter"), 1, top=6),
            text(
                greeting(),
                _(
                    "When the days are short, we notice the small things: a chair that stands in"
                    " the right light, a door that no longer draughts. We have collected what our"
                    " customers asked us about most this autumn, and what we answered."
                ),
            ),
            button(_("Read the whole story"), bottom=16),
            top=24,
            bottom=12,
        ),
        row(line("#e6dac8"), top=0, bottom=0),
        columns(
            "1-1",
            (
                image("newsletter-lamp", _("A lamp over a reading chair"), radius=6),
                heading(_("Three lamps, one corner"), 3, bottom=4),
                text(
                    _("How to light a room for reading without lighting all of it."),
                    linked(_("See how"), rust),
                    size=15,
                    top=4,
                ),
            ),
            (
                image("newsletter-plant", _("A green plant in a clay pot"), radius=6),
                heading(_("Green until spring"), 3, bottom=4),
                text(
                    _("Five plants that forgive you if you forget them for a week."),
                    linked(_("Meet them"), rust),
                    size=15,
                    top=4,
                ),
            ),
            top=16,
            bottom=12,
        ),
        row(
            heading(_("In brief"), 2, bottom=2),
            points(
                _("The shop is open every Thursday until eight."),
                _("Repairs that reach us before the 10th are back before the holidays."),
                _("We are looking for someone who likes wood, people and early mornings."),
            ),
            background=sand,
            top=18,
            bottom=18,
        ),
        row(
            text(_("See you soon,"), strong(sender())),
            top=16,
            bottom=16,
        ),
        footer("#675a4d", background=paper),
    ]


@design(
    _l("Digest"),
    _l("Many short stories, easy to skim"),
    background="#ffffff",
    surface="#ffffff",
    font="arial",
    heading_font="georgia",
    text_color="#333333",
    heading_color="#111111",
    link_color="#b01e23",
    button_color="#b01e23",
    width=580,
)
def digest() -> Rows:
    red, rule = "#b01e23", "#d9d9d9"
    read_on = linked(_("Read on"), red)
    stories = (
        (
            _("What really makes meetings shorter"),
            _("Twenty-five minutes, standing up, and one person who is allowed to stop it."),
        ),
        (
            _("The price of timber falls for the fourth month"),
            _("What it means for the jobs that are quoted this winter."),
        ),
        (
            _("A bakery that only sells yesterday's bread"),
            _("Half the price, twice the queue, and no waste at closing time."),
        ),
        (
            _("New rules for invoices from January"),
            _("The four fields that are missing on most of them."),
        ),
        (
            _("Why good signs are boring"),
            _("An hour with the woman who makes hospitals easy to find your way in."),
        ),
        (
            _("The best thing we read this week"),
            _("A short essay on finishing what one has begun."),
        ),
    )
    return [
        row(line("#111111", thickness=4, bottom=4), top=18, bottom=0),
        columns(
            "2-1",
            (heading(_("The short version"), 1, top=4, bottom=4),),
            (text("[[date.today]]", size=13, color="#5c5c5c", align="right", top=14, bottom=4),),
            vertical="bottom",
            top=0,
            bottom=0,
        ),
        row(
            line("#111111", top=4),
            text(_("Six things from the past week that are worth knowing. It takes four minutes.")),
            top=0,
            bottom=4,
        ),
        *(
            columns(
                (14, 86),
                (figure(str(number), 30, red, top=8, bottom=8),),
                (
                    heading(title, 3, top=10, bottom=2),
                    text(f"{words} {read_on}", size=15, top=2, bottom=10),
                ),
                stack=False,
                top=4,
                bottom=4,
            )
            for number, (title, words) in enumerate(stories, start=1)
        ),
        row(
            line(rule),
            quote(
                _("If it takes more than a page, you have not understood it yet."),
                _("Overheard at the printer's"),
                accent=red,
                top=14,
                bottom=14,
            ),
            top=8,
            bottom=4,
        ),
        row(
            text(
                strong(_("Did somebody forward this to you?")),
                _("It comes every Friday at noon."),
                size=15,
            ),
            button(_("Get it yourself"), size="s", radius=0),
            background="#f4f4f2",
            top=14,
            bottom=18,
        ),
        footer("#5c5c5c", align="left"),
    ]


@design(
    _l("Product news"),
    _l("One new thing, shown large, and three reasons"),
    background="#e4ebe7",
    surface="#ffffff",
    text_color="#3c4742",
    heading_color="#12332a",
    link_color="#12664f",
    button_color="#12664f",
)
def product() -> Rows:
    green, mint = "#12664f", "#eef5f1"
    return [
        row(company(align="center", color="#12332a"), top=14, bottom=14),
        row(
            image("product", _("A green armchair with oak legs"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            label(_("New this spring"), green, align="center"),
            heading(_("A chair for the end of the day"), 1, align="center", top=6),
            text(
                _(
                    "Two years, eleven prototypes and one aim: that you do not want to get up."
                    " Oak from forests nearby, wool that can be washed, and a back that gives"
                    " way when you do."
                ),
                align="center",
                size=17,
                left=20,
                right=20,
            ),
            button(_("See it from all sides"), align="center", radius=30, size="l"),
            top=22,
            bottom=26,
        ),
        columns(
            "1-1-1",
            *(
                (
                    image(f"product-{name}", "", width=36, top=8, bottom=6),
                    heading(title, 3, align="center", bottom=2),
                    text(words, size=15, align="center", top=2),
                )
                for name, title, words in (
                    ("leaf", _("Oak and wool"), _("Nothing that cannot be named.")),
                    ("tools", _("Can be mended"), _("Every part is sold separately.")),
                    ("years", _("For ten years"), _("That is how long we vouch for it.")),
                )
            ),
            background=mint,
            top=18,
            bottom=20,
        ),
        row(
            quote(
                _("I sat down to try it and forgot the next meeting."),
                _("One of the first twenty to have it"),
                accent=green,
                color="#12332a",
                size=20,
            ),
            button(_("Find a shop near you"), radius=30),
            top=26,
            bottom=26,
        ),
        footer("#4d5b55", background="#e4ebe7"),
    ]


@design(
    _l("Practical message"),
    _l("Opening hours, a move, a change: the facts first"),
    background="#e8ecf1",
    surface="#ffffff",
    font="verdana",
    text_color="#2e3a47",
    heading_color="#1d2b3a",
    link_color="#1f5f99",
    button_color="#1f5f99",
    width=560,
    margin=20,
)
def notice() -> Rows:
    blue, pale = "#1f5f99", "#eff4f9"
    hours = (
        (_("Monday 22 December"), _("9 to 17")),
        (_("Tuesday 23 December"), _("9 to 14")),
        (_("24–26 December"), _("closed")),
        (_("29 and 30 December"), _("10 to 15")),
        (_("From 2 January"), _("as usual")),
    )
    return [
        row(line(blue, thickness=6, top=0, bottom=0), edge=True, top=0, bottom=0),
        row(company(color=blue), top=18, bottom=4),
        row(
            heading(_("Our hours over the holidays"), 1),
            text(_("Good to know before you set out:"), bottom=4),
            top=0,
            bottom=8,
        ),
        *(
            columns(
                (62, 38),
                (text(day, size=15, top=6, bottom=6),),
                (text(strong(time), size=15, align="right", top=6, bottom=6),),
                stack=False,
                background=pale if number % 2 == 0 else "#ffffff",
                top=2,
                bottom=2,
            )
            for number, (day, time) in enumerate(hours)
        ),
        row(
            heading(_("If it cannot wait"), 3, bottom=2),
            text(
                _(
                    "Write to us and we answer the same day, the holidays included. Orders that"
                    " are in before noon on the 22nd are sent before Christmas."
                ),
                size=15,
            ),
            button(_("Write to us"), size="s", radius=4),
            top=18,
            bottom=8,
        ),
        row(text(_("Happy holidays,"), sender(), size=15), space(4), top=0, bottom=8),
        footer("#4f5c6b", align="left", background="#e8ecf1"),
    ]
