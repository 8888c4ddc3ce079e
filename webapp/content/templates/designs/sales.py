"""Around a purchase: an offer, the thanks afterwards, a customer's own story."""

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
    quote,
    row,
    sender,
    strong,
    text,
)
from webapp.platform.locales import _, _l


@design(
    _l("Offer"),
    _l("A number that is seen, four products and a last day"),
    background="#fbe3da",
    surface="#ffffff",
    text_color="#43302b",
    heading_color="#2e1b17",
    link_color="#b3321c",
    button_color="#b3321c",
)
def offer() -> Rows:
    coral, cream = "#b3321c", "#fff5ef"
    products = (
        ("pot", _("Coffee pot"), "449", "359"),
        ("bowl", _("Salad bowl"), "299", "239"),
        ("blanket", _("Wool blanket"), "899", "719"),
        ("candle", _("Candlestick"), "199", "159"),
    )
    return [
        row(
            company(color="#ffffff", align="center"),
            figure("−20%", 88, "#ffffff", align="center", top=14, bottom=0),
            heading(_("Everything for the table"), 1, color="#ffffff", align="center", top=0),
            text(
                _("From Friday to Sunday, in the shop and online."),
                color="#ffffff",
                align="center",
                size=17,
            ),
            button(
                _("Go to the table"),
                color="#ffffff",
                text_color=coral,
                align="center",
                radius=40,
                size="l",
            ),
            background=coral,
            top=18,
            bottom=30,
        ),
        *(
            columns(
                "1-1",
                *(
                    (
                        image(f"offer-{name}", title, radius=10, bottom=6),
                        text(strong(title), top=2, bottom=0),
                        text(
                            f"<s>{before}</s> &nbsp;"
                            f'{strong(f"""<span style="color:{coral}">{now}</span>""")}',
                            top=0,
                        ),
                    )
                    for name, title, before, now in pair
                ),
                stack=False,
                top=12 if first else 0,
                bottom=8,
            )
            for pair, first in ((products[:2], True), (products[2:], False))
        ),
        row(
            heading(_("It ends on Sunday at midnight"), 2, align="center", bottom=2),
            text(_("The code stands on the till and works online, too:"), align="center", top=4),
            figure("TABLE20", 26, coral, align="center", top=2, bottom=4),
            button(_("Use the code"), align="center", radius=40),
            background=cream,
            top=22,
            bottom=22,
        ),
        footer("#6f4a40", background="#fbe3da"),
    ]


@design(
    _l("Thank you for the order"),
    _l("What happens now, three tips and a helping hand"),
    background="#eef0e4",
    surface="#fffefa",
    heading_font="georgia",
    text_color="#3b4030",
    heading_color="#2b3320",
    link_color="#5a6b1f",
    button_color="#4d5c1b",
)
def thanks() -> Rows:
    olive, moss = "#5a6b1f", "#f3f5e8"
    tips = (
        ("thanks-water", _("Lukewarm, never hot"), _("Wash it by hand the first three times.")),
        ("thanks-oil", _("A drop of oil"), _("Once a year is enough to keep the wood happy.")),
        ("thanks-sun", _("Not in the sun"), _("A dry cupboard is the best place.")),
    )
    return [
        row(company(align="center"), top=16, bottom=12, background="#eef0e4"),
        row(
            image("thanks", _("A parcel on a doorstep"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            heading(_("Thank you. It is on its way"), 1, align="center"),
            text(
                greeting(),
                _(
                    "Your parcel left our house today, packed by hand and mostly in paper. It"
                    " should be with you in two or three days."
                ),
                align="center",
                left=24,
                right=24,
            ),
            button(_("Follow the parcel"), align="center", radius=6),
            top=22,
            bottom=20,
        ),
        row(
            heading(_("Make it last"), 2, bottom=2),
            background=moss,
            top=16,
            bottom=0,
        ),
        *(
            columns(
                (22, 78),
                (image(picture, "", align="left", top=6, bottom=6),),
                (text(f"{strong(title)}<br>{words}", size=15, top=6, bottom=6),),
                stack=False,
                vertical="middle",
                background=moss,
                top=2,
                bottom=2,
            )
            for picture, title, words in tips
        ),
        row(line("#d5dac0", bottom=0), background=moss, top=6, bottom=0),
        row(
            heading(_("Something not right?"), 3, bottom=2),
            text(
                _("Answer this e-mail. A person reads it, usually within the hour."),
                linked(_("Exchange or return"), olive),
            ),
            text(_("Warm regards,"), sender(), top=4),
            top=18,
            bottom=18,
        ),
        footer(
            "#5b6149",
            why=_("You get this e-mail because you bought something from us."),
            background="#eef0e4",
        ),
    ]


@design(
    _l("Customer story"),
    _l("A face, a quote and three figures"),
    background="#e3eeee",
    surface="#ffffff",
    heading_font="georgia",
    text_color="#33474a",
    heading_color="#0f3438",
    link_color="#0d6670",
    button_color="#0d6670",
)
def story() -> Rows:
    teal, deep = "#0d6670", "#0f3438"
    figures = (
        ("40", _("fewer calls each week")),
        ("3 h", _("saved every Friday")),
        ("9/10", _("customers come back")),
    )
    return [
        row(company(color=deep), top=18, bottom=10),
        row(
            image("story", _("A baker in front of her shop"), top=0, bottom=0),
            edge=True,
            top=0,
            bottom=0,
        ),
        row(
            label(_("Customer story"), teal),
            heading(_("How a bakery got its mornings back"), 1, top=6),
            text(
                _(
                    "Maria's bakery has four ovens, eleven employees and one telephone. Until"
                    " last spring it rang from six to noon. This is what she did about it, and"
                    " why her customers are happier for it."
                ),
                size=17,
            ),
            top=24,
            bottom=8,
        ),
        columns(
            "1-1-1",
            *(
                (
                    figure(number, 40, "#ffffff", align="center", top=10, bottom=0),
                    text(words, size=14, color="#d3e8ea", align="center", top=0, bottom=12),
                )
                for number, words in figures
            ),
            background=deep,
            top=8,
            bottom=8,
        ),
        row(
            quote(
                _("I thought people wanted to talk to us. They wanted bread at seven."),
                _("Maria Lund, baker"),
                accent=teal,
                color=deep,
                size=22,
            ),
            text(
                _(
                    "The first week was hard. The second was quiet. In the third, somebody said"
                    " it aloud: we have time to bake."
                )
            ),
            button(_("Read Maria's story"), radius=6),
            top=24,
            bottom=24,
        ),
        row(
            heading(_("And you?"), 3, bottom=2),
            text(
                _("Tell us what rings all morning at your place. We come by and look at it."),
                linked(_("Talk to us"), teal),
                size=15,
            ),
            background="#f1f7f7",
            top=14,
            bottom=14,
        ),
        footer("#4b5f62", background="#e3eeee"),
    ]
